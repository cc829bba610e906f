using System.Diagnostics.Metrics;

namespace RwkvSk.Engine.Tests.Scheduling;

/// <summary>Sums of what one engine's meter reports; the engine is known by its model's name.</summary>
internal sealed class MeterSums : IDisposable
{
    private readonly Dictionary<string, double> _sums = [];
    private readonly MeterListener _listener;

    public MeterSums(string modelName)
    {
        _listener = new MeterListener
        {
            InstrumentPublished = (instrument, self) =>
            {
                if (instrument.Meter.Name == "RwkvSk" && instrument.Meter.Tags!.Any(tag => Equals(tag.Value, modelName)))
                {
                    self.EnableMeasurementEvents(instrument);
                }
            },
        };
        _listener.SetMeasurementEventCallback<long>((instrument, value, _, _) => Add(instrument.Name, value));
        _listener.SetMeasurementEventCallback<int>((instrument, value, _, _) => Add(instrument.Name, value));
        _listener.SetMeasurementEventCallback<double>((instrument, value, _, _) => Add(instrument.Name, value));
        _listener.Start();
    }

    /// <summary>The sum of an instrument's measurements; 0 without any.</summary>
    public double this[string instrument]
    {
        get
        {
            lock (_sums)
            {
                return _sums.GetValueOrDefault(instrument);
            }
        }
    }

    /// <summary>Asks the gauges.</summary>
    public void Observe() => _listener.RecordObservableInstruments();

    public void Dispose() => _listener.Dispose();

    private void Add(string instrument, double value)
    {
        lock (_sums)
        {
            _sums[instrument] = _sums.GetValueOrDefault(instrument) + value;
        }
    }
}
