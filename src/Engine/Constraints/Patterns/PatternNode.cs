using RwkvSk.Engine.Constraints.Automata;

namespace RwkvSk.Engine.Constraints.Patterns;

/// <summary>A parsed regular expression.</summary>
internal abstract record PatternNode
{
    private PatternNode()
    {
    }

    /// <summary>One code point out of a set.</summary>
    public sealed record Symbols(SymbolSet Set) : PatternNode;

    /// <summary>One part after the other; no parts match the empty text.</summary>
    public sealed record Sequence(IReadOnlyList<PatternNode> Parts) : PatternNode;

    /// <summary>Any one of the options.</summary>
    public sealed record Alternation(IReadOnlyList<PatternNode> Options) : PatternNode;

    /// <summary>From <paramref name="Minimum"/> to <paramref name="Maximum"/> times; null is without end.</summary>
    public sealed record Repetition(PatternNode Item, int Minimum, int? Maximum) : PatternNode;

    /// <summary>A place in the text.</summary>
    public sealed record Anchor(JumpCondition Where) : PatternNode;
}
