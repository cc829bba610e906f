using System.CommandLine;
using RwkvSk.Benchmarks.Harness;
using RwkvSk.Engine.Kernels.Torch;
using RwkvSk.Engine.Models;
using static TorchSharp.torch;

namespace RwkvSk.Benchmarks.Suites;

/// <summary>Single kernels at the sizes of the published models.</summary>
internal static class KernelSuite
{
    private const int HeadSize = 64;

    public static Suite Create()
    {
        var width = new Option<int>("--width") { Description = "C.", DefaultValueFactory = static _ => 768 };
        return new Suite(new Command("kernels", "Matrix products and recurrences.") { width }, (parse, settings, report) => Run(parse.GetValue(width), settings, report));
    }

    private static void Run(int width, Settings settings, Report report)
    {
        set_num_threads(settings.Threads);
        using var inference = inference_mode();
        LimitsSuite.Add(settings, report);
        foreach (var length in new[] { 1, 16, 64, 256, 512 })
        {
            report.Add($"linear [{length},{width}] x [{4 * width},{width}]^T", Contest.Run(
                settings.Rounds, Linear(width, length, ScalarType.Float32), Linear(width, length, ScalarType.BFloat16)));
        }

        foreach (var length in new[] { 16, 64, 256, 512 })
        {
            report.Add($"recurrences over {length} positions, width {width}", Contest.Run(settings.Rounds, Wkv7Case(width, length), Wkv6Case(width, length), Wkv4Case(width, length)));
        }
    }

    private static Case Linear(int width, int length, ScalarType type)
    {
        var x = randn(length, width);
        var weight = randn(4 * width, width).to(type);
        return Scoped($"libtorch {type}", () => TensorMath.Linear(x, weight)) with { Flops = 8.0 * length * width * width, Bytes = length == 1 ? weight.NumberOfElements * weight.ElementSize : 0 };
    }

    private static Case Wkv7Case(int width, int length)
    {
        var (heads, state) = (width / HeadSize, zeros(1, width / HeadSize, HeadSize, HeadSize));
        var (r, w, k, v) = (Rows(), Rows().sigmoid().mul(TensorMath.MinusInverseRootE), Rows(), Rows());
        var kk = nn.functional.normalize(Rows(), 2, -1, 1e-12);
        var (a, b) = (kk.neg(), kk.mul(Rows().sigmoid()));
        return Scoped("RWKV-7", () => Wkv7.Forward(r, w, k, v, a, b, state).Y) with { Items = length };

        Tensor Rows() => randn(1, length, heads, HeadSize);
    }

    private static Case Wkv6Case(int width, int length)
    {
        var (heads, state) = (width / HeadSize, zeros(1, width / HeadSize, HeadSize, HeadSize));
        var (r, w, k, v, u) = (Rows(), Rows().exp().neg(), Rows(), Rows(), randn(heads, HeadSize));
        return Scoped("RWKV-6", () => Wkv6.Forward(r, w, k, v, u, state).Y) with { Items = length };

        Tensor Rows() => randn(1, length, heads, HeadSize);
    }

    private static Case Wkv4Case(int width, int length)
    {
        var (k, v, w, u, state) = (randn(1, length, width), randn(1, length, width), randn(width).exp().neg(), randn(width), zeros(1, 3, width));
        return Scoped("RWKV-4", () => Wkv4.Forward(k, v, w, u, state).Y) with { Items = length };
    }

    private static Case Scoped(string name, Func<Tensor> compute) => new(name, () =>
    {
        using var temporaries = NewDisposeScope();
        compute();
    });
}
