using System.Diagnostics.Metrics;

namespace RwkvSk.Engine.Scheduling;

/// <summary>What an engine counts, on the meter "RwkvSk"; every figure carries the model's name.</summary>
internal sealed class EngineMetrics : IDisposable
{
    /// <summary>The meter's name.</summary>
    public const string MeterName = "RwkvSk";

    private readonly Meter _meter;
    private readonly Counter<long> _read;
    private readonly Counter<long> _reused;
    private readonly Counter<long> _generated;
    private readonly Counter<long> _forced;
    private readonly Counter<long> _hits;
    private readonly Counter<long> _misses;
    private readonly Counter<long> _evictions;
    private readonly Counter<long> _refused;
    private readonly Histogram<double> _wait;
    private readonly Counter<long> _storeRead;
    private readonly Counter<long> _storeWritten;
    private readonly Counter<long> _storeFailures;
    private readonly Counter<long> _storeRefusals;
    private readonly Counter<long> _storeDrops;
    private readonly Histogram<double> _storeTime;
    private readonly Histogram<double> _cacheTime;

    /// <summary>Creates the instruments.</summary>
    /// <param name="modelName">The tag "rwkvsk.model".</param>
    /// <param name="cacheBytes">Read when a listener asks.</param>
    /// <param name="queueLength">Read when a listener asks.</param>
    /// <param name="memory">Bytes by kind; read when a listener asks.</param>
    public EngineMetrics(string modelName, Func<long> cacheBytes, Func<int> queueLength, Func<IEnumerable<KeyValuePair<string, long>>>? memory = null)
    {
        _meter = new Meter(new MeterOptions(MeterName) { Tags = [new("rwkvsk.model", modelName)] });
        _read = _meter.CreateCounter<long>("rwkvsk.positions.read", "{position}", "Positions read by prefill.");
        _reused = _meter.CreateCounter<long>("rwkvsk.positions.reused", "{position}", "Positions that kept states made unnecessary to read.");
        _generated = _meter.CreateCounter<long>("rwkvsk.tokens.generated", "{token}", "Tokens of answers.");
        _forced = _meter.CreateCounter<long>("rwkvsk.tokens.forced", "{token}", "Those of them that a constraint left no choice about.");
        _hits = _meter.CreateCounter<long>("rwkvsk.cache.hits", "{request}", "Requests that went on from a kept state.");
        _misses = _meter.CreateCounter<long>("rwkvsk.cache.misses", "{request}", "Requests that read from the beginning.");
        _evictions = _meter.CreateCounter<long>("rwkvsk.cache.evictions", "{state}", "Kept states that made room for others.");
        _refused = _meter.CreateCounter<long>("rwkvsk.queue.refused", "{request}", "Requests that found the queue full or waited too long.");
        _wait = _meter.CreateHistogram<double>("rwkvsk.queue.wait", "s", "How long requests waited for a slot.");
        _storeRead = _meter.CreateCounter<long>("rwkvsk.store.read", "By", "States fetched from stores.");
        _storeWritten = _meter.CreateCounter<long>("rwkvsk.store.written", "By", "States written to stores.");
        _storeFailures = _meter.CreateCounter<long>("rwkvsk.store.failures", "{call}", "Calls of a store that failed or took too long.");
        _storeRefusals = _meter.CreateCounter<long>("rwkvsk.store.refusals", "{state}", "Stored states that were damaged, forged or another model's.");
        _storeDrops = _meter.CreateCounter<long>("rwkvsk.store.drops", "{state}", "States that were not written because the stores were too slow.");
        _storeTime = _meter.CreateHistogram<double>("rwkvsk.store.restore.duration", "ms", "Fetching and checking a stored state.");
        _cacheTime = _meter.CreateHistogram<double>("rwkvsk.cache.duration", "ms", "Looking for kept states, or keeping one, on the engine's thread.");
        _meter.CreateObservableGauge("rwkvsk.cache.bytes", cacheBytes, "By", "Memory held by kept states.");
        _meter.CreateObservableGauge(
            "rwkvsk.memory.bytes", () => (memory?.Invoke() ?? []).Select(static item => new Measurement<long>(item.Value, new KeyValuePair<string, object?>("rwkvsk.memory.kind", item.Key))), "By",
            "Memory by kind; mapped weights are the system's file cache.");
        _meter.CreateObservableGauge("rwkvsk.queue.length", queueLength, "{request}", "Requests that wait for a slot.");
    }

    /// <summary>Positions were read by prefill.</summary>
    public void Read(int positions) => _read.Add(positions);

    /// <summary>A request has its prompt behind it.</summary>
    /// <param name="reusedPositions">What it did not have to read.</param>
    /// <param name="tier">Where the state it went on from was kept.</param>
    public void PromptDone(long reusedPositions, string tier)
    {
        if (reusedPositions > 0)
        {
            _hits.Add(1, Tier(tier));
        }
        else
        {
            _misses.Add(1);
        }

        _reused.Add(reusedPositions);
    }

    /// <summary>A state was fetched from a store and found sound.</summary>
    public void StoreRead(string tier, long bytes, TimeSpan time)
    {
        _storeRead.Add(bytes, Tier(tier));
        _storeTime.Record(time.TotalMilliseconds, Tier(tier));
    }

    /// <summary>A state was written to a store.</summary>
    public void StoreWritten(string tier, long bytes) => _storeWritten.Add(bytes, Tier(tier));

    /// <summary>A store failed.</summary>
    public void StoreFailed(string tier) => _storeFailures.Add(1, Tier(tier));

    /// <summary>What a store held was not what it should be.</summary>
    public void StoreRefused(string tier) => _storeRefusals.Add(1, Tier(tier));

    /// <summary>A state found no place in the queue to the stores.</summary>
    public void StoreDropped() => _storeDrops.Add(1);

    /// <summary>An answer got a token, sampled or without a choice.</summary>
    public void Generated(bool isForced)
    {
        _generated.Add(1);
        if (isForced)
        {
            _forced.Add(1);
        }
    }

    /// <summary>States were evicted.</summary>
    public void Evicted(long states)
    {
        if (states > 0)
        {
            _evictions.Add(states);
        }
    }

    /// <summary>A request got a slot; null is one that nobody waits for.</summary>
    public void Waited(TimeSpan? wait)
    {
        if (wait is { } time)
        {
            _wait.Record(time.TotalSeconds);
        }
    }

    /// <summary>Kept states were looked through, or a state was copied and others made room for it.</summary>
    public void CacheWorked(TimeSpan time) => _cacheTime.Record(time.TotalMilliseconds);

    /// <summary>A request was refused.</summary>
    public void Refused(BusyReason reason) => _refused.Add(1, new KeyValuePair<string, object?>("rwkvsk.reason", reason is BusyReason.QueueFull ? "queue_full" : "waited_too_long"));

    /// <inheritdoc/>
    public void Dispose() => _meter.Dispose();

    private static KeyValuePair<string, object?> Tier(string name) => new("rwkvsk.tier", name);
}
