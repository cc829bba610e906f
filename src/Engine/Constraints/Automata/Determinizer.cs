namespace RwkvSk.Engine.Constraints.Automata;

/// <summary>Subset construction: a deterministic automaton whose states are sets of another's states.</summary>
internal sealed class Determinizer
{
    private readonly Nfa _nfa;
    private readonly int[] _starts;
    private readonly Dictionary<StateSet, int> _ids = [];
    private readonly List<StateSet> _sets = [];
    private readonly List<int> _next = [];
    private readonly List<bool> _accepting = [];

    private Determinizer(Nfa nfa, int symbolCount)
    {
        _nfa = nfa;
        var starts = new SortedSet<int> { 0 };
        for (var state = 0; state < nfa.StateCount; state++)
        {
            foreach (var edge in nfa.EdgesOf(state))
            {
                starts.Add(edge.First);
                if (edge.Last + 1 < symbolCount)
                {
                    starts.Add(edge.Last + 1);
                }
            }
        }

        _starts = [.. starts];
    }

    /// <summary>The trimmed deterministic automaton of <paramref name="nfa"/> over the symbols below <paramref name="symbolCount"/>.</summary>
    public static Dfa Run(Nfa nfa, int symbolCount) => new Determinizer(nfa, symbolCount).Run(symbolCount);

    private Dfa Run(int symbolCount)
    {
        AddStart();
        var targets = new HashSet<int>[_starts.Length];
        for (var id = 0; id < _sets.Count; id++)
        {
            Array.Clear(targets);
            foreach (var state in _sets[id].States)
            {
                foreach (var edge in _nfa.EdgesOf(state))
                {
                    var c = Array.BinarySearch(_starts, edge.First);
                    for (; c < _starts.Length && _starts[c] <= edge.Last; c++)
                    {
                        (targets[c] ??= []).Add(edge.To);
                    }
                }
            }

            foreach (var target in targets)
            {
                _next.Add(target is null ? Dfa.Dead : Intern(Close(target, JumpCondition.Always)));
            }
        }

        return new Dfa(symbolCount, _starts, [.. _next], [.. _accepting]).Trim();
    }

    /// <summary>The start is never entered again, not even where the same states are: what holds at the start alone would hold there too.</summary>
    private void AddStart()
    {
        var states = Close([0], JumpCondition.AtStart);
        _sets.Add(new StateSet(states));
        _accepting.Add(Close(states, JumpCondition.AtEnd, alsoAtStart: true).Any(_nfa.Accepts));
    }

    private int Intern(HashSet<int> states)
    {
        var set = new StateSet(states);
        if (!_ids.TryGetValue(set, out var id))
        {
            id = _sets.Count;
            if (id >= Nfa.MaximumStates)
            {
                throw new AutomatonTooLargeException(Nfa.MaximumStates);
            }

            _ids.Add(set, id);
            _sets.Add(set);
            _accepting.Add(Close(states, JumpCondition.AtEnd).Any(_nfa.Accepts));
        }

        return id;
    }

    /// <summary>Everything reachable without reading, where unconditional jumps and those of one condition are open.</summary>
    private HashSet<int> Close(IEnumerable<int> states, JumpCondition open, bool alsoAtStart = false)
    {
        var closed = new HashSet<int>(states);
        var pending = new Stack<int>(closed);
        while (pending.TryPop(out var state))
        {
            foreach (var (to, condition) in _nfa.JumpsOf(state))
            {
                var passable = condition is JumpCondition.Always || condition == open || (alsoAtStart && condition is JumpCondition.AtStart);
                if (passable && closed.Add(to))
                {
                    pending.Push(to);
                }
            }
        }

        return closed;
    }

    /// <summary>A set of states that compares by content.</summary>
    private sealed class StateSet : IEquatable<StateSet>
    {
        private readonly int _hash;

        public StateSet(HashSet<int> states)
        {
            States = [.. states];
            Array.Sort(States);
            var hash = default(HashCode);
            foreach (var state in States)
            {
                hash.Add(state);
            }

            _hash = hash.ToHashCode();
        }

        public int[] States { get; }

        public bool Equals(StateSet? other) => other is not null && States.AsSpan().SequenceEqual(other.States);

        public override bool Equals(object? obj) => Equals(obj as StateSet);

        public override int GetHashCode() => _hash;
    }
}
