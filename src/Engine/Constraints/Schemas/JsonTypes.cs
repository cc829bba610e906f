using System.Text.Json;

namespace RwkvSk.Engine.Constraints.Schemas;

/// <summary>Kinds of JSON values. Numbers are split, because <c>integer</c> means a part of them.</summary>
[Flags]
internal enum JsonTypes
{
    None = 0,
    Null = 1,
    Boolean = 2,
    Integer = 4,
    Fractional = 8,
    Number = Integer | Fractional,
    String = 16,
    Array = 32,
    Object = 64,
    All = Null | Boolean | Number | String | Array | Object,
}

/// <summary>Reads the keyword <c>type</c>.</summary>
internal static class JsonTypesReader
{
    /// <summary>The types that all of <paramref name="schemas"/> allow.</summary>
    public static JsonTypes Of(IEnumerable<SchemaLocation> schemas)
    {
        var types = JsonTypes.All;
        foreach (var schema in schemas)
        {
            if (schema.TryGet("type", out var type))
            {
                types &= type.ValueKind is JsonValueKind.Array
                    ? type.EnumerateArray().Aggregate(JsonTypes.None, (sum, name) => sum | One(schema, name))
                    : One(schema, type);
            }
        }

        return types;
    }

    /// <summary>The type of a value.</summary>
    public static JsonTypes Of(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.Null => JsonTypes.Null,
        JsonValueKind.True or JsonValueKind.False => JsonTypes.Boolean,
        JsonValueKind.String => JsonTypes.String,
        JsonValueKind.Array => JsonTypes.Array,
        JsonValueKind.Object => JsonTypes.Object,
        _ => Grammars.JsonDecimal.TryParse(value, out var number) && number.Scale == 0 ? JsonTypes.Integer : JsonTypes.Fractional,
    };

    private static JsonTypes One(SchemaLocation schema, JsonElement name) => (name.ValueKind is JsonValueKind.String ? name.GetString() : null) switch
    {
        "null" => JsonTypes.Null,
        "boolean" => JsonTypes.Boolean,
        "integer" => JsonTypes.Integer,
        "number" => JsonTypes.Number,
        "string" => JsonTypes.String,
        "array" => JsonTypes.Array,
        "object" => JsonTypes.Object,
        _ => throw schema.Refuse("type", $"{name.GetRawText()} is not a JSON type"),
    };
}
