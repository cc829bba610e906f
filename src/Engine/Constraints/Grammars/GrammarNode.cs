namespace RwkvSk.Engine.Constraints.Grammars;

/// <summary>
/// A part of a grammar: what an answer, or a piece of it, looks like in bytes. A graph, since rules may contain themselves; after
/// <see cref="GrammarPruner"/> every part describes at least one text and the graph never changes again.
/// </summary>
internal abstract class GrammarNode
{
    private protected GrammarNode()
    {
    }

    /// <summary>Describes nothing at all.</summary>
    public static GrammarNode Nothing { get; } = new Choice([]);

    /// <summary>Describes the empty text.</summary>
    public static GrammarNode Empty { get; } = new Sequence([]);
}

/// <summary>Bytes by an automaton; never the empty text.</summary>
/// <param name="table">The automaton.</param>
/// <param name="minimumLength">Fewest characters (code points) between the quotes; only for a table that counts.</param>
/// <param name="maximumLength">Most characters; <see cref="Unlimited"/> where the table does not count.</param>
internal sealed class Terminal(ByteTable table, int minimumLength = 0, int maximumLength = Terminal.Unlimited) : GrammarNode
{
    public const int Unlimited = int.MaxValue;

    public ByteTable Table => table;

    public int MinimumLength => minimumLength;

    public int MaximumLength => maximumLength;

    /// <summary>Its characters must be counted.</summary>
    public bool Counts => minimumLength > 0 || maximumLength != Unlimited;
}

/// <summary>One part after the other.</summary>
internal sealed class Sequence(params GrammarNode[] parts) : GrammarNode
{
    public IReadOnlyList<GrammarNode> Parts => parts;
}

/// <summary>Any one of the options.</summary>
internal sealed class Choice(IEnumerable<GrammarNode> options) : GrammarNode
{
    public List<GrammarNode> Options { get; } = [.. options.Distinct()];
}

/// <summary>
/// An item several times with a separator between.
/// </summary>
/// <param name="item">What is repeated.</param>
/// <param name="separator">Between two items, and before the first where <paramref name="separatorFirst"/> says so.</param>
/// <param name="minimum">Fewest items.</param>
/// <param name="maximum">Most items; <see cref="Terminal.Unlimited"/> without end.</param>
/// <param name="separatorFirst">Something stands before the first item already.</param>
internal sealed class Repeat(GrammarNode item, GrammarNode separator, int minimum, int maximum, bool separatorFirst) : GrammarNode
{
    public GrammarNode Item => item;

    public GrammarNode Separator => separator;

    public int Minimum => minimum;

    /// <summary>Most items; the pruner sets it to 0 where no item exists.</summary>
    public int Maximum { get; set; } = maximum;

    public bool NeedsSeparator(int count) => count > 0 || separatorFirst;

    /// <summary>The count after one more item, no larger than what still makes a difference.</summary>
    public int Following(int count) => Maximum == Terminal.Unlimited ? Math.Min(count + 1, Math.Max(minimum, 1)) : count + 1;
}

/// <summary>A named part that others refer to, itself included.</summary>
internal sealed class Rule : GrammarNode
{
    public GrammarNode Body { get; set; } = Nothing;
}
