using System.Text.Json;
using RwkvSk.Engine.Constraints.Grammars;

namespace RwkvSk.Engine.Constraints.Schemas;

/// <summary>Values that are listed: <c>enum</c> and <c>const</c>.</summary>
internal sealed class EnumCompiler(SchemaCompiler compiler, StringCompiler strings)
{
    private static readonly string[] Structural =
    [
        "properties", "patternProperties", "additionalProperties", "required", "minProperties", "maxProperties", "propertyNames",
        "items", "prefixItems", "additionalItems", "minItems", "maxItems", "uniqueItems",
    ];

    public static bool Applies(IReadOnlyList<SchemaLocation> schemas) => schemas.Any(static s => s.Has("enum") || s.Has("const"));

    public GrammarNode Compile(IReadOnlyList<SchemaLocation> schemas, JsonTypes types)
    {
        IEnumerable<JsonElement>? values = null;
        foreach (var list in schemas.SelectMany(ListsOf))
        {
            values = values?.Where(value => list.Any(other => JsonElement.DeepEquals(value, other))).ToArray() ?? list;
        }

        var texts = values!.Where(value => Allows(schemas, types, value)).Select(compiler.Grammar.TextOf).ToArray();
        return texts.Length > 0
            ? compiler.Grammar.AnyLiteral(texts)
            : compiler.Nothing(schemas[0].Path, "none of the listed values satisfies the other keywords");
    }

    private static IEnumerable<JsonElement[]> ListsOf(SchemaLocation schema)
    {
        if (schema.TryGet("enum", out var list))
        {
            yield return list.ValueKind is JsonValueKind.Array ? [.. list.EnumerateArray()] : throw schema.Refuse("enum", "an array of values is expected");
        }

        if (schema.TryGet("const", out var value))
        {
            yield return [value];
        }
    }

    private bool Allows(IReadOnlyList<SchemaLocation> schemas, JsonTypes types, JsonElement value)
    {
        var type = JsonTypesReader.Of(value);
        if ((types & type) == 0)
        {
            return false;
        }

        switch (type)
        {
            case JsonTypes.Integer or JsonTypes.Fractional:
                return !JsonDecimal.TryParse(value, out var number) || NumberCompiler.RangeOf(schemas, types).Contains(number);
            case JsonTypes.String:
                return strings.Allows(schemas, value.GetString()!);
            case JsonTypes.Array or JsonTypes.Object
                when schemas.SelectMany(static s => Structural.Where(s.Has).Select(k => (Schema: s, Keyword: k))).FirstOrDefault() is { Schema: { } owner } beside
                    && !owner.IsGuest:
                throw owner.Refuse(beside.Keyword, "it stands beside a list of values with objects or arrays, which is not supported; list only what satisfies it");
            default:
                return true;
        }
    }
}
