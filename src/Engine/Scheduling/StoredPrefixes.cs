using RwkvSk.Engine.States;

namespace RwkvSk.Engine.Scheduling;

/// <summary>
/// Between the stores and the loop: a request for which memory has too little waits outside the queue, while its deepest stored prefix is fetched by other
/// threads; what prefill steps lead to is offered to the stores. Runs on the loop's thread, which never waits here.
/// </summary>
/// <param name="tiers">The stores.</param>
/// <param name="cache">The memory before them.</param>
/// <param name="layout">The state's size.</param>
/// <param name="leastSaving">Positions that must be spared for a store to be asked or written.</param>
/// <param name="comeBack">Hands a request back to the loop when its look-up ended; called from any thread.</param>
internal sealed class StoredPrefixes(SnapshotTiers tiers, PrefixCache cache, StateLayout layout, int leastSaving, Action<Sequence> comeBack)
{
    private readonly HashSet<Sequence> _away = [];

    /// <summary>Requests whose look-up is under way.</summary>
    public IEnumerable<Sequence> Away => _away;

    /// <summary>Whether there are no stores: then nobody is offered anything.</summary>
    public bool IsEmpty => tiers.IsEmpty;

    /// <summary>Whether a request may join the queue: it has been looked up, or there is nothing to gain. If not, it comes back by itself.</summary>
    public bool MayQueue(Sequence sequence)
    {
        if (_away.Remove(sequence))
        {
            Keep(sequence);
            return true;
        }

        if (tiers.IsEmpty || sequence.IsBackground || sequence.IsCancelled || Wanted(sequence) is not { Length: > 0 } keys)
        {
            return true;
        }

        _away.Add(sequence);
        _ = FetchAsync(sequence, keys);
        return false;
    }

    /// <summary>Offers the state that a sequence stands at to the stores, unless one that is hardly shallower is there.</summary>
    public void Offer(Sequence sequence, StateSnapshot snapshot)
    {
        var prompt = sequence.Prompt;
        if (tiers.IsEmpty || tiers.IsKnown(prompt.Steps[sequence.StepsDone - 1].Boundary.Key))
        {
            return;
        }

        PrefixKey? parent = null;
        var depth = prompt.Start;
        for (var steps = sequence.StepsDone - 1; steps > 0 && parent is null; steps--)
        {
            var boundary = prompt.Steps[steps - 1].Boundary;
            if (tiers.IsKnown(boundary.Key))
            {
                (parent, depth) = (boundary.Key, boundary.Position);
            }
        }

        if (snapshot.Position - depth >= leastSaving)
        {
            tiers.Put(snapshot, parent, snapshot.Position - depth, prompt.Scope);
        }
    }

    private async Task FetchAsync(Sequence sequence, SnapshotKey[] keys)
    {
        try
        {
            var stored = await tiers.FindAsync(keys, sequence.Prompt.Scope).ConfigureAwait(false);
            sequence.Stored = stored is null ? null : stored with { Index = sequence.UsableSteps - stored.Index };   // from now on a number of steps
        }
        finally
        {
            comeBack(sequence);
        }
    }

    /// <summary>The boundaries, deepest first, that spare enough beside the deepest one in memory.</summary>
    private SnapshotKey[] Wanted(Sequence sequence)
    {
        var steps = sequence.Prompt.Steps;
        var held = sequence.UsableSteps;
        while (held > 0 && !cache.Contains(steps[held - 1].Boundary.Key))
        {
            held--;
        }

        var least = sequence.PositionAfter(held) + leastSaving;
        var keys = new List<SnapshotKey>();
        for (var i = sequence.UsableSteps; i > held && steps[i - 1].Boundary.Position >= least; i--)
        {
            keys.Add(new SnapshotKey(steps[i - 1].Boundary.Key.Value));
        }

        return [.. keys];
    }

    private void Keep(Sequence sequence)
    {
        if (sequence.Stored is { } stored)
        {
            var boundary = sequence.Prompt.Steps[stored.Index - 1].Boundary;
            cache.TryAdd(boundary.Key, null, boundary.Position - sequence.Prompt.Start, layout, () => stored.Snapshot, sequence.Prompt.QuotaScope);
        }
    }
}
