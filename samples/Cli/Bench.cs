using System.Diagnostics;
using RwkvSk.Cli.Machine;
using RwkvSk.Engine;
using RwkvSk.Engine.Models;
using RwkvSk.Engine.Scheduling;

namespace RwkvSk.Cli;

/// <summary>
/// Measures a loaded model. Tokens are random (speed does not depend on them) and seeded. After a warm-up, rounds of everything follow each other, the machine's own limits among them, and
/// medians are reported: what else the machine does hits a figure and its limit alike.
/// </summary>
internal sealed class Bench(LoadedModel model, Action<string> progress)
{
    private const int Rounds = 5, StateRounds = 21;

    private readonly TorchModelRunner _runner = model.Runner;
    private readonly Random _random = new(1);
    private readonly int _chunkLength = new EngineOptions().ChunkLength;

    /// <summary>Takes all figures.</summary>
    /// <param name="load">How long loading took.</param>
    /// <param name="prefill">Tokens of the prompt.</param>
    /// <param name="decode">Tokens to generate in each round.</param>
    /// <param name="batches">Sequences at once, ascending.</param>
    public BenchFigures Run(TimeSpan load, int prefill, int decode, IReadOnlyList<int> batches)
    {
        var threads = TorchSharp.torch.get_num_threads();
        using var read = new ReadLimit(threads, wantsHugePages: true);
        using var gemm = new GemmLimit(model.Description.Precision switch
        {
            WeightPrecision.Float32 => TorchSharp.torch.ScalarType.Float32,
            WeightPrecision.Float16 => TorchSharp.torch.ScalarType.Float16,
            _ => TorchSharp.torch.ScalarType.BFloat16,
        });
        var decodes = batches.Select(size => new Timing(() => Decode([.. Enumerable.Range(0, size)], decode), () => Decode([.. Enumerable.Range(0, size)], 1))).ToArray();
        Timing prefills = new(() => Prefill(prefill)), reads = new(read.Pass), gemms = new(gemm.Pass);
        for (var round = 0; round <= Rounds; round++)
        {
            progress(round == 0 ? "warming up" : $"round {round} of {Rounds}");
            foreach (var timing in (Timing[])[reads, gemms, prefills, .. decodes])
            {
                timing.Take(isWarmUp: round == 0);
            }
        }

        progress("states");
        var state = _runner.Capture(0, prefill);
        var (plan, readLimit, gemmLimit) = (model.Plan, read.Bytes / reads.Median, GemmLimit.Flops / gemms.Median);
        var flops = 2.0 * ((plan.BlockWeights * (double)prefill) + plan.HeadWeights);
        return new BenchFigures(model.Description.Name, model.Description.Device, model.Description.Precision.ToString().ToLowerInvariant(), threads)
        {
            PrefillTokensPerSecond = prefill / prefills.Median,
            DecodeTokensPerSecond = decode / decodes[0].Median,
            Batch = [.. batches.Select((size, i) => new BatchFigure(size, (double)size * decode / decodes[i].Median))],
            ReadLimitGbPerSecond = readLimit / 1e9,
            DecodeFractionOfLimit = decode / decodes[0].Median * plan.DecodeBytes / readLimit,
            GemmLimitGflops = gemmLimit / 1e9,
            PrefillFractionOfLimit = flops / prefills.Median / gemmLimit,
            LoadMs = load.TotalMilliseconds,
            CaptureMs = Median(() => _runner.Capture(0, prefill)),
            RestoreMs = Median(() => _runner.Restore(0, state)),
            PeakRssMb = (Process.GetCurrentProcess().PeakWorkingSet64 - read.Bytes) / 1e6,   // less what the measuring itself takes
        };
    }

    private static double Median(Action action)
    {
        var timing = new Timing(action);
        for (var i = 0; i < StateRounds; i++)
        {
            timing.Take(isWarmUp: false);
        }

        return timing.Median * 1000;
    }

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

    /// <summary>Times of one thing, round by round.</summary>
    private sealed class Timing(Action run, Action? warmUp = null)
    {
        private readonly List<double> _seconds = [];

        /// <summary>The middle one, in seconds.</summary>
        public double Median => _seconds.Order().ElementAt(_seconds.Count / 2);

        public void Take(bool isWarmUp)
        {
            var start = Stopwatch.GetTimestamp();
            (isWarmUp ? warmUp ?? run : run)();
            if (!isWarmUp)
            {
                _seconds.Add(Stopwatch.GetElapsedTime(start).TotalSeconds);
            }
        }
    }
}
