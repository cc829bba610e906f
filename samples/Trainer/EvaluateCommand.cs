using System.CommandLine;
using System.Diagnostics;
using System.Globalization;
using System.Text;
using RwkvSk.Engine;
using RwkvSk.Engine.Sampling;
using RwkvSk.Trainer.Data;

namespace RwkvSk.Trainer;

/// <summary><c>evaluate</c>: asks a model folder held-out questions through the engine, greedily, and writes how often it is right.</summary>
internal static class EvaluateCommand
{
    // What the model is meant to reach; categories without a goal are reported beside them.
    private static readonly Dictionary<string, double> Goals = new(StringComparer.Ordinal)
    {
        ["counts"] = 97, ["colour"] = 99, ["shape"] = 99, ["position"] = 97, ["yes/no"] = 98, ["description"] = 90, ["right tool"] = 98, ["arguments"] = 95, ["unseen tools"] = 85,
    };

    public static Command Create()
    {
        var model = new Option<DirectoryInfo>("--model") { Description = "The model folder.", Required = true };
        var count = new Option<int>("--count") { Description = "Questions.", DefaultValueFactory = _ => 2000 };
        var seed = new Option<int>("--seed") { Description = "Which questions.", DefaultValueFactory = _ => 20_260_101 };
        var report = new Option<FileInfo?>("--report") { Description = "Where to write the table (Markdown)." };
        var errors = new Option<int>("--errors") { Description = "Wrong answers to print.", DefaultValueFactory = _ => 20 };
        var free = new Option<bool>("--free") { Description = "Without the constraint that keeps begun calls well-formed: what the model would write by itself." };
        var precision = new Option<WeightPrecision>("--precision") { Description = "The number format of the weights.", DefaultValueFactory = _ => WeightPrecision.Auto };
        var command = new Command("evaluate", "Asks questions about pictures, in wordings and with tools that training never uses.") { model, count, seed, report, errors, free, precision };
        command.SetAction((parse, cancellation) => RunAsync(
            parse.GetRequiredValue(model).FullName, parse.GetValue(precision), parse.GetValue(count), parse.GetValue(seed), parse.GetValue(report)?.FullName, parse.GetValue(errors), parse.GetValue(free), cancellation));
        return command;
    }

    private static async Task<int> RunAsync(
        string model, WeightPrecision precision, int count, int seed, string? report, int errors, bool free, CancellationToken cancellation)
    {
        var items = EvaluationSet.Create(seed, count);
        await using var engine = RwkvEngine.Load(model, new EngineOptions { Precision = precision });
        var options = new GenerationOptions { Sampling = SamplingOptions.Greedy, StopSequences = engine.Model.Preset.StopSequences, MaximumTokens = 160 };
        var results = new List<(string Category, bool IsRight)>();
        var time = Stopwatch.StartNew();
        foreach (var item in items)
        {
            var answer = new StringBuilder();
            await foreach (var token in engine.GenerateAsync(item.Prompt(), free ? options : options with { Constraint = item.Constraint() }, cancellation))
            {
                answer.Append(token.Text);
            }

            var isRight = item.IsRight(answer.ToString());
            results.Add((item.Category, isRight));
            if (!isRight && errors-- > 0)
            {
                Console.WriteLine($"[{item.Category}] {item.Turns[^1].Text.ReplaceLineEndings(" / ")}\n    expected {item.Expected.ReplaceLineEndings(" / ")}\n    answered {answer.ToString().Trim().ReplaceLineEndings(" / ")}");
            }
        }

        var table = Table(results, count, seed, free, engine.Model, time.Elapsed);
        Console.WriteLine(table);
        if (report is not null)
        {
            await File.WriteAllTextAsync(report, table, cancellation);
        }

        return 0;
    }

    private static string Table(List<(string Category, bool IsRight)> results, int count, int seed, bool free, ModelDescription model, TimeSpan elapsed)
    {
        var text = new StringBuilder();
        var culture = CultureInfo.InvariantCulture;
        text.Append(culture, $"# What {model.Name} gets right\n\n{count:N0} questions about pictures, in wordings and with tools that training never uses; greedy answers, exact comparison; seed {seed}.\n");
        text.Append(culture, $"{model.ParameterCount:N0} parameters, {model.Precision} on the {model.Device}; {elapsed.TotalMinutes:F1} minutes.\n\n");
        text.Append(free ? "Nothing holds its calls to their form.\n\n" : "A call that the model has begun is held to the declared tools and their schemas, as the connector holds it.\n\n");
        text.Append("`dotnet run -c Release --project samples/Trainer -- evaluate --model samples/models/gosling --report samples/models/gosling/ACCURACY.md`\n\n");
        text.Append("| asked | questions | right | goal |\n|---|---:|---:|---:|\n");
        foreach (var group in results.GroupBy(static r => r.Category))
        {
            var goal = Goals.TryGetValue(group.Key, out var percent) ? $"{percent.ToString(culture)} %" : "";
            text.Append(culture, $"| {group.Key} | {group.Count()} | {100.0 * group.Count(static r => r.IsRight) / group.Count():F1} % | {goal} |\n");
        }

        text.Append(culture, $"| all | {results.Count} | {100.0 * results.Count(static r => r.IsRight) / results.Count:F1} % | |\n");
        return text.ToString();
    }
}
