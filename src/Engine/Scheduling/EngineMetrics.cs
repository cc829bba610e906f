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
    private readonly Counter<long> _hits;
    private readonly Counter<long> _misses;
    private readonly Counter<long> _evictions;

    /// <summary>Creates the instruments.</summary>
    /// <param name="modelName">The tag "rwkvsk.model".</param>
    /// <param name="cacheBytes">Read when a listener asks.</param>
    /// <param name="queueLength">Read when a listener asks.</param>
    public EngineMetrics(string modelName, Func<long> cacheBytes, Func<int> queueLength)
    {
        _meter = new Meter(new MeterOptions(MeterName) { Tags = [new("rwkvsk.model", modelName)] });
        _read = _meter.CreateCounter<long>("rwkvsk.positions.read", "{position}", "Positions read by prefill.");
        _reused = _meter.CreateCounter<long>("rwkvsk.positions.reused", "{position}", "Positions that kept states made unnecessary to read.");
        _generated = _meter.CreateCounter<long>("rwkvsk.tokens.generated", "{token}", "Tokens sampled.");
        _hits = _meter.CreateCounter<long>("rwkvsk.cache.hits", "{request}", "Requests that went on from a kept state.");
        _misses = _meter.CreateCounter<long>("rwkvsk.cache.misses", "{request}", "Requests that read from the beginning.");
        _evictions = _meter.CreateCounter<long>("rwkvsk.cache.evictions", "{state}", "Kept states that made room for others.");
        _meter.CreateObservableGauge("rwkvsk.cache.bytes", cacheBytes, "By", "Memory held by kept states.");
        _meter.CreateObservableGauge("rwkvsk.queue.length", queueLength, "{request}", "Requests that wait for a slot.");
    }

    /// <summary>Positions were read by prefill.</summary>
    public void Read(int positions) => _read.Add(positions);

    /// <summary>A request has its prompt behind it.</summary>
    public void PromptDone(long reusedPositions)
    {
        (reusedPositions > 0 ? _hits : _misses).Add(1);
        _reused.Add(reusedPositions);
    }

    /// <summary>A token was sampled.</summary>
    public void Generated() => _generated.Add(1);

    /// <summary>States were evicted.</summary>
    public void Evicted(long states)
    {
        if (states > 0)
        {
            _evictions.Add(states);
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _meter.Dispose();
}
