using System.Text.Json;

namespace RwkvSk.Engine.Constraints.Schemas;

/// <summary>A schema and where it stands.</summary>
/// <param name="Schema">An object or a boolean.</param>
/// <param name="Path">JSON pointer as a fragment; equal paths are the same schema.</param>
/// <param name="IsGuest">
/// It only judges what others generate: it adds no properties of its own. Used to ask whether one option's answers could satisfy another.
/// </param>
internal sealed record SchemaLocation(JsonElement Schema, string Path, bool IsGuest = false)
{
    /// <summary>What tells it apart.</summary>
    public string Key => IsGuest ? $"?{Path}" : Path;

    /// <summary>The value of a keyword, if the schema has it.</summary>
    public bool TryGet(string keyword, out JsonElement value)
    {
        value = default;
        return Schema.ValueKind is JsonValueKind.Object && Schema.TryGetProperty(keyword, out value);
    }

    public bool Has(string keyword) => TryGet(keyword, out _);

    /// <summary>The schema under a keyword.</summary>
    public SchemaLocation Child(string keyword, JsonElement schema) => this with { Schema = schema, Path = PathOf(keyword) };

    /// <summary>The schema under a name or an index under a keyword.</summary>
    public SchemaLocation Child(string keyword, string name, JsonElement schema) => this with { Schema = schema, Path = $"{PathOf(keyword)}/{Escape(name)}" };

    /// <summary>The path of a keyword, for a message.</summary>
    public string PathOf(string keyword) => $"{Path}/{Escape(keyword)}";

    /// <summary>A refusal of a keyword.</summary>
    public ConstraintException Refuse(string keyword, string reason) => new(PathOf(keyword), reason);

    /// <summary>The schemas in the array under a keyword.</summary>
    public IEnumerable<SchemaLocation> Children(string keyword)
    {
        if (!TryGet(keyword, out var array))
        {
            return [];
        }

        if (array.ValueKind is not JsonValueKind.Array)
        {
            throw Refuse(keyword, "an array of schemas is expected");
        }

        return array.EnumerateArray().Select((schema, i) => Child(keyword, i.ToString(System.Globalization.CultureInfo.InvariantCulture), schema));
    }

    /// <summary>The named schemas in the object under a keyword.</summary>
    public IEnumerable<(string Name, SchemaLocation Schema)> Members(string keyword)
    {
        if (!TryGet(keyword, out var members))
        {
            return [];
        }

        if (members.ValueKind is not JsonValueKind.Object)
        {
            throw Refuse(keyword, "an object of schemas is expected");
        }

        return members.EnumerateObject().Select(member => (member.Name, Child(keyword, member.Name, member.Value)));
    }

    /// <summary>A count, or null where the keyword is absent.</summary>
    public int? Count(string keyword)
    {
        if (!TryGet(keyword, out var value))
        {
            return null;
        }

        if (value.ValueKind is not JsonValueKind.Number || !value.TryGetDouble(out var count) || count < 0 || count != Math.Floor(count))
        {
            throw Refuse(keyword, "a whole number that is not negative is expected");
        }

        return (int)Math.Min(count, int.MaxValue);
    }

    /// <summary>A text, or null where the keyword is absent.</summary>
    public string? Text(string keyword)
    {
        if (!TryGet(keyword, out var value))
        {
            return null;
        }

        return value.ValueKind is JsonValueKind.String ? value.GetString() : throw Refuse(keyword, "a string is expected");
    }

    private static string Escape(string name) =>
        name.Replace("~", "~0", StringComparison.Ordinal).Replace("/", "~1", StringComparison.Ordinal);
}
