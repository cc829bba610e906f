using Microsoft.Extensions.Logging;
using RwkvSk.Engine.Scheduling;

namespace RwkvSk.Engine.States;

/// <summary>
/// One store as the engine uses it: whatever it does wrong is a miss. The first failure is said aloud and the store is left alone for a while, longer each
/// time, so that an outage costs neither time nor a log full of it. Safe from any thread.
/// </summary>
internal sealed class SnapshotTier(ISnapshotStore store, EngineMetrics metrics, ILogger logger, TimeProvider time)
{
    /// <summary>How long a store that failed is left alone at first.</summary>
    public static readonly TimeSpan FirstPause = TimeSpan.FromSeconds(5);

    private static readonly TimeSpan LongestPause = TimeSpan.FromMinutes(5);

    private readonly Lock _gate = new();
    private TimeSpan _pause;
    private DateTimeOffset _resumesAt = DateTimeOffset.MinValue;

    /// <summary>The store's name.</summary>
    public string Name => store.Name;

    /// <summary>Asks the store for something.</summary>
    /// <param name="ask">The question.</param>
    /// <param name="otherwise">The answer of a store that fails, is too slow or is being left alone.</param>
    /// <param name="timeout">How long it may take.</param>
    public async Task<T> TryAsync<T>(Func<ISnapshotStore, CancellationToken, ValueTask<T>> ask, T otherwise, TimeSpan timeout)
    {
        if (IsLeftAlone())
        {
            return otherwise;
        }

        try
        {
            using var patience = new CancellationTokenSource(timeout, time);
            var answer = await ask(store, patience.Token).AsTask().WaitAsync(timeout, time).ConfigureAwait(false);
            Recovered();
            return answer;
        }
#pragma warning disable CA1031 // whatever a store throws costs a miss
        catch (Exception error)
#pragma warning restore CA1031
        {
            Failed(error);
            return otherwise;
        }
    }

    /// <summary>Asks the store for something that has to be done, also while it is being left alone.</summary>
    /// <exception cref="IOException">It is not done.</exception>
    public async Task<T> DemandAsync<T>(Func<ISnapshotStore, CancellationToken, ValueTask<T>> ask, TimeSpan timeout)
    {
        try
        {
            using var patience = new CancellationTokenSource(timeout, time);
            return await ask(store, patience.Token).AsTask().WaitAsync(timeout, time).ConfigureAwait(false);
        }
#pragma warning disable CA1031 // whatever a store throws means the same here
        catch (Exception error)
#pragma warning restore CA1031
        {
            metrics.StoreFailed(Name);
            throw new IOException($"The store '{Name}' did not remove what it was asked to, so it may still hold it: {error.Message}", error);
        }
    }

    private bool IsLeftAlone()
    {
        lock (_gate)
        {
            return time.GetUtcNow() < _resumesAt;
        }
    }

    private void Recovered()
    {
        lock (_gate)
        {
            if (_pause == TimeSpan.Zero)
            {
                return;
            }

            _pause = TimeSpan.Zero;
        }

        EngineLog.StoreRecovered(logger, Name);
    }

    private void Failed(Exception error)
    {
        metrics.StoreFailed(Name);
        bool isFirst;
        lock (_gate)
        {
            isFirst = _pause == TimeSpan.Zero;
            var now = time.GetUtcNow();
            if (isFirst || now >= _resumesAt)   // of several requests that fail together, one counts
            {
                _pause = isFirst ? FirstPause : TimeSpan.FromTicks(Math.Min(_pause.Ticks * 2, LongestPause.Ticks));
                _resumesAt = now + _pause;
            }
        }

        if (isFirst)
        {
            EngineLog.StoreFailed(logger, Name, error.Message, error);
        }
    }
}
