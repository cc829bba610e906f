using System.Buffers;
using System.Globalization;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using Microsoft.Extensions.AI;

namespace RwkvSk.Connector.Prompting;

/// <summary>How tools, calls and results are written in a prompt. Models are trained on exactly these texts.</summary>
internal static class ToolCallFormat
{
    /// <summary>What opens a call inside an assistant's turn.</summary>
    public const string CallOpening = "```json";

    /// <summary>What closes it.</summary>
    public const string CallClosing = "```";

    /// <summary>The first line of a result's turn.</summary>
    public const string ResultOpening = "Function output:";

    /// <summary>What a result says that could not be given as a picture.</summary>
    public const string NoPictureInResult = "Error: This model does not support image content in tool results.";

    private static readonly JsonSerializerOptions Compact = new(AIJsonUtilities.DefaultOptions) { WriteIndented = false, Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };
    private static readonly JsonWriterOptions CompactWriter = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>The tools block that ends the system text. It does not depend on whether a call is required, so it stays the same through a conversation.</summary>
    public static string Tools(IEnumerable<ToolDeclaration> tools)
    {
        var text = new StringBuilder("Tools:\n");
        foreach (var tool in tools)
        {
            text.Append("- ").Append(TurnText.Clean(ToolSignature.Line(tool)).Replace('\n', ' ')).Append('\n');
        }

        return text.Append("Return a JSON function call when a tool fits.").ToString();
    }

    /// <summary>A call as the assistant's turn holds it: fenced compact JSON.</summary>
    public static string Call(ToolCall call, IEnumerable<ToolDeclaration> tools) => $"{CallOpening}\n{CallJson(call, tools)}\n{CallClosing}";

    /// <summary>
    /// Compact JSON with the arguments in declared order. A string given for a number, a boolean or a structure is written as that: Semantic
    /// Kernel hands arguments back as strings, and a history must read as the model wrote it.
    /// </summary>
    public static string CallJson(ToolCall call, IEnumerable<ToolDeclaration> tools)
    {
        var tool = tools.FirstOrDefault(t => t.Name == call.Name);
        var declared = tool?.Parameters().ToList() ?? [];
        var order = declared.Select(static (p, i) => (p.Name, i)).ToDictionary(static p => p.Name, static p => p.i, StringComparer.Ordinal);

        var buffer = new ArrayBufferWriter<byte>();
        using (var writer = new Utf8JsonWriter(buffer, CompactWriter))
        {
            writer.WriteStartObject();
            writer.WriteString("name", call.Name);
            writer.WriteStartObject("arguments");
            foreach (var (name, value) in call.Arguments.OrderBy(a => order.GetValueOrDefault(a.Key, int.MaxValue)))
            {
                writer.WritePropertyName(name);
                WriteValue(writer, value, order.TryGetValue(name, out var index) ? ToolSignature.TypeName(declared[index].Schema, tool!.Schema) : "any");
            }

            writer.WriteEndObject();
            writer.WriteEndObject();
        }

        return Encoding.UTF8.GetString(buffer.WrittenSpan);
    }

    /// <summary>A function's result as text: strings as they are, errors as a sentence, anything else as compact JSON.</summary>
    public static string Result(object? result) => result switch
    {
        null => "",
        string text => text,
        JsonElement { ValueKind: JsonValueKind.String } text => text.GetString() ?? "",
        JsonElement { ValueKind: JsonValueKind.Null or JsonValueKind.Undefined } => "",
        Exception error => $"Error: Exception while invoking function. {error.Message}",
        _ => JsonSerializer.Serialize(result, Compact),
    };

    private static void WriteValue(Utf8JsonWriter writer, object? value, string type)
    {
        var text = value switch
        {
            string plain => plain,
            JsonElement { ValueKind: JsonValueKind.String } element => element.GetString(),
            _ => null,
        };
        if (text is null)
        {
            JsonSerializer.Serialize(writer, value, Compact);
        }
        else if (type == "boolean" && bool.TryParse(text, out var flag))
        {
            writer.WriteBooleanValue(flag);   // .NET writes "True"
        }
        else if (IsJsonOf(type, text))
        {
            writer.WriteRawValue(Minify(text));
        }
        else
        {
            writer.WriteStringValue(text);
        }
    }

    /// <summary>Whether a string is the JSON text of a value of the declared (non-string) type.</summary>
    private static bool IsJsonOf(string type, string text) => type switch
    {
        "integer" => long.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out _) && IsJson(text, JsonValueKind.Number),
        "number" => IsJson(text, JsonValueKind.Number),
        "array" => IsJson(text, JsonValueKind.Array),
        "object" => IsJson(text, JsonValueKind.Object),
        _ => false,
    };

    private static bool IsJson(string text, JsonValueKind kind)
    {
        try
        {
            using var document = JsonDocument.Parse(text);
            return document.RootElement.ValueKind == kind;
        }
        catch (JsonException)
        {
            return false;
        }
    }

    private static string Minify(string json)
    {
        using var document = JsonDocument.Parse(json);
        return JsonSerializer.Serialize(document.RootElement, Compact);
    }
}
