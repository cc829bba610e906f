using System.Buffers;

namespace RwkvSk.Engine.Tokenization;

/// <summary>Tokens that are cut out of a text before anything else happens to it: leftmost first, of those the longest.</summary>
internal sealed class AddedTokens
{
    private readonly ByteTrie _trie;
    private readonly SearchValues<byte> _firstBytes;

    /// <summary>Prepares the search.</summary>
    /// <param name="tokens">Their texts in UTF-8 and their ids; no text twice, none empty.</param>
    public AddedTokens(IEnumerable<(byte[] Text, int Id)> tokens)
    {
        (ReadOnlyMemory<byte> Bytes, int Id)[] entries = [.. tokens.Select(token => ((ReadOnlyMemory<byte>)token.Text, token.Id))];
        Array.Sort(entries, static (a, b) => a.Bytes.Span.SequenceCompareTo(b.Bytes.Span));
        _trie = ByteTrie.Build(entries);
        _firstBytes = SearchValues.Create([.. entries.Select(entry => entry.Bytes.Span[0]).Distinct()]);
    }

    /// <summary>Where the first token begins.</summary>
    /// <param name="text">Where to look.</param>
    /// <param name="length">Its length in bytes.</param>
    /// <param name="id">Its id.</param>
    /// <returns>The length of <paramref name="text"/> when there is none; then the other two are 0 and -1.</returns>
    public int Find(ReadOnlySpan<byte> text, out int length, out int id)
    {
        for (var start = 0; start < text.Length; start++)
        {
            var next = text[start..].IndexOfAny(_firstBytes);
            if (next < 0)
            {
                break;
            }

            start += next;
            id = _trie.LongestMatch(text[start..], out length);
            if (length > 0)
            {
                return start;
            }
        }

        (length, id) = (0, -1);
        return text.Length;
    }
}
