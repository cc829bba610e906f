using System.CommandLine;
using Microsoft.Extensions.Logging.Abstractions;
using RwkvSk.Benchmarks.Harness;
using RwkvSk.Engine;
using RwkvSk.Engine.Models;
using static TorchSharp.torch;

namespace RwkvSk.Benchmarks.Suites;

/// <summary>A GPU: its limits first, then models of the published sizes beside them, then pictures.</summary>
internal static class GpuSuite
{
    public static Suite Create()
    {
        var sizes = new Option<string[]>("--sizes")
        {
            Description = "Published sizes, with random weights that are kept in the temporary folder.", AllowMultipleArgumentsPerToken = true,
            DefaultValueFactory = static _ => ["rwkv7-0.1B", "rwkv7-0.4B", "rwkv7-1.5B", "rwkv7-2.9B", "rwkv7-7.2B"],
        };
        var batches = new Option<int[]>("--batches") { Description = "Sequences at once.", AllowMultipleArgumentsPerToken = true, DefaultValueFactory = static _ => [1, 8, 32, 128, 320] };
        var dtype = new Option<WeightPrecision>("--dtype") { Description = "The weights' number format.", DefaultValueFactory = static _ => WeightPrecision.Float16 };
        var most = new Option<int>("--flat-to") { Description = "Positions to read before the last token is timed; 0 leaves that out.", DefaultValueFactory = static _ => 65536 };
        var command = new Command("gpu", "Decoding, prefill, pictures and states on a GPU, beside its own limits.") { sizes, batches, dtype, most };
        return new Suite(command, (parse, settings, report) =>
            Run(parse.GetRequiredValue(sizes), parse.GetRequiredValue(batches), parse.GetValue(dtype), parse.GetValue(most), settings, report));
    }

    private static void Run(string[] sizes, int[] batches, WeightPrecision precision, int flatTo, Settings settings, Report report)
    {
        double copy, gemm;
        using (var device = Devices.Choose(RwkvSk.Engine.Device.Cuda, NullLogger.Instance))   // or the reason why there is none
        {
            var cuda = device.Cuda!;
            cuda.Driver.DriverVersion(out var version);
            copy = GpuLimits.CopyBandwidth(cuda, settings.Rounds);
            gemm = GpuLimits.GemmRate(precision == WeightPrecision.BFloat16 ? ScalarType.BFloat16 : ScalarType.Float16, settings.Rounds);
            report.Add(
                cuda.Device.Name, new Value("memory", cuda.Device.MemoryBytes / 1e9, "GB"), new Value("compute capability", cuda.Device.Capability / 10.0, ""),
                new Value("multiprocessors", cuda.Device.Multiprocessors, ""), new Value("the driver's CUDA", version / 1000.0, ""),
                new Value("copy on the device, read and written", copy / 1e9, "GB/s"), new Value("16-bit matrix product", gemm / 1e12, "TFLOP/s"));
        }

        foreach (var name in sizes)
        {
            var path = ModelSuite.Generated(name);
            GpuDecode.Add(path, name, precision, batches, copy, settings, report);
            GpuMany.Add(path, name, precision, batches, settings, report);
            GpuModel.Add(path, name, precision, flatTo, gemm, settings, report);
        }

        AddTowers(settings, report);
    }

    private static void AddTowers(Settings settings, Report report)
    {
        using var inference = inference_mode();
        using var scope = NewDisposeScope();
        foreach (var (name, tower) in RandomTower.All(ScalarType.Float16, layers: 0, CUDA))
        {
            var size = tower.Preprocessor.Size;
            report.Add($"{name}, fp16", Contest.Run(settings.Rounds, [.. new[] { 1, 4 }.Select(count => Case(randn(count, 3, size, size, device: CUDA), count))]));

            Case Case(Tensor pixels, int count) => new($"{count} at once", () =>
            {
                using var temporaries = NewDisposeScope();
                tower.Forward(pixels);
                cuda.synchronize();
            })
            {
                Items = count,
            };
        }
    }
}
