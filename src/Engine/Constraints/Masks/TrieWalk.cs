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
        var counts = terminal.MinimumLength > 0 || terminal.MaximumLength != Terminal.Unlimited;
        if (counts)
        {
            RunCounting(trie, terminal, place, root, mask, exits);
        }
        else
        {
            RunPlain(trie, terminal.Table, place.State, root, mask, exits);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void RunPlain(VocabularyTrie trie, ByteTable table, int state, int root, TokenMask mask, List<int> exits)
    {
        var labels = trie.Labels;
        var depths = trie.Depths;
        var ends = trie.Ends;
        var tokens = trie.Tokens;
        var twins = trie.Twins;
        var classes = table.Classes;
        var next = table.NextByClass;
        var classCount = table.ClassCount;
        Span<int> states = stackalloc int[byte.MaxValue + 1];   // by depth
        states[depths[root]] = state;
        var end = ends[root];
        for (var node = root + 1; node < end;)
        {
            var depth = depths[node];
            var to = next[(states[depth - 1] * classCount) + classes[labels[node]]];
            if (to == ByteTable.Dead)
            {
                node = ends[node];
                continue;
            }

            states[depth] = to;
            for (var token = tokens[node]; token >= 0; token = twins[token])
            {
                mask.Add(token);
            }

            node = Advance(table, to, node, ends[node], exits);
        }
    }

    /// <summary>The same for strings whose characters are counted.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void RunCounting(VocabularyTrie trie, Terminal terminal, TablePlace place, int root, TokenMask mask, List<int> exits)
    {
        var labels = trie.Labels;
        var depths = trie.Depths;
        var ends = trie.Ends;
        var tokens = trie.Tokens;
        var twins = trie.Twins;
        Span<TablePlace> places = stackalloc TablePlace[byte.MaxValue + 1];
        places[depths[root]] = place;
        var end = ends[root];
        for (var node = root + 1; node < end;)
        {
            var depth = depths[node];
            if (!TryStep(terminal, places[depth - 1], labels[node], out places[depth]))
            {
                node = ends[node];
                continue;
            }

            for (var token = tokens[node]; token >= 0; token = twins[token])
            {
                mask.Add(token);
            }

            node = Advance(terminal.Table, places[depth].State, node, ends[node], exits);
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

    private static int Advance(ByteTable table, int state, int node, int end, List<int> exits)
    {
        if (end > node + 1 && table.Accepts(state))
        {
            exits.Add(node);
        }

        return table.Continues(state) ? node + 1 : end;
    }
}
