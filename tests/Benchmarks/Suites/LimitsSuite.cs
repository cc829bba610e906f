using System.CommandLine;
using RwkvSk.Benchmarks.Harness;
using RwkvSk.Cli.Machine;
using TorchSharp;

namespace RwkvSk.Benchmarks.Suites;

/// <summary>What the machine itself can do.</summary>
internal static class LimitsSuite
{
    public static Suite Create() => new(new Command("limits", "Read bandwidth and GEMM rates of this machine."), static (_, settings, report) => Add(settings, report));

    /// <summary>Measures the limits with the given threads.</summary>
    public static void Add(Settings settings, Report report)
    {
        torch.set_num_threads(settings.Threads);
        using var one = new ReadLimit(1, wantsHugePages: true);
        using var small = new ReadLimit(settings.Threads, wantsHugePages: false);
        using var huge = new ReadLimit(settings.Threads, wantsHugePages: true);
        report.Add($"read, {settings.Threads} threads", Contest.Run(
            settings.Rounds,
            new Case($"huge pages, {settings.Threads} threads", huge.Pass) { Bytes = huge.Bytes },
            new Case($"4 KiB pages, {settings.Threads} threads", small.Pass) { Bytes = small.Bytes },
            new Case("huge pages, 1 thread", one.Pass) { Bytes = one.Bytes }));

        using var single = new GemmLimit(torch.ScalarType.Float32);
        using var brain = new GemmLimit(torch.ScalarType.BFloat16);
        report.Add($"GEMM {GemmLimit.Shape}, {settings.Threads} threads", Contest.Run(
            settings.Rounds, new Case("fp32", single.Pass) { Flops = GemmLimit.Flops }, new Case("bf16", brain.Pass) { Flops = GemmLimit.Flops }));
    }
}
