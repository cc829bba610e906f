using System.Diagnostics;
using RwkvSk.Engine;
using RwkvSk.Engine.Models;
using RwkvSk.Engine.Scheduling;

namespace RwkvSk.Cli;

/// <summary>Measures a loaded model. Tokens are random (speed does not depend on them) and seeded; every figure is taken after a warm-up.</summary>
internal sealed class Bench(LoadedModel model, Action<string> progress)
{
    private const int StateRounds = 21;

    private readonly TorchModelRunner _runner = model.Runner;
    private readonly Random _random = new(1);
    private readonly int _chunkLength = new EngineOptions().ChunkLength;

    /// <summary>Takes all figures.</summary>
    /// <param name="load">How long loading took.</param>
    /// <param name="prefill">Tokens of the prompt.</param>
    /// <param name="decode">Tokens to generate.</param>
    /// <param name="batch">Sequences at once.</param>
    public BenchFigures Run(TimeSpan load, int prefill, int decode, int batch)
    {
        var slots = Enumerable.Range(0, batch).ToArray();
        Prefill(Math.Min(prefill, _chunkLength));
        Decode([0], 2);

        progress($"prefill of {prefill} tokens");
        var prefillTime = Time(() => Prefill(prefill));
        progress($"decode of {decode} tokens");
        var decodeTime = Time(() => Decode([0], decode));
        var batches = new List<BatchFigure> { new(1, decode / decodeTime.TotalSeconds) };
        if (batch > 1)
        {
            progress($"decode of {decode} tokens for {batch} sequences");
            Decode(slots, 2);
            batches.Add(new BatchFigure(batch, (long)batch * decode / Time(() => Decode(slots, decode)).TotalSeconds));
        }

        progress("states");
        var state = _runner.Capture(0, prefill);
        return new BenchFigures(model.Description.Name, model.Description.Device, model.Description.Precision.ToString().ToLowerInvariant(), TorchSharp.torch.get_num_threads())
        {
            PrefillTokensPerSecond = prefill / prefillTime.TotalSeconds,
            DecodeTokensPerSecond = decode / decodeTime.TotalSeconds,
            Batch = batches,
            LoadMs = load.TotalMilliseconds,
            CaptureMs = Median(() => _runner.Capture(0, prefill)),
            RestoreMs = Median(() => _runner.Restore(0, state)),
            PeakRssMb = Process.GetCurrentProcess().PeakWorkingSet64 / 1e6,
        };
    }

    private static TimeSpan Time(Action action)
    {
        var start = Stopwatch.GetTimestamp();
        action();
        return Stopwatch.GetElapsedTime(start);
    }

    private static double Median(Action action) =>
        Enumerable.Range(0, StateRounds).Select(_ => Time(action).TotalMilliseconds).Order().ElementAt(StateRounds / 2);

    // The head is computed where an engine wants it: after the last position.
    private void Prefill(int count)
    {
        _runner.Reset(0);
        var logits = new float[_runner.VocabularySize];
        for (var at = 0; at < count; at += _chunkLength)
        {
            var length = Math.Min(_chunkLength, count - at);
            _runner.Step(new Batch(Phase.Prefill, [new BatchRow(0, Tokens(length), Image: null, WantLogits: at + length == count)]), logits);
        }
    }

    private void Decode(int[] slots, int count)
    {
        var logits = new float[(long)slots.Length * _runner.VocabularySize];
        for (var i = 0; i < count; i++)
        {
            _runner.Step(new Batch(Phase.Decode, [.. slots.Select(slot => new BatchRow(slot, Tokens(1), Image: null, WantLogits: true))]), logits);
        }
    }

    private int[] Tokens(int count) => [.. Enumerable.Range(0, count).Select(_ => _random.Next(_runner.VocabularySize))];
}
