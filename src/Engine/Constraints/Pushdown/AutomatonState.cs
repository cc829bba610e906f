using RwkvSk.Engine.Constraints.Masks;

namespace RwkvSk.Engine.Constraints.Pushdown;

/// <summary>Where an answer stands in its grammar: every way to read on. Immutable but for what is remembered about it; equal ones are one object.</summary>
internal sealed class AutomatonState : IEquatable<AutomatonState>
{
    private readonly int _hash;

    public AutomatonState(IReadOnlyList<Branch> branches, bool mayEnd)
    {
        (Branches, MayEnd) = ([.. branches], mayEnd);
        foreach (var branch in Branches)
        {
            _hash += branch.GetHashCode();   // in any order
        }
    }

    public Branch[] Branches { get; }

    /// <summary>The answer is whole here.</summary>
    public bool MayEnd { get; }

    /// <summary>The answer is whole and nothing can follow.</summary>
    public bool MustEnd => Branches.Length == 0;

    /// <summary>The tokens that may come next, once computed.</summary>
    public TokenMask? Mask { get; set; }

    /// <summary>The tokens that must come next, once computed.</summary>
    public int[]? Forced { get; set; }

    /// <summary>The states behind tokens that were taken from here.</summary>
    public Dictionary<int, AutomatonState> Successors { get; } = [];

    public bool Equals(AutomatonState? other) =>
        other is not null && MayEnd == other.MayEnd && Branches.Length == other.Branches.Length && Array.TrueForAll(Branches, other.Contains);

    public override bool Equals(object? obj) => Equals(obj as AutomatonState);

    public override int GetHashCode() => _hash;

    private bool Contains(Branch branch) => Array.IndexOf(Branches, branch) >= 0;
}
