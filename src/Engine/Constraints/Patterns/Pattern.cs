using RwkvSk.Engine.Constraints.Automata;

namespace RwkvSk.Engine.Constraints.Patterns;

/// <summary>Regular expressions and lengths as automata over code points.</summary>
internal static class Pattern
{
    private static readonly PatternNode Anything = new PatternNode.Repetition(new PatternNode.Symbols(SymbolSet.Scalars), 0, null);

    /// <summary>Texts in which <paramref name="pattern"/> is found somewhere, as JSON Schema's keyword means it.</summary>
    /// <exception cref="PatternException">The pattern is wrong or outside the supported subset.</exception>
    /// <exception cref="AutomatonTooLargeException">The automaton would be too large.</exception>
    public static Dfa Search(string pattern) => Compile(new PatternNode.Sequence([Anything, PatternParser.Parse(pattern), Anything]));

    /// <summary>Texts that <paramref name="pattern"/> describes from end to end.</summary>
    public static Dfa Whole(string pattern) => Compile(PatternParser.Parse(pattern));

    /// <summary>Texts of so many code points; null is without end.</summary>
    public static Dfa Length(int minimum, int? maximum) =>
        Compile(new PatternNode.Repetition(new PatternNode.Symbols(SymbolSet.Scalars), minimum, maximum));

    /// <summary>Exactly these texts.</summary>
    public static Dfa AnyOf(IEnumerable<string> texts) => Compile(new PatternNode.Alternation(
        [.. texts.Select(static text => new PatternNode.Sequence(
            [.. text.EnumerateRunes().Select(static rune => new PatternNode.Symbols(SymbolSet.Single(rune.Value)))]))]));

    private static Dfa Compile(PatternNode node)
    {
        var nfa = new Nfa();
        var end = nfa.AddState();
        nfa.Accept(end);
        Build(nfa, node, 0, end);
        return Determinizer.Run(nfa, SymbolSet.CodePointCount);
    }

    /// <summary>Lays <paramref name="node"/> between two states.</summary>
    private static void Build(Nfa nfa, PatternNode node, int from, int to)
    {
        switch (node)
        {
            case PatternNode.Symbols symbols:
                foreach (var range in symbols.Set.Ranges)
                {
                    nfa.AddEdge(from, range.First, range.Last, to);
                }

                break;
            case PatternNode.Anchor anchor:
                nfa.AddJump(from, to, anchor.Where);
                break;
            case PatternNode.Alternation alternation:
                foreach (var option in alternation.Options)
                {
                    Build(nfa, option, from, to);
                }

                break;
            case PatternNode.Sequence sequence:
                foreach (var part in sequence.Parts)
                {
                    from = Append(nfa, part, from);
                }

                nfa.AddJump(from, to);
                break;
            case PatternNode.Repetition repetition:
                Repeat(nfa, repetition, from, to);
                break;
        }
    }

    private static void Repeat(Nfa nfa, PatternNode.Repetition repetition, int from, int to)
    {
        for (var i = 0; i < repetition.Minimum; i++)
        {
            from = Append(nfa, repetition.Item, from);
        }

        if (repetition.Maximum is not { } maximum)
        {
            // A state of its own to loop on: loops on shared states would let neighbours in.
            var loop = nfa.AddState();
            nfa.AddJump(from, loop);
            nfa.AddJump(Append(nfa, repetition.Item, loop), loop);
            nfa.AddJump(loop, to);
            return;
        }

        for (var i = repetition.Minimum; i < maximum; i++)
        {
            nfa.AddJump(from, to);
            from = Append(nfa, repetition.Item, from);
        }

        nfa.AddJump(from, to);
    }

    private static int Append(Nfa nfa, PatternNode node, int from)
    {
        var next = nfa.AddState();
        Build(nfa, node, from, next);
        return next;
    }
}
