namespace RwkvSk.Engine.Constraints.Grammars;

/// <summary>Removes every option that no finite text fulfils, so that an automaton over the grammar can never walk into a dead end.</summary>
internal static class GrammarPruner
{
    /// <summary>Prunes everything below <paramref name="root"/>; false where nothing is left of it.</summary>
    public static bool Prune(GrammarNode root)
    {
        var nodes = Collect(root);
        var productive = ProductiveOf(nodes);
        foreach (var node in nodes)
        {
            if (node is Choice choice)
            {
                choice.Options.RemoveAll(option => !productive.Contains(option));
            }
            else if (node is Repeat repeat && !productive.Contains(repeat.Item))
            {
                repeat.Maximum = 0;
            }
        }

        return productive.Contains(root);
    }

    /// <summary>Whether any finite text fulfils <paramref name="root"/>. Changes nothing.</summary>
    public static bool IsProductive(GrammarNode root) => ProductiveOf(Collect(root)).Contains(root);

    /// <summary>Every terminal below <paramref name="root"/>.</summary>
    public static IEnumerable<Terminal> TerminalsOf(GrammarNode root) => Collect(root).OfType<Terminal>();

    private static HashSet<GrammarNode> ProductiveOf(List<GrammarNode> nodes)
    {
        var productive = new HashSet<GrammarNode>(ReferenceEqualityComparer.Instance);
        bool grown;
        do
        {
            grown = false;
            foreach (var node in nodes)
            {
                grown |= !productive.Contains(node) && IsProductive(node, productive) && productive.Add(node);
            }
        }
        while (grown);

        return productive;
    }

    private static bool IsProductive(GrammarNode node, HashSet<GrammarNode> productive) => node switch
    {
        Terminal => true,
        Sequence sequence => sequence.Parts.All(productive.Contains),
        Choice choice => choice.Options.Any(productive.Contains),
        Repeat repeat => repeat.Minimum == 0 || productive.Contains(repeat.Item),
        Rule rule => productive.Contains(rule.Body),
        _ => false,
    };

    /// <summary>The nodes of the graph, children before parents where it has no cycle.</summary>
    private static List<GrammarNode> Collect(GrammarNode root)
    {
        var seen = new HashSet<GrammarNode>(ReferenceEqualityComparer.Instance) { root };
        var nodes = new List<GrammarNode> { root };
        for (var i = 0; i < nodes.Count; i++)
        {
            IEnumerable<GrammarNode> children = nodes[i] switch
            {
                Sequence sequence => sequence.Parts,
                Choice choice => choice.Options,
                Repeat repeat => [repeat.Item, repeat.Separator],
                Rule rule => [rule.Body],
                _ => [],
            };
            nodes.AddRange(children.Where(seen.Add));
        }

        nodes.Reverse();
        return nodes;
    }
}
