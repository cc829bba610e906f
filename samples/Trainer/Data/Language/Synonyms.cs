using System.Text;

namespace RwkvSk.Trainer.Data;

/// <summary>Slots that any wording may use, filled with one of several words, or of nothing.</summary>
internal static class Synonyms
{
    private static readonly Dictionary<string, string[]> Table = new()
    {
        ["pic"] = ["picture", "picture", "picture", "image", "image", "photo", "drawing"],
        ["color"] = ["color", "colour"],
        ["colored"] = ["colored", "coloured"],
        ["in"] =
        [
            string.Empty, string.Empty, string.Empty, string.Empty, " in the picture", " in this picture", " in the image", " in this image",
            " here", " in the photo", " in the drawing", " on the picture", " in it", " in this drawing",
        ],
        ["this"] = ["the", "the", "this"],
        ["region"] = ["place", "part", "corner", "region", "zone", "section", "position", "cell", "quarter", "field", "side"],
        ["thing"] = ["object", "object", "one", "one", "one", "thing", "shape", "item", "figure"],
    };

    /// <summary>Replaces every {slot} by the caller's text or by a drawn synonym.</summary>
    public static string Fill(string template, Random random, params ReadOnlySpan<(string Slot, string Text)> slots)
    {
        var text = new StringBuilder();
        var at = 0;
        for (var open = template.IndexOf('{', at); open >= 0; open = template.IndexOf('{', at))
        {
            var close = template.IndexOf('}', open);
            text.Append(template, at, open - at).Append(Value(template[(open + 1)..close], random, slots));
            at = close + 1;
        }

        text.Append(template, at, template.Length - at);
        text[0] = char.IsLower(template[0]) ? text[0] : char.ToUpperInvariant(text[0]);
        return text.ToString();
    }

    private static string Value(string slot, Random random, ReadOnlySpan<(string Slot, string Text)> slots)
    {
        foreach (var (name, text) in slots)
        {
            if (name == slot)
            {
                return text;
            }
        }

        return Table.TryGetValue(slot, out var words)
            ? random.Pick(words)
            : throw new ArgumentException($"A wording uses the slot '{slot}', which neither the question nor the synonyms fill.", nameof(slot));
    }
}
