using System.CommandLine;
using RwkvSk.Benchmarks.Harness;
using RwkvSk.Engine;
using RwkvSk.Engine.Models;
using RwkvSk.Engine.Vision;
using static TorchSharp.torch;

namespace RwkvSk.Benchmarks.Suites;

/// <summary>Pictures through the published towers, alone and several in one call.</summary>
internal static class VisionSuite
{
    private const int Together = 4;

    public static Suite Create()
    {
        var model = new Option<string>("--model") { Description = "A model folder whose towers are looked through as well.", DefaultValueFactory = static _ => "samples/models/gosling" };
        var layers = new Option<int>("--layers") { Description = "Layers of the random towers; fewer are quicker and show the same products.", DefaultValueFactory = static _ => 0 };
        var towers = new Option<string>("--towers") { Description = "Only towers whose name has this in it.", DefaultValueFactory = static _ => "" };
        return new(
            new Command("vision", "Time per picture by tower, and whether pictures that are encoded together give the bits of each alone.") { model, layers, towers },
            (parse, settings, report) => Run(parse.GetRequiredValue(model), parse.GetValue(layers), parse.GetRequiredValue(towers), settings, report));
    }

    private static void Run(string model, int layers, string towers, Settings settings, Report report)
    {
        set_num_threads(settings.Threads);
        using var inference = inference_mode();
        foreach (var type in new[] { ScalarType.Float32, ScalarType.BFloat16 })
        {
            using var scope = NewDisposeScope();
            var precision = type == ScalarType.Float32 ? WeightPrecision.Float32 : WeightPrecision.BFloat16;
            using var runner = ModelLoader.Load(model, new EngineOptions { Device = Engine.Device.Cpu, Precision = precision, MaxRunning = 1, Threads = settings.Threads }, loggers: null).Runner;
            var own = runner.Vision?.Tower.Towers.Select(tower => ($"{tower.Name} of {Path.GetFileName(model)}", tower)) ?? [];
            foreach (var (name, tower) in own.Concat(RandomTower.All(type, layers, name: towers)).Where(tower => tower.Item1.Contains(towers, StringComparison.OrdinalIgnoreCase)))
            {
                var size = tower.Preprocessor.Size;
                report.Add($"{name}, {type}", Contest.Run(settings.Rounds, [.. new[] { 1, 2, 4 }.Select(count => Case(randn(count, 3, size, size), count))]));

                AddBits(name, tower, type, report);

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

    private static void AddBits(string name, IVisionTower tower, ScalarType type, Report report)
    {
        using var scope = NewDisposeScope();
        var size = tower.Preprocessor.Size;
        var pixels = randn(Together, 3, size, size);
        var alone = cat([.. Enumerable.Range(0, Together).Select(i => tower.Forward(pixels.narrow(0, i, 1)))]);
        var again = cat([.. Enumerable.Range(0, Together).Select(i => tower.Forward(pixels.narrow(0, i, 1)))]);
        foreach (var count in new[] { 2, Together })
        {
            var together = tower.Forward(pixels.narrow(0, 0, count));
            report.Add(
                $"{name}, {type}: {count} together beside each alone",
                new Value("numbers that differ", together.ne(alone.narrow(0, 0, count)).sum().item<long>() * 100.0 / together.NumberOfElements, "%"),
                new Value("largest difference over the largest number", together.sub(alone.narrow(0, 0, count)).abs().max().div(alone.abs().max()).item<float>(), ""),
                new Value("numbers that differ between two calls alone", again.ne(alone).sum().item<long>(), ""));
        }
    }
}
