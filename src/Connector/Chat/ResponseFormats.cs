using System.Text.Json;
using Microsoft.Extensions.AI;

namespace RwkvSk.Connector;

/// <summary>Reads every spelling of <c>response_format</c>.</summary>
internal static class ResponseFormats
{
    /// <summary>.NET types are made strict, as structured output expects: all properties are required and no others are allowed.</summary>
    private static readonly AIJsonSchemaCreateOptions Strict = new()
    {
        TransformOptions = new AIJsonSchemaTransformOptions { DisallowAdditionalProperties = true, RequireAllProperties = true, MoveDefaultKeywordToDescription = true },
    };

    /// <summary>The format a value asks for; null for none.</summary>
    /// <exception cref="ArgumentException">It is no known spelling.</exception>
    public static ChatResponseFormat? Normalize(object? value) => value switch
    {
        null or JsonElement { ValueKind: JsonValueKind.Null or JsonValueKind.Undefined } => null,
        ChatResponseFormat format => format,
        Type type => ChatResponseFormat.ForJsonSchema(AIJsonUtilities.CreateJsonSchema(type, inferenceOptions: Strict), type.Name),
        string name => FromName(name),
        JsonElement { ValueKind: JsonValueKind.String } name => FromName(name.GetString()!),
        JsonElement element => FromJson(element),
        JsonDocument document => FromJson(document.RootElement),
        System.Text.Json.Nodes.JsonNode node => FromJson(JsonSerializer.SerializeToElement(node)),
        _ => throw new ArgumentException(
            $"response_format is a {value.GetType().Name}; expected \"text\", \"json_object\", a JSON schema, a Type or a ChatResponseFormat.", nameof(value)),
    };

    private static ChatResponseFormat FromName(string text) => text.Trim() switch
    {
        "text" => ChatResponseFormat.Text,
        "json_object" or "json" => ChatResponseFormat.Json,
        ['{', ..] json => FromJson(Parse(json)),
        _ => throw new ArgumentException($"response_format is '{text}'; expected \"text\", \"json_object\" or a JSON schema.", nameof(text)),
    };

    private static JsonElement Parse(string json)
    {
        try
        {
            return JsonElement.Parse(json);
        }
        catch (JsonException error)
        {
            throw new ArgumentException($"response_format is no well-formed JSON: {error.Message}", nameof(json), error);
        }
    }

    /// <summary>Either OpenAI's wrapper or the schema itself.</summary>
    private static ChatResponseFormat FromJson(JsonElement element)
    {
        if (element.ValueKind is JsonValueKind.True)
        {
            return ChatResponseFormat.Json;
        }

        if (element.ValueKind is not JsonValueKind.Object)
        {
            throw new ArgumentException($"response_format is a JSON {element.ValueKind}; expected a string or an object.", nameof(element));
        }

        var type = element.TryGetProperty("type", out var typeValue) && typeValue.ValueKind is JsonValueKind.String ? typeValue.GetString() : null;
        switch (type)
        {
            case "text":
                return ChatResponseFormat.Text;
            case "json_object":
                return ChatResponseFormat.Json;
            case "json_schema":
                var wrapper = element.TryGetProperty("json_schema", out var inner) ? inner : element;
                if (!wrapper.TryGetProperty("schema", out var schema))
                {
                    throw new ArgumentException("response_format has the type \"json_schema\" but no schema.", nameof(element));
                }

                return ChatResponseFormat.ForJsonSchema(schema, StringOf(wrapper, "name"), StringOf(wrapper, "description"));
            default:
                return ChatResponseFormat.ForJsonSchema(element, StringOf(element, "title"));
        }
    }

    private static string? StringOf(JsonElement element, string name) =>
        element.TryGetProperty(name, out var value) && value.ValueKind is JsonValueKind.String ? value.GetString() : null;
}
