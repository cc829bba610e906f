using System.Text.Json;
using System.Text.RegularExpressions;
using Microsoft.SemanticKernel;

namespace RwkvSk.Connector.Prompting;

/// <summary>Decides whether a piece of JSON is a function call, and reads it.</summary>
internal static partial class ToolCallReader
{
    private static readonly JsonDocumentOptions Lenient = new() { AllowTrailingCommas = true, CommentHandling = JsonCommentHandling.Skip };

    /// <summary>Reads one call, or a list of calls, from a whole JSON value. Nothing comes back for JSON that is no call, or that is not well formed.</summary>
    /// <param name="json">The value.</param>
    /// <param name="names">The advertised names: an object with no arguments is a call only if it names one of them.</param>
    public static IReadOnlyList<AnswerCall> Read(string json, IReadOnlySet<string> names)
    {
        JsonDocument document;
        try
        {
            document = JsonDocument.Parse(json, Lenient);
        }
        catch (JsonException error)
        {
            return Damaged(json, error) is { } call ? [call] : [];
        }

        using (document)
        {
            var root = document.RootElement;
            if (root.ValueKind is not JsonValueKind.Array)
            {
                return One(root, names) is { } call ? [call] : [];
            }

            var calls = root.EnumerateArray().Select(element => One(element, names)).ToList();
            return calls.Count > 0 && calls.TrueForAll(static call => call is not null) ? [.. calls.OfType<AnswerCall>()] : [];
        }
    }

    /// <summary>Makes a call with an error out of damaged JSON that had named a function; null when it had not come that far.</summary>
    public static AnswerCall? Damaged(string json, Exception? cause = null)
    {
        var match = Beginning().Match(json);
        return match.Success
            ? new AnswerCall(match.Groups["name"].Value, [], json, new KernelException("Error: Function call arguments were invalid JSON.", cause))
            : null;
    }

    private static AnswerCall? One(JsonElement element, IReadOnlySet<string> names)
    {
        if (element.ValueKind is not JsonValueKind.Object || !element.TryGetProperty("name", out var nameValue) || nameValue.ValueKind is not JsonValueKind.String)
        {
            return null;
        }

        var name = nameValue.GetString()!;
        var hasArguments = element.TryGetProperty("arguments", out var arguments);
        var others = element.EnumerateObject().Any(static property => property.Name is not ("name" or "arguments"));
        if (others || (!hasArguments && !names.Contains(name)))
        {
            return null;
        }

        return arguments.ValueKind switch
        {
            JsonValueKind.Undefined or JsonValueKind.Null => new AnswerCall(name, [], "{}"),
            JsonValueKind.Object => new AnswerCall(name, Arguments(arguments), arguments.GetRawText()),
            JsonValueKind.String => FromText(name, arguments.GetString()!),
            _ => Invalid(name, arguments.GetRawText(), null),
        };
    }

    /// <summary>Some models write the arguments as a string that holds JSON.</summary>
    private static AnswerCall FromText(string name, string json)
    {
        try
        {
            using var document = JsonDocument.Parse(json, Lenient);
            return document.RootElement.ValueKind is JsonValueKind.Object
                ? new AnswerCall(name, Arguments(document.RootElement), json)
                : Invalid(name, json, null);
        }
        catch (JsonException error)
        {
            return Invalid(name, json, error);
        }
    }

    private static AnswerCall Invalid(string name, string json, Exception? cause) =>
        new(name, [], json, new KernelException("Error: Function call arguments were invalid JSON.", cause));

    /// <summary>An argument given twice counts as it was given last.</summary>
    private static List<KeyValuePair<string, JsonElement>> Arguments(JsonElement element) =>
        [.. element.EnumerateObject().GroupBy(static property => property.Name).Select(static same => KeyValuePair.Create(same.Key, same.Last().Value.Clone()))];

    [GeneratedRegex("""^\s*\[?\s*\{\s*"name"\s*:\s*"(?<name>(?:[^"\\]|\\.)*)""", RegexOptions.CultureInvariant)]
    private static partial Regex Beginning();
}
