namespace RwkvSk.Engine.Constraints.Automata;

/// <summary>A deterministic automaton over symbols that are grouped into classes. State 0 is the start; immutable.</summary>
/// <param name="symbolCount">One more than the largest symbol.</param>
/// <param name="starts">Class c holds the symbols from starts[c] up to the next start.</param>
/// <param name="next">Successors, [state * classes + class]; <see cref="Dead"/> where there is none.</param>
/// <param name="accepting">Whether the text may end, by state.</param>
internal sealed class Dfa(int symbolCount, int[] starts, int[] next, bool[] accepting)
{
    /// <summary>The successor that means "no".</summary>
    public const int Dead = -1;

    public int StateCount => accepting.Length;

    public int ClassCount => starts.Length;

    /// <summary>No text is accepted. Holds for trimmed automata.</summary>
    public bool IsEmpty => !Array.Exists(accepting, static accepts => accepts);

    public bool Accepts(int state) => accepting[state];

    /// <summary>The symbols of one class.</summary>
    public SymbolRange SymbolsOf(int symbolClass) =>
        new(starts[symbolClass], (symbolClass + 1 < starts.Length ? starts[symbolClass + 1] : symbolCount) - 1);

    public int NextByClass(int state, int symbolClass) => next[(state * starts.Length) + symbolClass];

    public int Next(int state, int symbol)
    {
        var found = Array.BinarySearch(starts, symbol);
        return NextByClass(state, found >= 0 ? found : ~found - 1);
    }

    /// <summary>Whether the whole of <paramref name="text"/> is accepted, read as code points.</summary>
    public bool Matches(string text)
    {
        var state = 0;
        foreach (var rune in text.EnumerateRunes())
        {
            state = Next(state, rune.Value);
            if (state == Dead)
            {
                return false;
            }
        }

        return accepting[state];
    }

    /// <summary>Texts that both accept.</summary>
    public Dfa Intersect(Dfa other) => Combine(other, static (a, b) => a && b, aloneCounts: false);

    /// <summary>Texts that this accepts and <paramref name="other"/> does not.</summary>
    public Dfa Except(Dfa other) => Combine(other, static (a, b) => a && !b, aloneCounts: true);

    /// <summary>Without the states that are unreachable or from which nothing is accepted: every state left can be completed.</summary>
    public Dfa Trim()
    {
        var useful = Useful();
        var ids = new int[StateCount];
        Array.Fill(ids, Dead);
        ids[0] = 0;   // the start stays, even when nothing is accepted
        var count = 1;
        for (var state = 1; state < StateCount; state++)
        {
            ids[state] = useful[state] ? count++ : Dead;
        }

        var trimmed = new int[count * ClassCount];
        var accepts = new bool[count];
        for (var state = 0; state < StateCount; state++)
        {
            if (ids[state] == Dead)
            {
                continue;
            }

            accepts[ids[state]] = accepting[state];
            for (var c = 0; c < ClassCount; c++)
            {
                var to = NextByClass(state, c);
                trimmed[(ids[state] * ClassCount) + c] = to == Dead || !useful[to] ? Dead : ids[to];
            }
        }

        return new(symbolCount, starts, trimmed, accepts);
    }

    private bool[] Useful()
    {
        var previous = new List<int>[StateCount];
        var pending = new Stack<int>();
        var useful = new bool[StateCount];
        for (var state = 0; state < StateCount; state++)
        {
            for (var c = 0; c < ClassCount; c++)
            {
                if (NextByClass(state, c) is var to and not Dead)
                {
                    (previous[to] ??= []).Add(state);
                }
            }

            if (accepting[state])
            {
                useful[state] = true;
                pending.Push(state);
            }
        }

        while (pending.TryPop(out var state))
        {
            foreach (var from in previous[state] ?? [])
            {
                if (!useful[from])
                {
                    useful[from] = true;
                    pending.Push(from);
                }
            }
        }

        return useful;
    }

    private Dfa Combine(Dfa other, Func<bool, bool, bool> accepts, bool aloneCounts)
    {
        var otherStarts = Enumerable.Range(0, other.ClassCount).Select(c => other.SymbolsOf(c).First);
        var merged = new SortedSet<int>(starts.Concat(otherStarts)).ToArray();
        var ids = new Dictionary<(int, int), int> { [(0, 0)] = 0 };
        var pairs = new List<(int Mine, int Theirs)> { (0, 0) };
        var table = new List<int>();
        for (var id = 0; id < pairs.Count; id++)
        {
            var (mine, theirs) = pairs[id];
            foreach (var symbol in merged)
            {
                var (a, b) = (Next(mine, symbol), theirs == Dead ? Dead : other.Next(theirs, symbol));
                if (a == Dead || (b == Dead && !aloneCounts))
                {
                    table.Add(Dead);
                    continue;
                }

                if (!ids.TryGetValue((a, b), out var to))
                {
                    to = pairs.Count;
                    if (to >= Nfa.MaximumStates)
                    {
                        throw new AutomatonTooLargeException(Nfa.MaximumStates);
                    }

                    ids.Add((a, b), to);
                    pairs.Add((a, b));
                }

                table.Add(to);
            }
        }

        var accepted = pairs.Select(p => accepts(accepting[p.Mine], p.Theirs != Dead && other.Accepts(p.Theirs)));
        return new Dfa(symbolCount, merged, [.. table], [.. accepted]).Trim();
    }
}
