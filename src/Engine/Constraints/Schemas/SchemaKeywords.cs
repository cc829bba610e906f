using System.Text.Json;

namespace RwkvSk.Engine.Constraints.Schemas;

/// <summary>What is done with which keyword. Every one that is in neither list is an annotation and says nothing about the answer.</summary>
internal static class SchemaKeywords
{
    private static readonly HashSet<string> Asserting = new(StringComparer.Ordinal)
    {
        "type", "enum", "const", "anyOf", "oneOf",
        "minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "multipleOf",
        "minLength", "maxLength", "pattern", "format",
        "items", "prefixItems", "additionalItems", "minItems", "maxItems", "uniqueItems",
        "properties", "patternProperties", "additionalProperties", "required", "minProperties", "maxProperties", "propertyNames",
    };

    private static readonly Dictionary<string, string> Refused = new(StringComparer.Ordinal)
    {
        ["not"] = "what an answer must not be cannot be expressed",
        ["if"] = "conditions cannot be expressed",
        ["dependentSchemas"] = "dependencies between properties cannot be expressed",
        ["dependentRequired"] = "dependencies between properties cannot be expressed",
        ["dependencies"] = "dependencies between properties cannot be expressed",
        ["contains"] = "what some item must be cannot be expressed",
        ["unevaluatedItems"] = "unevaluated items cannot be expressed",
        ["unevaluatedProperties"] = "unevaluated properties cannot be expressed",
        ["$dynamicRef"] = "dynamic references cannot be expressed",
        ["$recursiveRef"] = "dynamic references cannot be expressed",
    };

    /// <summary>Whether a schema says anything by itself.</summary>
    public static bool Asserts(JsonElement schema) => schema.EnumerateObject().Any(static member => Asserting.Contains(member.Name));

    /// <summary>Refuses what cannot be expressed, by its path.</summary>
    public static void Check(SchemaLocation location)
    {
        if (location.Schema.ValueKind is not JsonValueKind.Object)
        {
            throw new ConstraintException(location.Path, "a schema is an object or a boolean");
        }

        foreach (var member in location.Schema.EnumerateObject())
        {
            if (Refused.TryGetValue(member.Name, out var reason) && !SaysNothing(location, member))
            {
                throw location.Refuse(member.Name, reason);
            }
        }
    }

    private static bool SaysNothing(SchemaLocation location, JsonProperty member) => member.Name switch
    {
        "if" => !location.Has("then") && !location.Has("else"),
        "not" => member.Value.ValueKind is JsonValueKind.False,
        "unevaluatedItems" or "unevaluatedProperties" => member.Value.ValueKind is JsonValueKind.True,
        _ => member.Value.ValueKind is JsonValueKind.Object && !member.Value.EnumerateObject().Any() && member.Name is not "contains",
    };
}
