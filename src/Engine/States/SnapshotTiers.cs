using System.Collections.Concurrent;
using System.Threading.Channels;
using Microsoft.Extensions.Logging;
using RwkvSk.Engine.Scheduling;

namespace RwkvSk.Engine.States;

/// <summary>A state that a store held.</summary>
/// <param name="Index">Which of the wanted prefixes it is.</param>
/// <param name="Snapshot">The state.</param>
/// <param name="Tier">The store's name.</param>
internal sealed record StoredState(int Index, StateSnapshot Snapshot, string Tier);

/// <summary>
/// The stores behind the memory, the nearest first. Reading looks for the deepest prefix in all of them; writing goes through a short queue to a worker of its own,
/// and when that falls behind the oldest is dropped, because a later state of a conversation is worth more. Nothing here blocks or fails its caller.
/// </summary>
#pragma warning disable CA1001 // semaphores whose handles nobody asks for hold nothing, and late look-ups may still wait for them
internal sealed class SnapshotTiers
#pragma warning restore CA1001
{
    private const int MostQueued = 8;
    private const int MostKnown = 1 << 16;
    private const int MostFetches = 4;
    private const int MostAttempts = 4;

    private static readonly TimeSpan ProbePatience = TimeSpan.FromSeconds(2), PayloadPatience = TimeSpan.FromSeconds(10);

    private readonly SnapshotTier[] _tiers;
    private readonly IReadOnlyList<ISnapshotStore> _owned;
    private readonly SnapshotCodec _codec;
    private readonly EngineMetrics _metrics;
    private readonly ILogger _logger;
    private readonly TimeProvider _time;
    private readonly Channel<Write> _queue;
    private readonly Task _writer;
    private readonly SemaphoreSlim _writing = new(1);
    private readonly SemaphoreSlim _fetching = new(MostFetches);
    private readonly Dictionary<PrefixKey, Task<StateSnapshot?>> _fetches = [];   // guards itself
    private readonly ConcurrentDictionary<string, long> _forgotten = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<PrefixKey, long> _withdrawn = new();
    private readonly HashSet<PrefixKey> _known = [];   // guards itself
    private long _writes;

    /// <summary>Starts the worker.</summary>
    public SnapshotTiers(EngineOptions options, SnapshotCodec codec, EngineMetrics metrics, ILogger logger, TimeProvider time)
    {
        _owned = options.OwnedStores;
        _tiers = [.. options.SnapshotStores.Select(store => new SnapshotTier(store, metrics, logger, time))];
        (_codec, _metrics, _logger, _time) = (codec, metrics, logger, time);
        _queue = Channel.CreateBounded<Write>(
            new BoundedChannelOptions(MostQueued) { FullMode = BoundedChannelFullMode.DropOldest, SingleReader = true }, Dropped);
        _writer = IsEmpty ? Task.CompletedTask : WriteAllAsync();
        if (!IsEmpty && !codec.Seal.IsSecret)
        {
            EngineLog.NoSecret(logger);
        }
    }

    /// <summary>Whether there is no store.</summary>
    public bool IsEmpty => _tiers.Length == 0;

    /// <summary>Whether a prefix is believed to be in a store or on its way there. A belief that is wrong is given up when the prefix is looked for.</summary>
    public bool IsKnown(PrefixKey key)
    {
        lock (_known)
        {
            return _known.Contains(key);
        }
    }

    /// <summary>Queues a state to be written.</summary>
    /// <param name="snapshot">The state, with its origin.</param>
    /// <param name="parent">The stored state it was read on from.</param>
    /// <param name="replay">Positions from there.</param>
    /// <param name="scope">Whose it is.</param>
    public void Put(StateSnapshot snapshot, PrefixKey? parent, long replay, string? scope) => Put(snapshot, parent, replay, scope, _tiers.Length);

    /// <summary>Looks for the deepest stored prefix and fetches its state. Never fails: what cannot be had is null.</summary>
    /// <param name="keys">The deepest first.</param>
    /// <param name="scope">Whose prompt it is.</param>
    public async Task<StoredState?> FindAsync(SnapshotKey[] keys, string? scope)
    {
        await Task.CompletedTask.ConfigureAwait(ConfigureAwaitOptions.ForceYielding);   // a store may do its work before it returns: not on the loop's thread
        var from = 0;
        for (var attempt = 0; attempt < MostAttempts && from < keys.Length; attempt++)
        {
            var (tier, length) = (-1, keys.Length - from);
            for (var i = 0; i < _tiers.Length && length > 0; i++)
            {
                var wanted = keys.AsMemory(from, length);
                var found = await _tiers[i].TryAsync((store, cancel) => store.FindFirstAsync(wanted, cancel), -1, ProbePatience).ConfigureAwait(false);
                (tier, length) = found >= 0 && found < length ? (i, found) : (tier, length);
            }

            if (tier < 0)
            {
                Forget(keys.AsSpan(from));
                return null;
            }

            var index = from + length;
            Forget(keys.AsSpan(from, length));
            if (await FetchOnceAsync(_tiers[tier], new PrefixKey(keys[index].Value)).ConfigureAwait(false) is { } snapshot)
            {
                Put(snapshot, null, snapshot.Position, scope, tier);   // the nearer stores did not have it
                return new StoredState(index, snapshot, _tiers[tier].Name);
            }

            from = index + 1;   // gone meanwhile, or refused: the next shallower one
        }

        return null;
    }

    /// <summary>Removes everything of a scope from every store, what is still queued included.</summary>
    /// <returns>How many states the stores removed.</returns>
    /// <exception cref="IOException">A store did not do it; the others have.</exception>
    public async Task<int> RemoveScopeAsync(string? scope)
    {
        _forgotten[scope ?? ""] = Interlocked.Read(ref _writes);
        var tag = _codec.Seal.ScopeTag(scope);
        return await RemoveAsync((store, cancel) => store.RemoveScopeAsync(tag, cancel)).ConfigureAwait(false);
    }

    /// <summary>Removes some states from every store, those that are still queued included.</summary>
    /// <returns>How many states the stores removed.</returns>
    public Task<int> RemoveAsync(IReadOnlyCollection<PrefixKey> keys)
    {
        if (_withdrawn.Count > MostKnown)
        {
            _withdrawn.Clear();   // what was queued then has been written long ago
        }

        foreach (var key in keys)
        {
            _withdrawn[key] = Interlocked.Read(ref _writes);
        }

        return RemoveAsync(async (store, cancel) =>
        {
            var removed = 0;
            foreach (var key in keys)
            {
                removed += await store.RemoveAsync(new SnapshotKey(key.Value), cancel).ConfigureAwait(false) ? 1 : 0;
            }

            return removed;
        });
    }

    /// <summary>Waits until what is queued is written, for as long as that is reasonable, and ends the worker. The loop's last: it has nothing else to do any more.</summary>
    public void Complete()
    {
        _queue.Writer.TryComplete();
#pragma warning disable VSTHRD002 // the worker runs on the thread pool and waits for nobody who waits here
        Task.WaitAny([_writer], PayloadPatience);
#pragma warning restore VSTHRD002
        foreach (var store in _owned)
        {
            (store as IDisposable)?.Dispose();
        }
    }

    private void Put(StateSnapshot snapshot, PrefixKey? parent, long replay, string? scope, int tiers)
    {
        if (tiers > 0 && snapshot.Origin is { } origin)
        {
            Know(origin.Key);
            _queue.Writer.TryWrite(new Write(snapshot, origin.Key, parent, replay, scope, tiers, Interlocked.Increment(ref _writes)));
        }
    }

    private async Task<int> RemoveAsync(Func<ISnapshotStore, CancellationToken, ValueTask<int>> remove)
    {
        await _writing.WaitAsync().ConfigureAwait(false);   // the write under way may be one of these
        try
        {
            lock (_known)
            {
                _known.Clear();
            }

            var removed = 0;
            IOException? failure = null;
            foreach (var tier in _tiers)
            {
                try
                {
                    removed += await tier.DemandAsync(remove, PayloadPatience).ConfigureAwait(false);
                }
                catch (IOException error)
                {
                    failure = error;   // the others are asked all the same
                }
            }

            return failure is null ? removed : throw failure;
        }
        finally
        {
            _writing.Release();
        }
    }

    /// <summary>However many ask for a state at once, it is fetched and checked once.</summary>
    private async Task<StateSnapshot?> FetchOnceAsync(SnapshotTier tier, PrefixKey key)
    {
        Task<StateSnapshot?>? fetch;
        lock (_fetches)
        {
            if (!_fetches.TryGetValue(key, out fetch))
            {
                _fetches.Add(key, fetch = FetchAsync(tier, key));
            }
        }

#pragma warning disable VSTHRD003 // it runs on the thread pool and waits for nobody who waits here
        return await fetch.ConfigureAwait(false);
#pragma warning restore VSTHRD003
    }

    private async Task<StateSnapshot?> FetchAsync(SnapshotTier tier, PrefixKey key)
    {
        await Task.CompletedTask.ConfigureAwait(ConfigureAwaitOptions.ForceYielding);   // out of the caller's lock
        await _fetching.WaitAsync().ConfigureAwait(false);
        try
        {
            var start = _time.GetTimestamp();
            var name = new SnapshotKey(key.Value);
            var payload = await tier.TryAsync((store, cancel) => store.GetAsync(name, cancel), null, PayloadPatience).ConfigureAwait(false);
            if (payload is not { } file)
            {
                return null;
            }

            var snapshot = _codec.Read(file.Span, key, $"{tier.Name}:{key}");
            Know(key);
            _metrics.StoreRead(tier.Name, file.Length, _time.GetElapsedTime(start));
            return snapshot;
        }
        catch (SnapshotFormatException error)
        {
            // It will be written anew when the prefix was read, so what is there has to go.
            Forget([new SnapshotKey(key.Value)]);
            _metrics.StoreRefused(tier.Name);
            EngineLog.StateRefused(_logger, error.Message);
            await tier.TryAsync((store, cancel) => store.RemoveAsync(new SnapshotKey(key.Value), cancel), false, ProbePatience).ConfigureAwait(false);
            return null;
        }
        finally
        {
            lock (_fetches)
            {
                _fetches.Remove(key);
            }

            _fetching.Release();
        }
    }

    private async Task WriteAllAsync()
    {
        await foreach (var write in _queue.Reader.ReadAllAsync().ConfigureAwait(false))
        {
            await _writing.WaitAsync().ConfigureAwait(false);
            try
            {
                if ((!_forgotten.TryGetValue(write.Scope ?? "", out var before) || write.Number > before)
                    && (!_withdrawn.TryGetValue(write.Key, out var withdrawn) || write.Number > withdrawn))
                {
                    await WriteOneAsync(write).ConfigureAwait(false);
                }
            }
            finally
            {
                _writing.Release();
            }
        }
    }

    private async Task WriteOneAsync(Write write)
    {
        ReadOnlyMemory<byte> file = _codec.Write(write.Snapshot, write.Parent, write.Scope);
        var info = new SnapshotInfo
        {
            Key = new SnapshotKey(write.Key.Value),
            Scope = _codec.Seal.ScopeTag(write.Scope),
            Parent = write.Parent is { } parent ? new SnapshotKey(parent.Value) : null,
            Position = write.Snapshot.Position,
            ReplayPositions = write.Replay,
        };
        var isAnywhere = false;
        for (var i = 0; i < write.Tiers; i++)
        {
            var isWritten = await _tiers[i].TryAsync(
                async (store, cancel) =>
                {
                    await store.PutAsync(info, file, cancel).ConfigureAwait(false);
                    return true;
                },
                false,
                PayloadPatience).ConfigureAwait(false);
            if (isWritten)
            {
                isAnywhere = true;
                _metrics.StoreWritten(_tiers[i].Name, file.Length);
            }
        }

        if (!isAnywhere)
        {
            Forget([info.Key]);
        }
    }

    private void Dropped(Write write)
    {
        Forget([new SnapshotKey(write.Key.Value)]);
        _metrics.StoreDropped();
    }

    private void Forget(ReadOnlySpan<SnapshotKey> keys)
    {
        lock (_known)
        {
            foreach (var key in keys)
            {
                _known.Remove(new PrefixKey(key.Value));
            }
        }
    }

    private void Know(PrefixKey key)
    {
        lock (_known)
        {
            if (_known.Count == MostKnown)
            {
                _known.Clear();   // at worst some states are written that need not be
            }

            _known.Add(key);
        }
    }

    /// <summary>A state on its way to the first <paramref name="Tiers"/> stores.</summary>
    private sealed record Write(StateSnapshot Snapshot, PrefixKey Key, PrefixKey? Parent, long Replay, string? Scope, int Tiers, long Number);
}
