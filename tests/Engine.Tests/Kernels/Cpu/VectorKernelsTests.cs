using RwkvSk.Engine.Kernels.Cpu;
using RwkvSk.TestKit;
using Xunit;

namespace RwkvSk.Engine.Tests.Kernels.Cpu;

/// <summary>Norms, shifts and mixes against their formulas at every width.</summary>
public unsafe class VectorKernelsTests
{
    [Theory]
    [InlineData(1), InlineData(12), InlineData(40), InlineData(64), InlineData(768)]
    public void A_norm_equals_its_formula(int width)
    {
        using var arena = new NativeArena(1 << 20);
        float* x = Fill(arena, width, 1), weight = Fill(arena, width, 2), bias = Fill(arena, width, 3), y = arena.Floats(width);
        var mean = 0.0;
        var variance = 0.0;
        for (var i = 0; i < width; i++)
        {
            mean += x[i] / (double)width;
        }

        for (var i = 0; i < width; i++)
        {
            variance += (x[i] - mean) * (x[i] - mean) / width;
        }

        var expected = new float[width];
        for (var i = 0; i < width; i++)
        {
            expected[i] = (float)(((x[i] - mean) / Math.Sqrt(variance + 1e-3) * weight[i]) + bias[i]);
        }

        foreach (var level in Widths.Tested)
        {
            VectorKernels.For(level, width).Norm(x, new NormWeights((nint)weight, (nint)bias, 1e-3f), y);
            Tolerance.AssertClose(expected, new ReadOnlySpan<float>(y, width), $"norm of {width}, vectors of {(int)level}", Tolerance.Kernel);
        }
    }

    [Theory]
    [InlineData(1), InlineData(12), InlineData(40), InlineData(64)]
    public void A_shift_gives_the_difference_and_remembers_x(int width)
    {
        using var arena = new NativeArena(1 << 20);
        foreach (var level in Widths.Tested)
        {
            float* x = Fill(arena, width, 4), before = Fill(arena, width, 5), dx = arena.Floats(width), mixed = arena.Floats(width);
            var old = new ReadOnlySpan<float>(before, width).ToArray();
            var kernels = VectorKernels.For(level, width);
            kernels.Shift(x, before, dx);
            kernels.Mix(x, dx, Fill(arena, width, 6), mixed);
            for (var i = 0; i < width; i++)
            {
                Assert.Equal(old[i] - x[i], dx[i]);
                Assert.Equal(x[i], before[i]);
            }

            var mix = Fill(arena, width, 6);
            Tolerance.AssertClose([.. old.Select((b, i) => x[i] + ((b - x[i]) * mix[i]))], new ReadOnlySpan<float>(mixed, width), $"mix, vectors of {(int)level}", Tolerance.Kernel);
        }
    }

    private static float* Fill(NativeArena arena, int count, int seed)
    {
        var random = new Random(seed);
        var numbers = arena.Floats(count);
        for (var i = 0; i < count; i++)
        {
            numbers[i] = (random.NextSingle() * 4) - 1;
        }

        return numbers;
    }
}
