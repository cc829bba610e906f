using RwkvSk.Engine.Constraints.Grammars;

namespace RwkvSk.Engine.Constraints.Pushdown;

/// <summary>
/// What is still to come after the terminal that is being read: a node, then the rest. A stack that grows at its head and shares its tails; equal
/// stacks are one object, made by <see cref="ContinuationTable"/>. Several stacks under one roof (<see cref="Parts"/>) stand for "any of these",
/// so that ambiguity costs a union and not a copy of everything above it.
/// </summary>
internal sealed class Continuation
{
    /// <summary>Nothing is to come.</summary>
    public static Continuation End { get; } = new(null, 0, null, [], 0);

    private Expansion? _expansion;

    internal Continuation(GrammarNode? node, int count, Continuation? rest, Continuation[] parts, long id) =>
        (Node, Count, Rest, Parts, Id) = (node, count, rest, parts, id);

    /// <summary>What comes next; null at the end and for a union.</summary>
    public GrammarNode? Node { get; }

    /// <summary>How many items of a <see cref="Repeat"/> were read.</summary>
    public int Count { get; }

    public Continuation? Rest { get; }

    /// <summary>The members of a union.</summary>
    public IReadOnlyList<Continuation> Parts { get; }

    /// <summary>A number by which unions are ordered.</summary>
    public long Id { get; }

    /// <summary>The terminals it may begin with, computed once by <see cref="ContinuationTable"/>.</summary>
    internal Expansion Expand(ContinuationTable table) => _expansion ??= table.Expand(this);
}

/// <summary>What a continuation may begin with.</summary>
/// <param name="Branches">The terminals, at their starts.</param>
/// <param name="MayEnd">It may also be empty: the answer may end.</param>
internal sealed record Expansion(Branch[] Branches, bool MayEnd);

/// <summary>One way to read on: a terminal that is being read, where it stands, and what comes after it.</summary>
internal readonly record struct Branch(Terminal Terminal, Masks.TablePlace Place, Continuation Rest);
