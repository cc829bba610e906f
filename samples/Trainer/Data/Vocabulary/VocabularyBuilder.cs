using System.Globalization;
using System.Text;

namespace RwkvSk.Trainer.Data;

/// <summary>
/// Chooses a small vocabulary from training text and writes it in the World file format.
/// <para>
/// The choice serves copying: a name read after a space must be spelled with the same pieces after a quote or an underscore. So only the most
/// frequent words have a piece with a leading space, each beside its bare twin; every other word is a space and bare pieces. Where a bare piece
/// begins with such a frequent word ("them" with "the"), it gets a spaced twin too, or the longest match would cut the two readings differently.
/// </para>
/// </summary>
internal static class VocabularyBuilder
{
    private const int SpacedWordCount = 210;

    /// <summary>The pieces in id order: the piece at index i has the id i + 1.</summary>
    /// <param name="segments">Text as it is tokenised, segment by segment; some thousand rows are enough.</param>
    /// <param name="size">Entries in all.</param>
    public static IReadOnlyList<byte[]> Choose(IEnumerable<string> segments, int size = 1024)
    {
        var words = new Words();
        foreach (var segment in segments)
        {
            words.Count(segment);
        }

        var spaced = words.Spaced.Where(w => w.Value > 1).OrderByDescending(w => w.Value).ThenBy(w => w.Key, StringComparer.Ordinal)
            .Take(SpacedWordCount).Select(w => w.Key).ToHashSet(StringComparer.Ordinal);
        var budget = size - 256;
        var pieces = new HashSet<string>(FixedPieces.All, StringComparer.Ordinal);
        foreach (var word in spaced)
        {
            pieces.Add(" " + word);
            if (word.Length > 1 && (char.IsAsciiLetterLower(word[0]) || words.Bare.ContainsKey(word)))
            {
                pieces.Add(word);
            }
        }

        foreach (var group in new PairMerging(Total(words).Where(w => !spaced.Contains(w.Key))).Groups())
        {
            if (pieces.Count >= budget)
            {
                break;
            }

            if (pieces.Contains(group))
            {
                continue;
            }

            var needsTwin = Enumerable.Range(1, group.Length - 1).Any(n => spaced.Contains(group[..n]));
            if (needsTwin && pieces.Count + 2 > budget)
            {
                continue;   // the next one may fit by itself
            }

            pieces.Add(group);
            if (needsTwin)
            {
                pieces.Add(" " + group);
            }
        }

        return
        [
            .. Enumerable.Range(0, 256).Select(b => new[] { (byte)b }),
            .. pieces.OrderBy(p => p.Length).ThenBy(p => p, StringComparer.Ordinal).Select(Encoding.UTF8.GetBytes),
        ];
    }

    /// <summary>The vocabulary file for these segments: one line "id literal length" per entry, ids from 1, the 256 single bytes first.</summary>
    public static string Build(IEnumerable<string> segments, int size = 1024) => Write(Choose(segments, size));

    /// <summary>Pieces as a vocabulary file.</summary>
    public static string Write(IReadOnlyList<byte[]> pieces)
    {
        var file = new StringBuilder();
        for (var i = 0; i < pieces.Count; i++)
        {
            file.Append(CultureInfo.InvariantCulture, $"{i + 1} {LiteralWriter.Of(pieces[i])} {pieces[i].Length}\n");
        }

        return file.ToString();
    }

    private static Dictionary<string, int> Total(Words words)
    {
        var total = new Dictionary<string, int>(words.Bare);
        foreach (var (word, count) in words.Spaced)
        {
            total[word] = total.GetValueOrDefault(word) + count;
        }

        return total;
    }
}
