using System.Runtime.CompilerServices;
using RwkvSk.Engine.Constraints.Grammars;

namespace RwkvSk.Engine.Constraints.Masks;

/// <summary>Runs one automaton over a part of the trie.</summary>
internal static class TrieWalk
{
    /// <summary>
    /// Adds to <paramref name="mask"/> the tokens under <paramref name="root"/> that <paramref name="terminal"/> reads from
    /// <paramref name="place"/> on, and to <paramref name="exits"/> the nodes where it may be over while tokens go on.
    /// </summary>
    public static void Run(VocabularyTrie trie, Terminal terminal, TablePlace place, int root, TokenMask mask, List<int> exits)
    {
        if (terminal.Counts)
        {
            RunCounting(trie, terminal, place, root, mask, exits);
        }
        else
        {
            RunPlain(trie, terminal.Table, place.State, root, mask, exits);
        }
    }

    /// <summary>The hot loop: one pass over the nodes, the automaton's state kept per depth.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void RunPlain(VocabularyTrie trie, ByteTable table, int state, int root, TokenMask mask, List<int> exits)
    {
        var labels = trie.Labels;
        var depths = trie.Depths;
        var ends = trie.Ends;
        var tokens = trie.Tokens;
        var twins = trie.Twins;
        var classes = table.Classes;
        var entries = table.Entries;
        var classCount = table.ClassCount;
        Span<int> rows = stackalloc int[byte.MaxValue + 1];   // by depth: where the state's entries begin
        rows[depths[root]] = state * classCount;
        var end = ends[root];
        for (var node = root + 1; node < end;)
        {
            int depth = depths[node];
            var entry = entries[rows[depth - 1] + classes[labels[node]]];
            if (entry == ByteTable.Dead)
            {
                node = ends[node];
                continue;
            }

            rows[depth] = (entry >> 2) * classCount;
            for (var token = tokens[node]; token >= 0; token = twins[token])
            {
                mask.Add(token);
            }

            if ((entry & ByteTable.AcceptsFlag) != 0 && ends[node] > node + 1)
            {
                exits.Add(node);
            }

            node = (entry & ByteTable.ContinuesFlag) != 0 ? node + 1 : ends[node];
        }
    }

    /// <summary>The same for strings whose characters are counted.</summary>
    private static void RunCounting(VocabularyTrie trie, Terminal terminal, TablePlace place, int root, TokenMask mask, List<int> exits)
    {
        Span<TablePlace> places = stackalloc TablePlace[byte.MaxValue + 1];   // by depth
        places[trie.Depths[root]] = place;
        var end = trie.Ends[root];
        for (var node = root + 1; node < end;)
        {
            var depth = trie.Depths[node];
            if (!TryStep(terminal, places[depth - 1], trie.Labels[node], out places[depth]))
            {
                node = trie.Ends[node];
                continue;
            }

            for (var token = trie.Tokens[node]; token >= 0; token = trie.Twins[token])
            {
                mask.Add(token);
            }

            var state = places[depth].State;
            if (terminal.Table.Accepts(state) && trie.Ends[node] > node + 1)
            {
                exits.Add(node);
            }

            node = terminal.Table.Continues(state) ? node + 1 : trie.Ends[node];
        }
    }

    /// <summary>One byte. From the body of a string every byte but the closing quote begins a character.</summary>
    public static bool TryStep(Terminal terminal, TablePlace place, byte value, out TablePlace next)
    {
        var table = terminal.Table;
        var to = table.Next(place.State, value);
        var count = place.Count;
        if (to != ByteTable.Dead && place.State == table.BodyState)
        {
            if (value == '"')
            {
                to = count >= terminal.MinimumLength ? to : ByteTable.Dead;
            }
            else if (count >= terminal.MaximumLength)
            {
                to = ByteTable.Dead;
            }
            else
            {
                // Without an upper bound, counting stops where it no longer matters.
                count = terminal.MaximumLength == Terminal.Unlimited ? Math.Min(count + 1, terminal.MinimumLength) : count + 1;
            }
        }

        next = new(to, count);
        return to != ByteTable.Dead;
    }
}
