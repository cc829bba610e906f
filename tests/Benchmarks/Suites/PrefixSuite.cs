using System.CommandLine;
using System.Diagnostics;
using System.Diagnostics.Metrics;
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
    private const int Strangers = 40, FewStates = 12;

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
            using var full = RwkvEngine.Load(model, options with { PrefixCacheBytes = FewStates * engine.Model.State.Bytes });
            report.Add("prompts that nobody asks for again: 512 positions and an answer of 32 tokens, in a cache that fills", Unshared(engine));
            report.Add("the same in a full cache", Unshared(full));
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

    // The meter says how long the engine's thread looked for states and kept them; that is more exact than the difference of two runs that both take what the machine gives.
    private static Value[] Unshared(RwkvEngine engine)
    {
        var (cache, kept) = (0.0, 0);
        using var listener = new MeterListener
        {
            InstrumentPublished = static (instrument, self) =>
            {
                if (instrument.Name == "rwkvsk.cache.duration")
                {
                    self.EnableMeasurementEvents(instrument);
                }
            },
        };
        listener.SetMeasurementEventCallback<double>((_, milliseconds, _, _) => (cache, kept) = (cache + milliseconds, kept + 1));
        var prompt = new Prompt([new Turn(Text(engine, 512)), new("User: and what now?\n\n"), new("Assistant:")]);
        for (var i = 0; i < FewStates; i++)
        {
            Answer(engine, prompt, $"warm-up {i}", 32);
        }

        listener.Start();
        var began = Stopwatch.GetTimestamp();
        for (var i = 0; i < Strangers; i++)
        {
            Answer(engine, prompt, $"stranger {i}", 32);
        }

        var whole = Stopwatch.GetElapsedTime(began).TotalMilliseconds;
        return
        [
            new("prompts", Strangers, ""),
            new("searches and captures", kept, ""),
            new("searching and keeping", cache / 1000, "s"),
            new("all of it", whole / 1000, "s"),
            new("share of the whole", 100 * cache / whole, "%"),
        ];
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

    private static void Answer(RwkvEngine engine, Prompt prompt, string? scope, int tokens = 1) => Task.Run(async () =>
    {
        await foreach (var _ in engine.GenerateAsync(prompt, new GenerationOptions { MaximumTokens = tokens, Sampling = SamplingOptions.Greedy, CacheScope = scope }))
        {
        }
    }).GetAwaiter().GetResult();
}
