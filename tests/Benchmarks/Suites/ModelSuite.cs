using System.CommandLine;
using RwkvSk.Benchmarks.Harness;
using RwkvSk.Cli.Generation;
using RwkvSk.Cli.Commands;
using RwkvSk.Engine;
using RwkvSk.Engine.Models;
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
        var command = new Command("model", "Prefill, decoding, states of a whole model.") { model, like, dtype };
        return new Suite(command, (parse, settings, report) =>
            Run(parse.GetValue(model) ?? Generated(parse.GetRequiredValue(like)), parse.GetValue(dtype), settings, report));
    }

    /// <summary>Random weights of a published size, made once.</summary>
    public static string Generated(string like)
    {
        var size = PublishedSize.Find(like);
        var path = Path.Combine(Path.GetTempPath(), "rwkvsk-benchmarks", $"{size.Name}.safetensors");
        if (!File.Exists(path))
        {
            Directory.CreateDirectory(Path.GetDirectoryName(path)!);
            GenerateCommand.Write(new RandomModel(size, size.VocabularySize, WeightType.BFloat16, seed: 1), size, seed: 1, path);
        }

        return path;
    }

    private static void Run(string path, WeightPrecision precision, Settings settings, Report report)
    {
        using var runner = ModelLoader.Load(path, new EngineOptions { Device = Device.Cpu, MaxRunning = 32, Threads = settings.Threads, Precision = precision }, loggers: null).Runner;
        LimitsSuite.Add(settings, report);
        var random = new Random(1);
        var logits = new float[32L * runner.VocabularySize];
        foreach (var length in new[] { 64, 512 })
        {
            report.Add($"prefill of {length} positions", Contest.Run(
                settings.Rounds, [.. new[] { 64, 128, 256, 512 }.Where(chunk => chunk <= length).Reverse().Select(chunk => new Case($"chunks of {chunk}", () => Prefill(length, chunk)) { Items = length })]));
        }

        report.Add("decode", Contest.Run(settings.Rounds, [.. new[] { 1, 2, 4, 8, 16, 32 }.Select(size => new Case($"{size} at once", () => Decode(size)) { Items = size })]));
        var state = runner.Capture(0, 1);
        report.Add("states", Contest.Run(
            settings.Rounds, new Case("capture", () => runner.Capture(0, 1)) { Bytes = runner.Layout.Bytes }, new Case("restore", () => runner.Restore(0, state)) { Bytes = runner.Layout.Bytes }));

        void Prefill(int length, int chunk)
        {
            runner.Reset(0);
            for (var at = 0; at < length; at += chunk)
            {
                runner.Step(new Batch(Phase.Prefill, [new BatchRow(0, Tokens(chunk), null, WantLogits: at + chunk == length)]), logits.AsSpan(0, at + chunk == length ? runner.VocabularySize : 0));
            }
        }

        void Decode(int size) =>
            runner.Step(new Batch(Phase.Decode, [.. Enumerable.Range(0, size).Select(slot => new BatchRow(slot, Tokens(1), null, WantLogits: true))]), logits.AsSpan(0, size * runner.VocabularySize));

        int[] Tokens(int count) => [.. Enumerable.Range(0, count).Select(_ => random.Next(runner.VocabularySize))];
    }
}
