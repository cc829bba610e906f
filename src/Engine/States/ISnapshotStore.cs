namespace RwkvSk.Engine.States;

/// <summary>
/// A place beyond the engine's memory where states are kept: a folder, a server. Content is immutable and named by what was read, so a store needs no
/// consistency: two writers of one key write the same, and whatever a store loses, forgets or fails to answer costs the time to read a prefix again and
/// nothing else. The engine seals the payload before it hands it over and checks it when it comes back; a store neither has to understand nor to protect it.
/// All members are called from any thread, several at once, never from the engine's own. A member that throws counts as a miss: the engine says so once
/// and leaves the store alone for a while.
/// </summary>
public interface ISnapshotStore
{
    /// <summary>The store's name in logs and in the tag "rwkvsk.tier" of metrics: "disk", "redis".</summary>
    string Name { get; }

    /// <summary>Looks for the first of some keys that is held, without moving its payload.</summary>
    /// <param name="keys">In the order of preference: the deepest prefix first.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <returns>The index in <paramref name="keys"/>, or -1 when none is held.</returns>
    ValueTask<int> FindFirstAsync(ReadOnlyMemory<SnapshotKey> keys, CancellationToken cancellationToken);

    /// <summary>Fetches a payload; counts as a use where the store makes room by use.</summary>
    /// <param name="key">What it is kept under.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <returns>The bytes as they were put, never torn or mixed; null when they are not held, or not any more.</returns>
    ValueTask<ReadOnlyMemory<byte>?> GetAsync(SnapshotKey key, CancellationToken cancellationToken);

    /// <summary>
    /// Keeps a payload. It becomes visible whole or not at all, also when the process ends meanwhile. A key that is held already may be left as it is.
    /// A store with a bound makes room first, or keeps nothing.
    /// </summary>
    /// <param name="info">Its key and what is known of it.</param>
    /// <param name="payload">Its bytes; not changed by anybody, and the store's to read until the returned task ends.</param>
    /// <param name="cancellationToken">Gives up.</param>
    ValueTask PutAsync(SnapshotInfo info, ReadOnlyMemory<byte> payload, CancellationToken cancellationToken);

    /// <summary>Removes one snapshot; nothing happens when it is not held.</summary>
    /// <param name="key">What it is kept under.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <returns>Whether it was held.</returns>
    ValueTask<bool> RemoveAsync(SnapshotKey key, CancellationToken cancellationToken);

    /// <summary>Removes everything of one scope, whichever model it belongs to. What was put before the call is gone when it returns.</summary>
    /// <param name="scope">See <see cref="SnapshotInfo.Scope"/>.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <returns>How many were removed.</returns>
    ValueTask<int> RemoveScopeAsync(SnapshotKey scope, CancellationToken cancellationToken);
}
