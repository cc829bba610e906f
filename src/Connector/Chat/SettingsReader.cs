using System.Collections;
using System.Globalization;
using System.Text.Json;
using Microsoft.SemanticKernel;

namespace RwkvSk.Connector;

/// <summary>
/// Reads settings by their JSON names, whatever type the values came in: numbers, strings, <see cref="JsonElement"/>. Nothing goes through text, so
/// functions keep their identity and no type information is needed.
/// </summary>
internal static class SettingsReader
{
    /// <summary>Reads base settings, or another connector's.</summary>
    public static RwkvPromptExecutionSettings Read(PromptExecutionSettings settings)
    {
        var result = new RwkvPromptExecutionSettings
        {
            ServiceId = settings.ServiceId,
            ModelId = settings.ModelId,
            FunctionChoiceBehavior = settings.FunctionChoiceBehavior,
        };
        var rest = new Dictionary<string, object>();
        foreach (var (key, value) in Values(settings))
        {
            if (!TryApply(result, key, value))
            {
                rest[key] = value!;
            }
        }

        result.ExtensionData = rest.Count > 0 ? rest : null;
        return result;
    }

    /// <summary>Sets the setting called <paramref name="key"/> (in any case); false when there is none of that name.</summary>
    public static bool TryApply(RwkvPromptExecutionSettings settings, string key, object? value)
    {
        try
        {
            return Apply(settings, key, value);
        }
        catch (Exception error) when (error is FormatException or InvalidCastException or OverflowException or InvalidOperationException)
        {
            throw new ArgumentException($"The setting '{key}' cannot be read from '{value}'.", nameof(value), error);
        }
    }

    private static bool Apply(RwkvPromptExecutionSettings settings, string key, object? value)
    {
#pragma warning disable CA1308 // The names are lower case by convention.
        switch (key.ToLowerInvariant())
#pragma warning restore CA1308
        {
            case "temperature":
                settings.Temperature = Number(value);
                return true;
            case "top_p" or "topp":
                settings.TopP = Number(value);
                return true;
            case "top_k" or "topk":
                settings.TopK = (int?)Integer(value);
                return true;
            case "presence_penalty":
                settings.PresencePenalty = Number(value);
                return true;
            case "frequency_penalty":
                settings.FrequencyPenalty = Number(value);
                return true;
            case "penalty_decay":
                settings.PenaltyDecay = Number(value);
                return true;
            case "seed":
                settings.Seed = Integer(value);
                return true;
            case "max_tokens" or "max_output_tokens" or "max_completion_tokens":
                settings.MaxTokens = checked((int?)Integer(value));
                return true;
            case "stop_sequences" or "stop":
                settings.StopSequences = Strings(value);
                return true;
            case "response_format":
                settings.ResponseFormat = value;
                return true;
            case "reasoning_effort":
                settings.ReasoningEffort = Text(value);
                return true;
            case "chat_system_prompt" or "chat_developer_prompt" or "systeminstruction":
                settings.ChatSystemPrompt = Text(value);
                return true;
            case "persona":
                settings.Persona = Text(value);
                return true;
            case "conversation_id":
                settings.ConversationId = Text(value);
                return true;
            case "cache_scope":
                settings.CacheScope = Text(value);
                return true;
            case "read_ahead":
                settings.ReadAhead = Flag(value);
                return true;
            case "prompt":
                settings.Prompt = Text(value);
                return true;
            default:
                return false;
        }
    }

    /// <summary>Another connector's typed settings are read through the names they are serialized with.</summary>
    private static IEnumerable<KeyValuePair<string, object?>> Values(PromptExecutionSettings settings)
    {
        if (settings.GetType() != typeof(PromptExecutionSettings))
        {
            var element = JsonSerializer.SerializeToElement(settings, settings.GetType());
            foreach (var property in element.EnumerateObject().Where(static p => p.Name is not ("service_id" or "model_id" or "function_choice_behavior")))
            {
                yield return new(property.Name, property.Value);
            }

            yield break;
        }

        foreach (var (key, value) in settings.ExtensionData ?? new Dictionary<string, object>())
        {
            yield return new(key, value);
        }
    }

    private static float? Number(object? value) => value switch
    {
        null or JsonElement { ValueKind: JsonValueKind.Null } => null,
        JsonElement { ValueKind: JsonValueKind.Number } element => element.GetSingle(),
        JsonElement element => Number(element.GetString()),
        string text => float.Parse(text, NumberStyles.Float, CultureInfo.InvariantCulture),
        _ => Convert.ToSingle(value, CultureInfo.InvariantCulture),
    };

    private static long? Integer(object? value) => value switch
    {
        null or JsonElement { ValueKind: JsonValueKind.Null } => null,
        JsonElement { ValueKind: JsonValueKind.Number } element => element.TryGetInt64(out var integer) ? integer : Whole(element.GetDouble()),
        JsonElement element => Integer(element.GetString()),
        string text => long.TryParse(text, NumberStyles.Integer, CultureInfo.InvariantCulture, out var integer)
            ? integer
            : Whole(double.Parse(text, NumberStyles.Float, CultureInfo.InvariantCulture)),
        double or float or decimal => Whole(Convert.ToDouble(value, CultureInfo.InvariantCulture)),
        _ => Convert.ToInt64(value, CultureInfo.InvariantCulture),
    };

    private static long Whole(double value) => Math.Floor(value) == value ? checked((long)value) : throw new FormatException($"{value} is no whole number.");

    private static string? Text(object? value) => value switch
    {
        null or JsonElement { ValueKind: JsonValueKind.Null } => null,
        JsonElement element => element.GetString(),
        _ => Convert.ToString(value, CultureInfo.InvariantCulture),
    };

    private static bool? Flag(object? value) => value switch
    {
        null or JsonElement { ValueKind: JsonValueKind.Null } => null,
        JsonElement { ValueKind: JsonValueKind.True or JsonValueKind.False } element => element.GetBoolean(),
        JsonElement element => Flag(element.GetString()),
        _ => Convert.ToBoolean(value, CultureInfo.InvariantCulture),
    };

    private static List<string>? Strings(object? value) => value switch
    {
        null or JsonElement { ValueKind: JsonValueKind.Null } => null,
        string text => [text],
        JsonElement { ValueKind: JsonValueKind.Array } element => [.. element.EnumerateArray().Select(static item => item.GetString()!)],
        JsonElement element => [element.GetString()!],
        IEnumerable items => [.. items.Cast<object?>().Select(static item => Text(item)!)],
        _ => throw new FormatException("It is neither a string nor a list of strings."),
    };
}
