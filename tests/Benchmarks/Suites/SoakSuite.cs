using System.CommandLine;
using RwkvSk.Benchmarks.Harness;
using RwkvSk.Engine;
using RwkvSk.TestKit;
using TorchSharp;

namespace RwkvSk.Benchmarks.Suites;

/// <summary>Many conversations for a long time: memory stays flat, nothing leaks, every answer is its own.</summary>
internal static class SoakSuite
{
    private const double MostGrowth = 0.01;

    public static Suite Create()
    {
        var model = new Option<string>("--model") { Description = "A model folder with a vocabulary.", DefaultValueFactory = static _ => "samples/models/gosling" };
        var tokens = new Option<long>("--tokens") { Description = "Tokens to generate.", DefaultValueFactory = static _ => 100_000 };
        var conversations = new Option<int>("--conversations") { Description = "Conversations at once.", DefaultValueFactory = static _ => 50 };
        var slots = new Option<int>("--slots") { Description = "Answers that run at once.", DefaultValueFactory = static _ => 16 };
        var command = new Command("soak", "Many conversations at once, some given up, each compared with itself alone.") { model, tokens, conversations, slots };
        return new Suite(command, (parse, settings, report) =>
            Run(parse.GetRequiredValue(model), parse.GetValue(tokens), parse.GetValue(conversations), parse.GetValue(slots), settings, report));
    }

    private static void Run(string model, long tokens, int conversations, int slots, Settings settings, Report report)
    {
        var options = new EngineOptions { Device = Device.Cpu, Precision = WeightPrecision.Float32, MaxRunning = slots, MaxWaiting = conversations, Threads = settings.Threads, PrefixCacheBytes = 16 << 20 };
        using var engine = RwkvEngine.Load(model, options);
        var warm = new Soak(engine, conversations, seed: 0).RunAsync(Math.Min(tokens / 10, 5000)).GetAwaiter().GetResult();
        var tensors = torch.Tensor.TotalCount;
        var start = System.Diagnostics.Stopwatch.StartNew();
        var result = new Soak(engine, conversations, seed: 1).RunAsync(tokens).GetAwaiter().GetResult();
        report.Add(
            $"soak of {engine.Model.Name}: {conversations} conversations, {slots} slots",
            new Value("tokens generated", result.Tokens, ""), new Value("tokens per second", result.Tokens / start.Elapsed.TotalSeconds, ""),
            new Value("answers", result.Answers, ""), new Value("given up", result.Cancelled, ""),
            new Value("different from the same request alone", result.Different + warm.Different, ""),
            new Value("resident memory at the end", result.ResidentBytes[^1] / 1e6, "MB"), new Value("growth of resident memory", result.Growth * 100, "%"),
            new Value("tensors more than before", torch.Tensor.TotalCount - tensors, ""), new Value("requests left", engine.LiveRequests, ""));
        report.Require(result.Different + warm.Different == 0, "an answer is what the same request gives alone");
        report.Require(result.Growth < MostGrowth, $"resident memory grows by less than {MostGrowth:P0} from the first quarter to the last");
        report.Require(torch.Tensor.TotalCount == tensors && engine.LiveRequests == 0, "nothing is left of what has ended");
    }
}
