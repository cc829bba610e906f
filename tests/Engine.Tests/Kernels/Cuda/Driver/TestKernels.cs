using RwkvSk.Engine.Kernels.Cuda.Driver;
using RwkvSk.TestKit.Cuda;

namespace RwkvSk.Engine.Tests.Kernels.Cuda.Driver;

/// <summary>Two kernels in C#, to test what launches them.</summary>
internal static unsafe class TestKernels
{
    /// <summary>What declares them.</summary>
    public static byte[] Ptx { get; } = PtxEntries.Declare(("add", ["u64", "u32", "f32"]), ("sum", ["u64", "u64", "u32"]), ("fault", []));

    /// <summary>A driver that has them.</summary>
    public static HostDriver Driver(long memory = 1 << 20) => new(Run) { MemoryBytes = memory };

    private static string? Run(string kernel, in LaunchShape shape, void** arguments)
    {
        switch (kernel)
        {
            case "add":   // x[i] += value
                var x = Vector(arguments[0], *(uint*)arguments[1]);
                foreach (ref var number in x)
                {
                    number += *(float*)arguments[2];
                }

                return null;
            case "sum":   // y[i] += x[i]
                var (count, at) = (*(uint*)arguments[2], 0);
                foreach (ref var number in Vector(arguments[0], count))
                {
                    number += Vector(arguments[1], count)[at++];
                }

                return null;
            default:
                return $"{kernel}: an address that is not there";
        }
    }

    private static Span<float> Vector(void* argument, uint count) => new((void*)*(nint*)argument, (int)count);
}
