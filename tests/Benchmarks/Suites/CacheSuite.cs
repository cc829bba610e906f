using System.CommandLine;
using RwkvSk.Benchmarks.Harness;
using RwkvSk.Engine.States;

namespace RwkvSk.Benchmarks.Suites;

/// <summary>What keeping states costs, at the size of a 0.1B model's state.</summary>
internal static class CacheSuite
{
    private const int Entries = 256;

    public static Suite Create() => new(new Command("cache", "The prefix cache and its keys."), static (_, settings, report) => Run(settings, report));

    private static void Run(Settings settings, Report report)
    {
        var layout = new StateLayout(12, 66, 768);
        var large = new StateLayout(24, 66, 2048);
        var source = new float[layout.Length];
        var (from, into) = (new float[large.Length], new float[large.Length]);
        var tokens = new int[512];
        PrefixKey[] keys = [.. Enumerable.Range(0, Entries).Select(static i => PrefixKey.Root(BitConverter.GetBytes(i)))];
        var snapshot = new StateSnapshot(layout, 1, source);
        var full = new PrefixCache(long.MaxValue);
        foreach (var key in keys)
        {
            full.TryAdd(key, null, 16, layout, () => snapshot);
        }

        var small = new PrefixCache(8L * layout.Bytes);
        var next = 0;
        report.Add($"prefix cache, {Entries} states", Contest.Run(
            settings.Rounds,
            new Case("find a kept state", () => full.Find(keys[next++ % Entries])) { Items = 1 },
            new Case("copy a state of a 0.1B model", () => source.AsSpan().ToArray()) { Bytes = layout.Bytes, Items = 1 },
            new Case("copy a state of a 1.5B model: a fork takes its slot", () => from.CopyTo(into, 0)) { Bytes = large.Bytes, Items = 1 },
            new Case("add, evicting", () => small.TryAdd(keys[next++ % Entries], null, 16, layout, () => snapshot)) { Items = 1 },
            new Case("key of 512 tokens", () => keys[0].Then(tokens)) { Items = 512 }));
    }
}
