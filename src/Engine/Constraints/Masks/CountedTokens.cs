using System.Runtime.InteropServices;
using RwkvSk.Engine.Constraints.Grammars;

namespace RwkvSk.Engine.Constraints.Masks;

/// <summary>
/// What one can write between two characters of a string, sorted by how many characters it takes: one walk, from which the mask for any length
/// still allowed is put together without another.
/// </summary>
internal sealed class CountedTokens
{
    private readonly int _vocabularySize;
    private readonly List<List<int>> _inside = [];    // [characters begun] -> tokens that do not close the string
    private readonly List<List<int>> _closing = [];   // [characters before the quote] -> tokens that close it
    private readonly List<List<int>> _exits = [];     // [characters before the quote] -> nodes behind the quote

    public CountedTokens(VocabularyTrie trie, ByteTable table)
    {
        _vocabularySize = trie.VocabularySize;
        var free = new Terminal(table, 0, Terminal.Unlimited - 1);   // counts, and never forbids
        Span<TablePlace> places = stackalloc TablePlace[byte.MaxValue + 1];
        places[0] = new(table.BodyState, 0);
        for (var node = 1; node < trie.NodeCount;)
        {
            var depth = trie.Depths[node];
            if (!TrieWalk.TryStep(free, places[depth - 1], trie.Labels[node], out places[depth]))
            {
                node = trie.Ends[node];
                continue;
            }

            var (state, count) = places[depth];
            var isClosed = table.Accepts(state);
            for (var token = trie.Tokens[node]; token >= 0; token = trie.Twins[token])
            {
                At(isClosed ? _closing : _inside, count).Add(token);
            }

            if (isClosed && trie.Ends[node] > node + 1)
            {
                At(_exits, count).Add(node);
            }

            node = isClosed ? trie.Ends[node] : node + 1;
        }
    }

    /// <summary>The mask where at least <paramref name="missing"/> and at most <paramref name="room"/> more characters are to be written.</summary>
    public PartialMask Between(int missing, int room)
    {
        var mask = new TokenMask(_vocabularySize);
        AddUpTo(_inside, 0, room, mask);
        AddUpTo(_closing, missing, room, mask);
        var exits = new List<int>();
        for (var count = missing; count < _exits.Count && count <= room; count++)
        {
            exits.AddRange(_exits[count]);
        }

        return new PartialMask(mask, CollectionsMarshal.AsSpan(exits));
    }

    private static void AddUpTo(List<List<int>> tokens, int first, int last, TokenMask mask)
    {
        for (var count = first; count < tokens.Count && count <= last; count++)
        {
            foreach (var token in tokens[count])
            {
                mask.Add(token);
            }
        }
    }

    private static List<int> At(List<List<int>> lists, int count)
    {
        while (lists.Count <= count)
        {
            lists.Add([]);
        }

        return lists[count];
    }
}
