using System.CommandLine;
using RwkvSk.Benchmarks.Harness;
using static TorchSharp.torch;

namespace RwkvSk.Benchmarks.Suites;

/// <summary>Pictures through the published towers, alone and several in one call.</summary>
internal static class VisionSuite
{
    public static Suite Create() => new(new Command("vision", "Time per picture by tower."), static (_, settings, report) => Run(settings, report));

    private static void Run(Settings settings, Report report)
    {
        set_num_threads(settings.Threads);
        using var inference = inference_mode();
        foreach (var type in new[] { ScalarType.Float32, ScalarType.BFloat16 })
        {
            using var scope = NewDisposeScope();
            foreach (var (name, tower) in RandomTower.All(type))
            {
                var size = tower.Preprocessor.Size;
                report.Add($"{name}, {type}", Contest.Run(settings.Rounds, [.. new[] { 1, 2, 4 }.Select(count => Case(randn(count, 3, size, size), count))]));

                Case Case(Tensor pixels, int count) => new($"{count} at once", () =>
                {
                    using var temporaries = NewDisposeScope();
                    tower.Forward(pixels);
                })
                {
                    Items = count,
                };
            }
        }
    }
}
