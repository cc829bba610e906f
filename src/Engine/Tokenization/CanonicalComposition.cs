using System.Globalization;
using System.Text;

namespace RwkvSk.Engine.Tokenization;

/// <summary>
/// Unicode normalisation form C over UTF-8: canonical decomposition, combining marks in order of their classes, composition. Of our own, because
/// string.Normalize does nothing in applications that run without culture data, and token ids must not depend on that.
/// </summary>
internal static class CanonicalComposition
{
    // Below this, everything is composed already.
    private const int FirstOfInterest = 0x300;

    private static readonly Lazy<Tables> Data = new(Read);

    /// <summary>The composed form; the same memory when the text is composed already.</summary>
    /// <param name="text">Valid UTF-8.</param>
    public static ReadOnlySpan<byte> Compose(ReadOnlySpan<byte> text)
    {
        if (!MayChange(text))
        {
            return text;
        }

        var decomposed = new List<int>(text.Length);
        while (!text.IsEmpty)
        {
            Rune.DecodeFromUtf8(text, out var rune, out var length);
            Decompose(rune.Value, decomposed);
            text = text[length..];
        }

        Reorder(decomposed);
        return ToUtf8(Recompose(decomposed));
    }

    private static bool MayChange(ReadOnlySpan<byte> text)
    {
        // 0xCC is the first byte of U+0300.
        var start = text.IndexOfAnyInRange((byte)0xCC, byte.MaxValue);
        while (start >= 0 && start < text.Length)
        {
            Rune.DecodeFromUtf8(text[start..], out var rune, out var length);
            if (rune.Value >= FirstOfInterest && Data.Value.Unsettled.Contains(rune.Value))
            {
                return true;
            }

            start += length;
        }

        return false;
    }

    private static void Decompose(int codePoint, List<int> target)
    {
        if (Hangul.IsSyllable(codePoint))
        {
            Hangul.Decompose(codePoint, target);
        }
        else if (Data.Value.Decompositions.TryGetValue(codePoint, out var parts))
        {
            foreach (var part in parts)
            {
                Decompose(part, target);
            }
        }
        else
        {
            target.Add(codePoint);
        }
    }

    // Marks between two starters, sorted by class; equal classes keep their order.
    private static void Reorder(List<int> codePoints)
    {
        for (var start = 0; start < codePoints.Count;)
        {
            var end = start;
            while (end < codePoints.Count && ClassOf(codePoints[end]) != 0)
            {
                end++;
            }

            if (end - start > 1)
            {
                var marks = codePoints[start..end].OrderBy(ClassOf).ToList();
                for (var i = 0; i < marks.Count; i++)
                {
                    codePoints[start + i] = marks[i];
                }
            }

            start = end + 1;
        }
    }

    // A code point joins the last starter unless something between them has its class or a higher one.
    private static List<int> Recompose(List<int> codePoints)
    {
        var composed = new List<int>(codePoints.Count);
        var starter = -1;
        var lastClass = -1;
        foreach (var codePoint in codePoints)
        {
            var itsClass = ClassOf(codePoint);
            if (starter >= 0 && lastClass < itsClass && Pair(composed[starter], codePoint) is { } pair)
            {
                composed[starter] = pair;
                continue;
            }

            lastClass = itsClass;
            if (itsClass == 0)
            {
                starter = composed.Count;
                lastClass = -1;
            }

            composed.Add(codePoint);
        }

        return composed;
    }

    private static int? Pair(int first, int second) =>
        Hangul.Compose(first, second) ?? (Data.Value.Compositions.TryGetValue((first, second), out var composed) ? composed : null);

    private static int ClassOf(int codePoint) => Data.Value.Classes.GetValueOrDefault(codePoint);

    private static byte[] ToUtf8(List<int> codePoints)
    {
        var bytes = new byte[codePoints.Count * 4];
        var length = 0;
        foreach (var codePoint in codePoints)
        {
            length += new Rune(codePoint).EncodeToUtf8(bytes.AsSpan(length));
        }

        return bytes[..length];
    }

    private static Tables Read()
    {
        var tables = new Tables([], [], [], [.. Hangul.JoiningJamo]);
        foreach (var entry in Words(CanonicalCompositionData.Decompositions))
        {
            var at = entry.IndexOfAny(['=', '!']);
            var whole = Hexadecimal(entry[..at]);
            var parts = entry[(at + 1)..].Split('+').Select(Hexadecimal).ToArray();
            tables.Decompositions.Add(whole, parts);
            if (entry[at] == '!')
            {
                tables.Unsettled.Add(whole);
            }
            else
            {
                tables.Compositions.Add((parts[0], parts[1]), whole);
                tables.Unsettled.Add(parts[1]);
            }
        }

        foreach (var entry in Words(CanonicalCompositionData.CombiningClasses))
        {
            var colon = entry.IndexOf(':', StringComparison.Ordinal);
            var range = entry[..colon].Split('-').Select(Hexadecimal).ToArray();
            for (var codePoint = range[0]; codePoint <= range[^1]; codePoint++)
            {
                tables.Classes.Add(codePoint, Hexadecimal(entry[(colon + 1)..]));
                tables.Unsettled.Add(codePoint);
            }
        }

        return tables;
    }

    private static string[] Words(string text) => text.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries);

    private static int Hexadecimal(string digits) => int.Parse(digits, NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture);

    /// <summary>The parsed data. A text without any unsettled code point is in composed form.</summary>
    private sealed record Tables(
        Dictionary<int, int[]> Decompositions,
        Dictionary<(int First, int Second), int> Compositions,
        Dictionary<int, int> Classes,
        HashSet<int> Unsettled);
}
