using System.CommandLine;
using System.Text;
using RwkvSk.Benchmarks.Harness;
using RwkvSk.Engine;
using RwkvSk.Engine.Prompts;
using RwkvSk.Engine.Sampling;
using RwkvSk.Engine.States;

namespace RwkvSk.Benchmarks.Suites;

/// <summary>The first token after a long prefix: read, found in memory, found in a folder.</summary>
internal static class PrefixSuite
{
    private const int MostRounds = 7;

    public static Suite Create()
    {
        var model = new Option<string>("--model") { Description = "A checkpoint file or a model folder.", DefaultValueFactory = static _ => "samples/models/gosling" };
        var positions = new Option<int[]>("--positions") { Description = "Lengths of the prefix.", DefaultValueFactory = static _ => [1024, 4096, 16384, 32768], AllowMultipleArgumentsPerToken = true };
        return new(
            new Command("prefix", "Time to the first token, cold and warm.") { model, positions },
            (parse, settings, report) => Run(parse.GetRequiredValue(model), parse.GetRequiredValue(positions), settings, report));
    }

    private static void Run(string model, int[] lengths, Settings settings, Report report)
    {
        var folder = Directory.CreateTempSubdirectory("rwkvsk-bench-").FullName;
        try
        {
            using var store = new DiskSnapshotStore(folder, 4L << 30);
            var options = new EngineOptions { Device = Device.Cpu, Threads = settings.Threads, SnapshotSecret = new byte[32] };
            using var engine = RwkvEngine.Load(model, options);
            using var stored = RwkvEngine.Load(model, options with { SnapshotStores = [store] });
            using var keepingNothing = RwkvEngine.Load(model, options with { PrefixCacheBytes = 0 });
            using var forgetful = RwkvEngine.Load(model, options with { SnapshotStores = [store], PrefixCacheBytes = 0 });
            Turn[] suffix = [new("User: and what now?\n\n"), new("Assistant:")];
            foreach (var length in lengths)
            {
                var prefix = new Turn(Text(engine, length));
                var (whole, number) = (new Prompt([prefix, .. suffix]), 0);
                Answer(engine, whole, null);
                Answer(stored, whole, null);
                report.Add($"first token after {length:N0} positions", Contest.Run(
                    Math.Min(settings.Rounds, MostRounds),
                    new Case("read, nothing kept", () => Answer(keepingNothing, whole, null)),
                    new Case("read, states kept on the way", () => Answer(engine, whole, $"nobody {length} {number++}")),
                    new Case("found in memory", () => Answer(engine, whole, null)),
                    new Case("found in a folder", () => Answer(forgetful, whole, null)),
                    new Case("the unread rest alone", () => Answer(engine, new Prompt(suffix), $"nobody {length} {number++}"))));
            }
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    private static string Text(RwkvEngine engine, int positions)
    {
        var random = new Random(positions);
        var text = new StringBuilder("System: ");
        while (engine.CountTokens(text.ToString()) is var count && count < positions)
        {
            for (var words = (positions - count + 3) / 4; words > 0; words--)
            {
                text.Append((char)('a' + random.Next(26))).Append((char)('a' + random.Next(26))).Append(' ');
            }
        }

        return text.Append("\n\n").ToString();
    }

    private static void Answer(RwkvEngine engine, Prompt prompt, string? scope) => Task.Run(async () =>
    {
        await foreach (var _ in engine.GenerateAsync(prompt, new GenerationOptions { MaximumTokens = 1, Sampling = SamplingOptions.Greedy, CacheScope = scope }))
        {
        }
    }).GetAwaiter().GetResult();
}
