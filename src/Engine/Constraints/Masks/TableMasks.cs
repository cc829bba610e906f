using System.Collections.Concurrent;
using System.Runtime.InteropServices;
using RwkvSk.Engine.Constraints.Grammars;

namespace RwkvSk.Engine.Constraints.Masks;

/// <summary>Where an automaton stands: its state, and how many characters it has counted (0 where it counts none).</summary>
internal readonly record struct TablePlace(int State, int Count);

/// <summary>What one automaton allows over one vocabulary, computed per state when first asked and kept. Safe from any thread.</summary>
internal sealed class TableMasks(VocabularyTrie trie, ByteTable table)
{
    private readonly Lazy<CountedTokens> _counted = new(() => new(trie, table));
    private readonly ConcurrentDictionary<(int State, int Missing, int Room), PartialMask> _masks = new();

    /// <summary>The mask of <paramref name="terminal"/>, whose table this is, at a place.</summary>
    public PartialMask For(Terminal terminal, TablePlace place)
    {
        // Lengths matter only as far as one token reaches, so far away from them all places share a mask.
        var missing = Math.Clamp(terminal.MinimumLength - place.Count, 0, trie.LongestToken + 1);
        var room = terminal.MaximumLength - place.Count;
        room = room > trie.LongestToken ? Terminal.Unlimited : room;
        return _masks.TryGetValue((place.State, missing, room), out var known)
            ? known
            : _masks.GetOrAdd((place.State, missing, room), key => Compute(new(table, key.Missing, key.Room), key.State));
    }

    private PartialMask Compute(Terminal terminal, int state)
    {
        if (terminal.Counts && state == table.BodyState)
        {
            return _counted.Value.Between(terminal.MinimumLength, terminal.MaximumLength);
        }

        var mask = new TokenMask(trie.VocabularySize);
        var exits = new List<int>();
        TrieWalk.Run(trie, terminal, new(state, 0), 0, mask, exits);
        return new PartialMask(mask, CollectionsMarshal.AsSpan(exits));
    }
}
