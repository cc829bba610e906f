using System.CommandLine;
using RwkvSk.Benchmarks.Harness;
using RwkvSk.Cli.Generation;
using RwkvSk.Cli.Machine;
using RwkvSk.Cli.Commands;
using RwkvSk.Engine;
using RwkvSk.Engine.Models;
using RwkvSk.Engine.Prompts;
using RwkvSk.Engine.Sampling;
using RwkvSk.Engine.Scheduling;
using RwkvSk.Engine.Weights;

namespace RwkvSk.Benchmarks.Suites;

/// <summary>A whole model: prefill, decoding alone and together, states.</summary>
internal static class ModelSuite
{
    public static Suite Create()
    {
        var model = new Option<string?>("--model") { Description = "A checkpoint file or a model folder." };
        var like = new Option<string>("--like") { Description = "Without a model: random weights of this published size, kept in the temporary folder.", DefaultValueFactory = static _ => "rwkv7-0.1B" };
        var dtype = new Option<WeightPrecision>("--dtype") { Description = "The weights' number format.", DefaultValueFactory = static _ => WeightPrecision.Auto };
        var read = new Option<int>("--read") { Description = "Positions read before a token is decoded beside one of an empty state; 0 leaves that out.", DefaultValueFactory = static _ => 4096 };
        var parts = new Option<Part[]>("--parts") { Description = "What to measure.", DefaultValueFactory = static _ => Enum.GetValues<Part>(), AllowMultipleArgumentsPerToken = true };
        var lengths = new Option<int[]>("--lengths") { Description = "Positions of a prefill.", DefaultValueFactory = static _ => [64, 512, 1024], AllowMultipleArgumentsPerToken = true };
        var chunks = new Option<int[]>("--chunks") { Description = "Positions of a step of it.", DefaultValueFactory = static _ => [64, 128, 256, 512, 1024], AllowMultipleArgumentsPerToken = true };
        var command = new Command("model", "Prefill, decoding, states of a whole model.") { model, like, dtype, read, parts, lengths, chunks };
        return new Suite(command, (parse, settings, report) => Run(
            parse.GetValue(model) ?? Generated(parse.GetRequiredValue(like)), parse.GetValue(dtype), parse.GetRequiredValue(parts), parse.GetValue(read),
            parse.GetRequiredValue(lengths), parse.GetRequiredValue(chunks), settings, report));
    }

    private enum Part
    {
        Limits,
        Prefill,
        Decode,
        Read,
        Engine,
    }

    /// <summary>Random weights of a published size, made once.</summary>
    public static string Generated(string like)
    {
        var size = PublishedSize.Find(like);
        var path = Path.Combine(Path.GetTempPath(), "rwkvsk-benchmarks", size.Name);
        if (!File.Exists(Path.Combine(path, "model.safetensors")))
        {
            GenerateCommand.Write(new RandomModel(size, size.VocabularySize, WeightType.BFloat16, seed: 1), size, seed: 1, path);
        }

        return path;
    }

    private static void Run(string path, WeightPrecision precision, Part[] parts, int read, int[] lengths, int[] chunks, Settings settings, Report report)
    {
        var options = new EngineOptions { Device = settings.Device, MaxRunning = 32, Threads = settings.Threads, Precision = precision };
        var model = ModelLoader.Load(path, options, loggers: null);
        using var runner = model.Runner;
        if (parts.Contains(Part.Limits))
        {
            LimitsSuite.Add(settings, report);
        }

        report.Add($"{model.Description.Name} in {model.Description.Precision}", [.. model.Plan.Items.Select(static item => new Value(item.Kind, item.Bytes / 1e6, "MB"))]);
        var random = new Random(1);
        var logits = new float[32L * runner.VocabularySize];
        foreach (var length in parts.Contains(Part.Prefill) ? lengths : [])
        {
            report.Add($"prefill of {length} positions", Contest.Run(
                settings.Rounds, [.. chunks.Where(chunk => chunk <= length).OrderDescending().Select(chunk => new Case($"chunks of {chunk}", () => Prefill(0, length, chunk))
                {
                    Items = length, Flops = 2.0 * ((length * (double)model.Plan.BlockWeights) + model.Plan.HeadWeights),
                })]));
        }

        if (parts.Contains(Part.Decode))
        {
            using var limit = new ReadLimit(settings.Threads, wantsHugePages: true);

            // The packed weights are read once per step, whatever the batch. The last case is what decoding was before it had kernels of its own.
            report.Add($"decode, {runner.PackedBytes / 1e6:F0} MB of packed weights", Contest.Run(
                settings.Rounds,
                [
                    new Case("reading memory", limit.Pass) { Bytes = limit.Bytes },
                    .. new[] { 1, 2, 4, 8, 16, 32 }.Select(size => new Case($"{size} at once", () => Decode(size)) { Items = size, Bytes = runner.PackedBytes }),
                    new Case("1, by libtorch", () => runner.StepWithAllLogits(new BatchRow(0, Tokens(1), null, true), logits.AsSpan(0, runner.VocabularySize))) { Items = 1 },
                ]));
        }

        if (read > 0 && parts.Contains(Part.Read))
        {
            runner.Reset(0);
            Prefill(1, read, 256);
            report.Add($"decode after {read} positions", Contest.Run(settings.Rounds, new Case("nothing read", () => DecodeAt(0)) { Items = 1 }, new Case($"{read} read", () => DecodeAt(1)) { Items = 1 }));
        }

        if (parts.Contains(Part.Engine))
        {
            AddEngine(path, options, report, settings, () => Decode(1));
        }

        var state = runner.Capture(0, 1);
        report.Add("states", Contest.Run(
            settings.Rounds, new Case("capture into new memory", () => runner.Capture(0, 1)) { Bytes = runner.Layout.Bytes },
            new Case("capture into that of one that went", () => runner.Recycle(runner.Capture(0, 1))) { Bytes = runner.Layout.Bytes },
            new Case("restore", () => runner.Restore(0, state)) { Bytes = runner.Layout.Bytes }));

        void Prefill(int slot, int length, int chunk)
        {
            runner.Reset(slot);
            for (var at = 0; at < length; at += chunk)
            {
                runner.Step(new Batch(Phase.Prefill, [new BatchRow(slot, Tokens(chunk), null, WantLogits: at + chunk == length)]), logits.AsSpan(0, at + chunk == length ? runner.VocabularySize : 0));
            }
        }

        void DecodeAt(int slot) => runner.Step(new Batch(Phase.Decode, [new BatchRow(slot, Tokens(1), null, WantLogits: true)]), logits.AsSpan(0, runner.VocabularySize));

        void Decode(int size) =>
            runner.Step(new Batch(Phase.Decode, [.. Enumerable.Range(0, size).Select(slot => new BatchRow(slot, Tokens(1), null, WantLogits: true))]), logits.AsSpan(0, size * runner.VocabularySize));

        int[] Tokens(int count) => [.. Enumerable.Range(0, count).Select(_ => random.Next(runner.VocabularySize))];
    }

    // What the loop, the sampler and the stream add to a step of the model.
    private static void AddEngine(string path, EngineOptions options, Report report, Settings settings, Action step)
    {
        using var engine = RwkvEngine.Load(path, options with { MaxRunning = 1 });
        var generation = new GenerationOptions { MaximumTokens = 64, Sampling = SamplingOptions.Greedy };
        var tokens = Answer().GetAwaiter().GetResult();   // random weights may end an answer early; greedily always at the same place
        report.Add("a token of the engine beside a step of the model", Contest.Run(
            settings.Rounds,
            new Case("model alone", () => Repeat(tokens, step)) { Items = tokens },
            new Case("engine", () => Answer().GetAwaiter().GetResult()) { Items = tokens }));

        async Task<int> Answer()
        {
            var count = 0;
            await foreach (var _ in engine.GenerateAsync(new Prompt("a"), generation))
            {
                count++;
            }

            return count;
        }

        static void Repeat(int count, Action action)
        {
            for (var i = 0; i < count; i++)
            {
                action();
            }
        }
    }
}
