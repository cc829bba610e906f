using RwkvSk.Engine.States;

namespace RwkvSk.Engine.Scheduling;

/// <summary>What others may do to what an engine keeps. Safe from any thread: what is the loop's is done by the loop.</summary>
internal sealed class KeptStates(LoopErrands errands, PrefixCache cache, ImageCache images, SnapshotTiers tiers, Action<Func<Sequence, bool>> cancelBackground)
{
    /// <summary>Forgets everything that is kept of a scope, in memory and then in the stores.</summary>
    /// <exception cref="IOException">A store did not do it; memory and the other stores have.</exception>
    public async Task<int> ForgetAsync(PrefixKey? quotaScope, string? scope)
    {
        var removed = await errands.DoAsync(() =>
        {
            cancelBackground(sequence => sequence.Prompt.QuotaScope == quotaScope);
            images.ForgetUnused();   // whose they were is not known
            return cache.RemoveScope(quotaScope);
        }).ConfigureAwait(false);
        return removed + await tiers.RemoveScopeAsync(scope).ConfigureAwait(false);
    }

    /// <summary>Forgets the states at some steps' ends and what was read on from them, the steps' pictures, and what was to be read ahead there.</summary>
    /// <exception cref="IOException">A store did not do it; memory and the other stores have.</exception>
    public async Task<int> ForgetAsync(IReadOnlyCollection<PromptStep> steps)
    {
        IReadOnlyCollection<PrefixKey> gone = [];
        var removed = await errands.DoAsync(() =>
        {
            gone = cache.RemoveBranches(steps.Select(static step => step.Boundary.Key), out var held);
            cancelBackground(sequence => sequence.Prompt.Steps.Any(step => gone.Contains(step.Boundary.Key)));
            foreach (var step in steps.Where(static step => step.Image is not null))
            {
                images.Forget(step.Content);
            }

            return held;
        }).ConfigureAwait(false);
        return removed + await tiers.RemoveAsync(gone).ConfigureAwait(false);
    }

    /// <summary>Holds a state in memory until it is let go as often.</summary>
    /// <returns>Whether there is room for it.</returns>
    public Task<bool> PinAsync(StateSnapshot snapshot, PrefixKey key) => errands.DoAsync(() =>
        cache.TryAdd(key, null, snapshot.Position, snapshot.Layout, () => snapshot) && cache.TryPin(key));

    /// <summary>Lets go of a state.</summary>
    /// <returns>Whether it was held.</returns>
    public Task<bool> UnpinAsync(PrefixKey key) => errands.DoAsync(() => cache.Unpin(key));
}
