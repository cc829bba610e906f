namespace RwkvSk.Engine.Constraints.Automata;

/// <summary>When a jump, which reads nothing, may be taken.</summary>
internal enum JumpCondition
{
    Always,

    /// <summary>Only before the first symbol.</summary>
    AtStart,

    /// <summary>Only after the last symbol.</summary>
    AtEnd,
}

/// <summary>A nondeterministic automaton under construction; <see cref="Determinizer"/> turns it into a <see cref="Dfa"/>. State 0 is the start.</summary>
internal sealed class Nfa
{
    /// <summary>Most states an automaton may have; a schema that needs more is refused.</summary>
    public const int MaximumStates = 60_000;

    private readonly List<State> _states = [new()];

    public int StateCount => _states.Count;

    public int AddState()
    {
        if (_states.Count >= MaximumStates)
        {
            throw new AutomatonTooLargeException(MaximumStates);
        }

        _states.Add(new());
        return _states.Count - 1;
    }

    public void AddEdge(int from, int first, int last, int to) => _states[from].Edges.Add(new(first, last, to));

    public void AddJump(int from, int to, JumpCondition condition = JumpCondition.Always) => _states[from].Jumps.Add((to, condition));

    public void Accept(int state) => _states[state].Accepts = true;

    public bool Accepts(int state) => _states[state].Accepts;

    public IReadOnlyList<Edge> EdgesOf(int state) => _states[state].Edges;

    public IReadOnlyList<(int To, JumpCondition Condition)> JumpsOf(int state) => _states[state].Jumps;

    internal readonly record struct Edge(int First, int Last, int To);

    private sealed class State
    {
        public List<Edge> Edges { get; } = [];

        public List<(int To, JumpCondition Condition)> Jumps { get; } = [];

        public bool Accepts { get; set; }
    }
}
