namespace RwkvSk.Engine.Constraints.Pushdown;

/// <summary>
/// The ways to read on from one place, under construction. Branches that differ only in what comes after them become one whose rest is the union,
/// so there are never more than the terminals have states.
/// </summary>
internal sealed class BranchSet(ContinuationTable table)
{
    private readonly List<Branch> _items = [];

    public IReadOnlyList<Branch> Items => _items;

    /// <summary>The answer may end here.</summary>
    public bool MayEnd { get; set; }

    public void Clear()
    {
        _items.Clear();
        MayEnd = false;
    }

    public void Add(Branch branch)
    {
        for (var i = 0; i < _items.Count; i++)
        {
            var known = _items[i];
            if (ReferenceEquals(known.Terminal, branch.Terminal) && known.Place == branch.Place)
            {
                _items[i] = known with { Rest = table.Union(known.Rest, branch.Rest) };
                return;
            }
        }

        _items.Add(branch);
    }

    /// <summary>Adds what remains of <paramref name="branch"/> after one more byte, and what may follow where it is over.</summary>
    public void AddStep(Branch branch, byte value)
    {
        if (!Masks.TrieWalk.TryStep(branch.Terminal, branch.Place, value, out var place))
        {
            return;
        }

        var bytes = branch.Terminal.Table;
        if (bytes.Continues(place.State))
        {
            Add(branch with { Place = place });
        }

        if (bytes.Accepts(place.State))
        {
            var following = branch.Rest.Expand(table);
            MayEnd |= following.MayEnd;
            foreach (var next in following.Branches)
            {
                Add(next);
            }
        }
    }
}
