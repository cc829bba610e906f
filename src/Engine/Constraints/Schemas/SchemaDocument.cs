using System.Globalization;
using System.Text.Json;

namespace RwkvSk.Engine.Constraints.Schemas;

/// <summary>What becomes of a reference that leads nowhere.</summary>
internal enum DanglingReference
{
    Refuse,

    /// <summary>It stands for any value: definitions get lost where functions are wrapped by others.</summary>
    AcceptAny,
}

/// <summary>A schema document: follows references inside it.</summary>
internal sealed class SchemaDocument(JsonElement root, DanglingReference dangling)
{
    private static readonly JsonElement Anything = JsonDocument.Parse("true").RootElement.Clone();

    /// <summary>The document as one schema.</summary>
    public SchemaLocation Root { get; } = new(root, "#");

    /// <summary>The schema that <paramref name="from"/>'s <c>$ref</c> means.</summary>
    public SchemaLocation Resolve(SchemaLocation from, string reference)
    {
        var hash = reference.IndexOf('#', StringComparison.Ordinal);
        var document = hash < 0 ? reference : reference[..hash];
        if (document.Length > 0 && document != Root.Text("$id")?.TrimEnd('#'))
        {
            throw from.Refuse("$ref", $"'{reference}' leads out of the schema; only references inside it are followed");
        }

        var fragment = Uri.UnescapeDataString(hash < 0 ? "" : reference[(hash + 1)..]);
        var found = fragment.Length == 0 ? Root : fragment[0] == '/' ? ByPointer(fragment) : ByAnchor(Root.Schema, "#", fragment);
        if (found is null && dangling is DanglingReference.Refuse)
        {
            throw from.Refuse("$ref", $"'{reference}' leads nowhere");
        }

        return (found ?? new(Anything, "#/$ref")) with { IsGuest = from.IsGuest };
    }

    private SchemaLocation? ByPointer(string pointer)
    {
        var element = Root.Schema;
        foreach (var part in pointer[1..].Split('/'))
        {
            var name = part.Replace("~1", "/", StringComparison.Ordinal).Replace("~0", "~", StringComparison.Ordinal);
            var found = element.ValueKind switch
            {
                JsonValueKind.Object => element.TryGetProperty(name, out element),
                JsonValueKind.Array => TryIndex(ref element, name),
                _ => false,
            };
            if (!found)
            {
                return null;
            }
        }

        return new(element, $"#{pointer}");
    }

    private static bool TryIndex(ref JsonElement array, string name)
    {
        if (!int.TryParse(name, NumberStyles.None, CultureInfo.InvariantCulture, out var index) || index >= array.GetArrayLength())
        {
            return false;
        }

        array = array[index];
        return true;
    }

    private static SchemaLocation? ByAnchor(JsonElement element, string path, string anchor)
    {
        if (element.ValueKind is JsonValueKind.Array)
        {
            return element.EnumerateArray()
                .Select((item, i) => ByAnchor(item, string.Create(CultureInfo.InvariantCulture, $"{path}/{i}"), anchor))
                .FirstOrDefault(static found => found is not null);
        }

        if (element.ValueKind is not JsonValueKind.Object)
        {
            return null;
        }

        var location = new SchemaLocation(element, path);
        return location.TryGet("$anchor", out var name) && name.ValueKind is JsonValueKind.String && name.GetString() == anchor
            ? location
            : element.EnumerateObject()
                .Select(member => ByAnchor(member.Value, location.PathOf(member.Name), anchor))
                .FirstOrDefault(static found => found is not null);
    }
}
