using RwkvSk.Engine.Kernels.Cuda.Driver;
using static TorchSharp.torch;

namespace RwkvSk.Benchmarks.Harness;

/// <summary>What a GPU itself can do: nothing that reads weights once per token is faster than its copies, no prefill than its products.</summary>
internal static class GpuLimits
{
    private const long CopyBytes = 1L << 30;
    private const int Rows = 4096, Width = 4096, Wide = 16384, Passes = 10;

    /// <summary>Bytes read and written per second by a copy on the device.</summary>
    public static double CopyBandwidth(CudaContext context, int rounds)
    {
        using var source = context.Allocate(CopyBytes);
        using var target = context.Allocate(CopyBytes);
        context.Stream.Fill(source, 1);
        return 2.0 * CopyBytes * Passes / Seconds(context, rounds, () => context.Stream.Copy(source.Pointer, target.Pointer, CopyBytes));
    }

    /// <summary>Operations per second of libtorch's product [4096,4096] x [4096,16384].</summary>
    public static double GemmRate(ScalarType type, int rounds)
    {
        using var inference = inference_mode();
        using var temporaries = NewDisposeScope();
        var (x, weight) = (randn(Rows, Width, device: CUDA).to(type), randn(Wide, Width, device: CUDA).to(type));
        var times = new double[rounds];
        for (var round = -1; round < rounds; round++)   // the first chooses an algorithm
        {
            cuda.synchronize();
            var start = System.Diagnostics.Stopwatch.GetTimestamp();
            for (var i = 0; i < Passes; i++)
            {
                nn.functional.linear(x, weight).Dispose();
            }

            cuda.synchronize();
            times[Math.Max(round, 0)] = System.Diagnostics.Stopwatch.GetElapsedTime(start).TotalSeconds;
        }

        return 2.0 * Rows * Width * Wide * Passes / Contest.Median(times);
    }

    // The GPU's own clock, median of the rounds.
    private static double Seconds(CudaContext context, int rounds, Action work)
    {
        using var from = context.Event();
        using var to = context.Event();
        var times = new double[rounds];
        for (var round = 0; round < rounds; round++)
        {
            from.Record();
            for (var i = 0; i < Passes; i++)
            {
                work();
            }

            to.Record();
            to.Synchronize();
            times[round] = to.Since(from) / 1e3;
        }

        return Contest.Median(times);
    }
}
