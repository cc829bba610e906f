using System.Diagnostics;
using RwkvSk.Benchmarks.Harness;
using RwkvSk.Engine;
using RwkvSk.Engine.Kernels.Cuda.Driver;
using RwkvSk.Engine.Models;
using RwkvSk.Engine.Prompts;
using RwkvSk.Engine.Sampling;
using RwkvSk.Engine.Scheduling;

namespace RwkvSk.Benchmarks.Suites;

/// <summary>A whole model on a GPU: prefill beside the products' rate, states, the first token, and whether a token costs the same however much was read.</summary>
internal static class GpuModel
{
    private const int Chunk = 1024;

    /// <summary>Adds the tables.</summary>
    /// <param name="path">The model's folder.</param>
    /// <param name="name">How the report calls it.</param>
    /// <param name="precision">The weights' format.</param>
    /// <param name="flatTo">Positions to read before the last token is timed; 0 leaves that out.</param>
    /// <param name="gemm">Operations per second of a matrix product.</param>
    /// <param name="settings">How often.</param>
    /// <param name="report">Where to.</param>
    public static void Add(string path, string name, WeightPrecision precision, int flatTo, double gemm, Settings settings, Report report)
    {
        var options = new EngineOptions { Device = Device.Cuda, Precision = precision, MaxRunning = 4, ChunkLength = Chunk };
        using (var runner = ModelLoader.Load(path, options, loggers: null).Runner)
        {
            var (logits, random, plan) = (new float[runner.VocabularySize], new Random(1), runner.Plan!);
            var lengths = new[] { 512, 4096 };
            var prefill = Contest.Run(settings.Rounds, [.. lengths.Select(length => new Case($"{length} positions", () => Prefill(0, length))
            {
                Items = length, Flops = 2.0 * ((length * (double)plan.BlockWeights) + plan.HeadWeights),
            })]);
            report.Add($"prefill, {name} in chunks of {Chunk}", prefill);
            report.Add($"prefill, {name}: share of the matrix product's rate", [.. prefill.Select(figure => new Value(figure.Name, figure.Gflops * 1e9 / gemm * 100, "%"))]);

            var state = runner.Capture(0, 1);
            report.Add($"states, {name}", Contest.Run(
                settings.Rounds, new Case("capture", () => runner.Capture(0, 1)) { Bytes = runner.Layout.Bytes }, new Case("restore", () => runner.Restore(1, state)) { Bytes = runner.Layout.Bytes }));

            var flat = new List<Value>();
            runner.Reset(2);
            for (var read = 0; read <= flatTo && flatTo > 0;)
            {
                if (read == 0 || (read & (read - 1)) == 0)
                {
                    flat.Add(new Value($"after {read} positions", Contest.Run(settings.Rounds, new Case("token", () => Decode(2)))[0].Microseconds, "µs"));
                }

                Read(2, Chunk, wantLogits: false);
                read += Chunk;
            }

            if (flat.Count > 0)
            {
                report.Add($"a token, {name}", flat);
            }

            report.Add($"GPU memory in use beside {name}", new Value("of the whole device, libtorch's reserve among it", UsedBytes() / 1e9, "GB"));

            void Prefill(int slot, int length)
            {
                runner.Reset(slot);
                for (var at = 0; at < length; at += Chunk)
                {
                    Read(slot, Math.Min(Chunk, length - at), at + Chunk >= length);
                }
            }

            void Read(int slot, int count, bool wantLogits) => runner.Step(
                new Batch(Phase.Prefill, [new BatchRow(slot, Enumerable.Range(0, count).Select(_ => random.Next(runner.VocabularySize)).ToArray(), null, wantLogits)]), wantLogits ? logits : []);

            void Decode(int slot) => runner.Step(new Batch(Phase.Decode, [new BatchRow(slot, new[] { 1 }, null, true)]), logits);
        }

        AddFirstToken(path, name, options, settings, report);
    }

    private static void AddFirstToken(string path, string name, EngineOptions options, Settings settings, Report report)
    {
        using var engine = RwkvEngine.Load(path, options with { PrefixCacheBytes = 0 });
        var (prompt, generation) = (new Prompt(new string('x', 128)), new GenerationOptions { MaximumTokens = 1, Sampling = SamplingOptions.Greedy });
        var times = new double[settings.Rounds];
        for (var round = -1; round < settings.Rounds; round++)
        {
            var start = Stopwatch.GetTimestamp();
            FirstAsync().GetAwaiter().GetResult();
            times[Math.Max(round, 0)] = Stopwatch.GetElapsedTime(start).TotalMilliseconds;
        }

        report.Add($"first token, {name}", new Value("after a prompt of 128 tokens, through the engine", Contest.Median(times), "ms"));

        async Task FirstAsync()
        {
            await foreach (var _ in engine.GenerateAsync(prompt, generation))
            {
                return;
            }
        }
    }

    private static long UsedBytes()
    {
        using var context = CudaContext.Open(CudaDriver.TryLoad(out _)!);
        var (free, total) = context.Memory();
        return total - free;
    }
}
