using System.Text.Json;

namespace RwkvSk.Engine.Constraints.Schemas;

/// <summary>What a set of schemas says about an object, sorted by property.</summary>
internal sealed class ObjectShape
{
    private readonly IReadOnlyList<SchemaLocation> _schemas;
    private readonly StringCompiler _strings;
    private readonly HashSet<string> _required;

    public ObjectShape(IReadOnlyList<SchemaLocation> schemas, StringCompiler strings)
    {
        (_schemas, _strings) = (schemas, strings);
        Minimum = schemas.Max(static s => s.Count("minProperties") ?? 0);
        Maximum = schemas.Min(static s => s.Count("maxProperties") ?? Grammars.Terminal.Unlimited);
        _required = [.. schemas.SelectMany(RequiredBy)];

        var hosts = schemas.Where(static s => !s.IsGuest).ToArray();
        var declared = hosts.SelectMany(static s => s.Members("properties")).Select(static m => m.Name);
        string[] demanded = [.. hosts.SelectMany(RequiredBy)];
        Names = [.. declared.Concat(demanded).Distinct(StringComparer.Ordinal)];
        SaysOthers = hosts.Any(static s => s.Has("additionalProperties") || s.Has("patternProperties"));
        IsFree = !SaysOthers && demanded.Length == 0 && !hosts.Any(static s => s.Has("properties"));

        // What only a guest demands must be written all the same, where others may be written at all.
        if (SaysOthers || IsFree)
        {
            Names = [.. Names.Union(_required, StringComparer.Ordinal)];
        }
    }

    public int Minimum { get; }

    public int Maximum { get; }

    /// <summary>The properties that are written by name, in their order.</summary>
    public IReadOnlyList<string> Names { get; }

    /// <summary>Nothing is declared: any further property may be written.</summary>
    public bool IsFree { get; }

    /// <summary>Further properties are spoken of, so they may be written as far as that goes.</summary>
    public bool SaysOthers { get; }

    /// <summary>A property is demanded that cannot be written.</summary>
    public string? Impossible => _required.FirstOrDefault(name => !Names.Contains(name, StringComparer.Ordinal));

    public bool IsRequired(string name) => _required.Contains(name);

    /// <summary>The schemas of one property.</summary>
    public IEnumerable<SchemaLocation> SchemasOf(string name)
    {
        foreach (var schema in _schemas)
        {
            var isSpoken = false;
            if (schema.TryGet("properties", out var properties) && properties.TryGetProperty(name, out var property))
            {
                isSpoken = true;
                yield return schema.Child("properties", name, property);
            }

            foreach (var (pattern, matched) in schema.Members("patternProperties"))
            {
                if (_strings.Search(matched, "", pattern).Matches(name))
                {
                    isSpoken = true;
                    yield return matched;
                }
            }

            if (!isSpoken && schema.TryGet("additionalProperties", out var additional))
            {
                yield return schema.Child("additionalProperties", additional);
            }
        }
    }

    /// <summary>The schemas that speak of names themselves.</summary>
    public IEnumerable<SchemaLocation> NameSchemas() =>
        _schemas.Where(static s => s.Has("propertyNames")).Select(static s => s.Child("propertyNames", s.Schema.GetProperty("propertyNames")));

    private static IEnumerable<string> RequiredBy(SchemaLocation schema)
    {
        // The boolean form is a relic of draft 3 that says nothing here.
        if (!schema.TryGet("required", out var names) || names.ValueKind is JsonValueKind.True or JsonValueKind.False)
        {
            return [];
        }

        return names.ValueKind is JsonValueKind.Array && names.EnumerateArray().All(static name => name.ValueKind is JsonValueKind.String)
            ? names.EnumerateArray().Select(static name => name.GetString()!)
            : throw schema.Refuse("required", "an array of names is expected");
    }
}
