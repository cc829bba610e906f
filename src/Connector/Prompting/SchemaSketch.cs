using System.Text.Json;

namespace RwkvSk.Connector.Prompting;

/// <summary>Tells a model in a few words what JSON is wanted. The constraint makes the answer fit; this makes it make sense.</summary>
internal static class SchemaSketch
{
    private const int MaximumDepth = 4;

    /// <summary>The instruction that goes before the answer.</summary>
    public static string Instruction(JsonElement? schema) =>
        schema is { ValueKind: JsonValueKind.Object } known && Describe(known, known, 0) is { } sketch and not "any" ? $"Answer as JSON: {sketch}" : "Answer as JSON.";

    /// <summary>A schema as <c>{name: string, tags?: string[]}</c>.</summary>
    internal static string Describe(JsonElement schema, JsonElement root, int depth)
    {
        schema = ToolSignature.Resolve(schema, root);
        if (depth >= MaximumDepth || schema.ValueKind is not JsonValueKind.Object)
        {
            return ToolSignature.TypeName(schema, root);
        }

        if (schema.TryGetProperty("properties", out var properties) && properties.ValueKind is JsonValueKind.Object)
        {
            var members = new ToolDeclaration("", "", schema).Parameters().Select(p => $"{p.Name}{(p.Required ? "" : "?")}: {Describe(p.Schema, root, depth + 1)}");
            return $"{{{string.Join(", ", members)}}}";
        }

        if (schema.TryGetProperty("items", out var items) && items.ValueKind is JsonValueKind.Object)
        {
            var item = Describe(items, root, depth + 1);
            return item.Contains('|', StringComparison.Ordinal) ? $"({item})[]" : $"{item}[]";
        }

        return ToolSignature.TypeName(schema, root);
    }
}
