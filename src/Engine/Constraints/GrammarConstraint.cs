using System.Runtime.CompilerServices;
using RwkvSk.Engine.Constraints.Grammars;
using RwkvSk.Engine.Constraints.Masks;
using RwkvSk.Engine.Constraints.Pushdown;

namespace RwkvSk.Engine.Constraints;

/// <summary>A compiled grammar, free of any vocabulary; its automata over vocabularies are made on first use and live as long as those do.</summary>
internal sealed class GrammarConstraint : Constraint
{
    private readonly ConditionalWeakTable<VocabularyTrie, PushdownAutomaton> _automata = [];
    private readonly GrammarNode _root;

    /// <param name="root">Pruned: see <see cref="GrammarPruner"/>.</param>
    public GrammarConstraint(GrammarNode root) => _root = root;

    internal override ConstraintCursor Start(VocabularyTrie vocabulary)
    {
        ArgumentNullException.ThrowIfNull(vocabulary);
        var automaton = _automata.GetValue(vocabulary, Bind);
        return new GrammarCursor(automaton, automaton.Start);
    }

    private PushdownAutomaton Bind(VocabularyTrie vocabulary)
    {
        // With every needed byte a token of its own, whatever the bytes can complete, tokens can.
        foreach (var table in GrammarPruner.TerminalsOf(_root).Select(static t => t.Table).Distinct())
        {
            for (var value = 0; value < 256; value++)
            {
                if (table.Uses((byte)value) && !vocabulary.HasByte((byte)value))
                {
                    throw new InvalidOperationException($"the vocabulary has no token for the byte 0x{value:X2}, which the constraint needs");
                }
            }
        }

        return new PushdownAutomaton(_root, vocabulary);
    }
}
