using System.CommandLine;
using System.Numerics.Tensors;
using RwkvSk.Benchmarks.Harness;
using RwkvSk.Engine;
using RwkvSk.Engine.Models;
using RwkvSk.Engine.Scheduling;
using RwkvSk.Trainer.Data;

namespace RwkvSk.Benchmarks.Suites;

/// <summary>
/// What a number format costs: at every position of the expected answers of the samples' evaluation (pictures, tool calls, wordings that training never uses), the logits beside those of fp32.
/// Prompts are read as prefill, answers as decoding, as an engine does.
/// </summary>
internal static class QualitySuite
{
    public static Suite Create()
    {
        var model = new Option<string>("--model") { Description = "A model folder of the trainer's.", DefaultValueFactory = static _ => "samples/models/gosling" };
        var count = new Option<int>("--count") { Description = "Questions.", DefaultValueFactory = static _ => 200 };
        var command = new Command("quality", "Logits in every number format beside fp32.") { model, count };
        return new Suite(command, (parse, settings, report) => Run(parse.GetRequiredValue(model), parse.GetValue(count), settings, report));
    }

    private static void Run(string path, int count, Settings settings, Report report)
    {
        var items = EvaluationSet.Create(20_260_101, count);
        var exact = Read(path, WeightPrecision.Float32, items, settings);
        foreach (var precision in Enum.GetValues<WeightPrecision>().Where(static p => p != WeightPrecision.Auto))
        {
            (List<Position> Positions, double Empty) read;
            try
            {
                read = precision == WeightPrecision.Float32 ? exact : Read(path, precision, items, settings);
            }
            catch (Exception exception) when (exception is NotSupportedException or System.Runtime.InteropServices.ExternalException)
            {
                report.Add($"{precision}: not computed here ({exception.Message})", new Value("positions", 0, ""));
                continue;
            }

            var narrow = read.Positions;
            var pairs = exact.Positions.Zip(narrow).ToArray();
            report.Add(
                $"{precision} beside fp32, {count} questions",
                new Value("positions", pairs.Length, ""),
                new Value("1 - cosine of the logits, mean", pairs.Average(static p => 1 - Cosine(p.First.Logits, p.Second.Logits)), ""),
                new Value("1 - cosine of the logits, largest", pairs.Max(static p => 1 - Cosine(p.First.Logits, p.Second.Logits)), ""),
                new Value("KL divergence of the next token, mean", pairs.Average(static p => Divergence(p.First.Logits, p.Second.Logits)), "nats"),
                new Value("same most likely token", 100.0 * pairs.Count(static p => Top(p.First.Logits) == Top(p.Second.Logits)) / pairs.Length, "%"),
                new Value("expected token most likely", 100.0 * narrow.Count(static p => Top(p.Logits) == p.Expected) / narrow.Count, "%"),
                new Value("answers right", 100.0 * narrow.GroupBy(static p => p.Question).Count(static g => g.All(static p => Top(p.Logits) == p.Expected)) / count, "%"),
                new Value("of the channel mixes' second matrices not needed", 100 * read.Empty, "%"));
        }
    }

    private static (List<Position> Positions, double Empty) Read(string path, WeightPrecision precision, IReadOnlyList<EvaluationItem> items, Settings settings)
    {
        var model = ModelLoader.Load(path, new EngineOptions { Device = Device.Cpu, Precision = precision, MaxRunning = 1, Threads = settings.Threads }, loggers: null);
        using var runner = model.Runner;
        var tokenizer = model.Tokenizer ?? throw new NotSupportedException($"'{path}' has no vocabulary.");
        var encoder = new PromptEncoder(runner, tokenizer, model.Description.Name, new EngineOptions().ChunkLength);
        var positions = new List<Position>();
        for (var i = 0; i < items.Count; i++)
        {
            var logits = new float[runner.VocabularySize];
            runner.Reset(0);
            var steps = encoder.Encode(items[i].Prompt()).Steps;
            foreach (var step in steps)
            {
                var image = step.Image is null ? null : runner.EncodeImage(step.Image);
                runner.Step(new Batch(Phase.Prefill, [new BatchRow(0, step.Tokens, image, WantLogits: step == steps[^1])]), step == steps[^1] ? logits : []);
                (image as IDisposable)?.Dispose();
            }

            var ids = new List<int>();
            tokenizer.Encode(System.Text.Encoding.UTF8.GetBytes(" " + items[i].Expected + "\n\n"), ids);
            foreach (var id in ids)
            {
                positions.Add(new Position(i, id, [.. logits]));
                runner.Step(new Batch(Phase.Decode, [new BatchRow(0, new[] { id }, null, WantLogits: true)]), logits);
            }
        }

        return (positions, runner.EmptyShare);
    }

    private static double Cosine(float[] a, float[] b) => TensorPrimitives.Dot<float>(a, b) / Math.Sqrt((double)TensorPrimitives.SumOfSquares<float>(a) * TensorPrimitives.SumOfSquares<float>(b));

    private static int Top(float[] logits) => TensorPrimitives.IndexOfMax<float>(logits);

    /// <summary>Sum of p log (p / q), p the distribution of the first.</summary>
    private static double Divergence(float[] first, float[] second)
    {
        var (p, q) = (new float[first.Length], new float[second.Length]);
        TensorPrimitives.SoftMax<float>(first, p);
        TensorPrimitives.SoftMax<float>(second, q);
        var sum = 0.0;
        for (var i = 0; i < p.Length; i++)
        {
            sum += p[i] > 0 ? p[i] * Math.Log(p[i] / Math.Max(q[i], 1e-30)) : 0;
        }

        return sum;
    }

    private sealed record Position(int Question, int Expected, float[] Logits);
}
