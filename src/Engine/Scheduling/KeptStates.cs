using RwkvSk.Engine.States;

namespace RwkvSk.Engine.Scheduling;

/// <summary>What others may do to what an engine keeps. Safe from any thread: what is the loop's is done by the loop.</summary>
internal sealed class KeptStates(LoopErrands errands, PrefixCache cache, ImageCache images, SnapshotTiers tiers)
{
    /// <summary>Forgets everything that is kept of a scope, in memory and then in the stores.</summary>
    /// <exception cref="IOException">A store did not do it; memory and the other stores have.</exception>
    public async Task<int> ForgetAsync(PrefixKey? quotaScope, string? scope)
    {
        var removed = await errands.DoAsync(() =>
        {
            images.ForgetUnused();   // whose they were is not known
            return cache.RemoveScope(quotaScope);
        }).ConfigureAwait(false);
        return removed + await tiers.RemoveScopeAsync(scope).ConfigureAwait(false);
    }

    /// <summary>Holds a state in memory until it is let go as often.</summary>
    /// <returns>Whether there is room for it.</returns>
    public Task<bool> PinAsync(StateSnapshot snapshot, PrefixKey key) => errands.DoAsync(() =>
        cache.TryAdd(key, null, snapshot.Position, snapshot.Layout, () => snapshot) && cache.TryPin(key));

    /// <summary>Lets go of a state.</summary>
    /// <returns>Whether it was held.</returns>
    public Task<bool> UnpinAsync(PrefixKey key) => errands.DoAsync(() => cache.Unpin(key));
}
