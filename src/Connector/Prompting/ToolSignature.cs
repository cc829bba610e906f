using System.Text.Encodings.Web;
using System.Text.Json;

namespace RwkvSk.Connector.Prompting;

/// <summary>Writes a parameter's JSON Schema as the short type the tools block shows: <c>string</c>, <c>number</c>, <c>"a" | "b"</c>, …</summary>
internal static class ToolSignature
{
    private const int MaximumDescription = 120;

    private static readonly JsonSerializerOptions Relaxed = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>One line of the tools block, without the dash.</summary>
    public static string Line(ToolDeclaration tool)
    {
        var parameters = tool.Parameters().Select(p => $"{p.Name}{(p.Required ? "" : "?")}: {TypeName(p.Schema, tool.Schema)}");
        var signature = $"{tool.Name}({string.Join(", ", parameters)})";
        var description = FirstLine(tool.Description);
        return description.Length > 0 ? $"{signature}: {description}" : signature;
    }

    /// <summary>The short type of one schema; <paramref name="root"/> holds the definitions it may refer to.</summary>
    public static string TypeName(JsonElement schema, JsonElement root)
    {
        schema = Resolve(schema, root);
        if (schema.ValueKind is not JsonValueKind.Object)
        {
            return "any";
        }

        if (schema.TryGetProperty("enum", out var values) && values.ValueKind is JsonValueKind.Array)
        {
            return Union(values.EnumerateArray().Where(static value => value.ValueKind is not JsonValueKind.Null).Select(Literal));
        }

        if (schema.TryGetProperty("const", out var constant))
        {
            return Literal(constant);
        }

        if (schema.TryGetProperty("type", out var type))
        {
            return type.ValueKind is JsonValueKind.Array
                ? Union(type.EnumerateArray().Select(static name => name.GetString() ?? "any").Where(static name => name != "null"))
                : type.GetString() ?? "any";
        }

        foreach (var keyword in (ReadOnlySpan<string>)["anyOf", "oneOf"])
        {
            if (schema.TryGetProperty(keyword, out var branches) && branches.ValueKind is JsonValueKind.Array)
            {
                return Union(branches.EnumerateArray().Select(branch => TypeName(branch, root)).Where(static name => name != "null"));
            }
        }

        return schema.TryGetProperty("properties", out _) ? "object" : "any";
    }

    /// <summary>Follows local references; one that leads nowhere (wrapped functions may lose their definitions) gives the schema itself.</summary>
    internal static JsonElement Resolve(JsonElement schema, JsonElement root)
    {
        for (var hops = 0; hops < 8 && schema.ValueKind is JsonValueKind.Object && schema.TryGetProperty("$ref", out var reference); hops++)
        {
            var target = root;
            foreach (var step in (reference.GetString() ?? "").Split('/').Skip(1))
            {
                if (target.ValueKind is not JsonValueKind.Object || !target.TryGetProperty(step.Replace("~1", "/", StringComparison.Ordinal).Replace("~0", "~", StringComparison.Ordinal), out target))
                {
                    return schema;
                }
            }

            schema = target;
        }

        return schema;
    }

    private static string Literal(JsonElement value) => JsonSerializer.Serialize(value, Relaxed);

    private static string Union(IEnumerable<string> names)
    {
        var text = string.Join(" | ", names.Distinct());
        return text.Length > 0 ? text : "any";
    }

    private static string FirstLine(string? description)
    {
        var line = (description ?? "").AsSpan().Trim();
        var end = line.IndexOfAny('\r', '\n');
        line = (end < 0 ? line : line[..end]).TrimEnd();
        if (line.Length > MaximumDescription)
        {
            // Never half of a surrogate pair.
            line = line[..(char.IsHighSurrogate(line[MaximumDescription - 1]) ? MaximumDescription - 1 : MaximumDescription)].TrimEnd();
        }

        return line.ToString();
    }
}
