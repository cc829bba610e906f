using RwkvSk.Engine.Kernels.Cpu;
using RwkvSk.Engine.Kernels.Cuda;
using RwkvSk.Engine.Kernels.Cuda.Parameters;
using RwkvSk.Engine.Kernels.Cuda.Weights;
using RwkvSk.Engine.Weights;
using RwkvSk.TestKit;
using Xunit;

namespace RwkvSk.Engine.Tests.Kernels.Cuda;

/// <summary>Products with vectors that are mostly zeros against sums in double precision.</summary>
public unsafe class SparseKernelTests
{
    public static TheoryData<int, int, int, double> Shapes => new() { { 32, 48, 1, 0.5 }, { 256, 256, 2, 0 }, { 300, 513, 4, 0.9 }, { 520, 1100, 8, 0.8 }, { 40, 90, 16, 1 }, { 72, 700, 1, 0.97 } };

    [Theory, MemberData(nameof(Shapes))]
    public void Every_format_equals_the_sum_with_and_without_a_gate(int width, int inner, int positions, double zeros)
    {
        foreach (var format in Enum.GetValues<WeightFormat>())
        {
            foreach (var hasGate in new[] { false, true })
            {
                using var bench = new KernelBench(width + inner);
                var (weights, k) = (KernelBench.Rounded(bench.Draw(width * inner), format), Thinned(bench, positions * inner, zeros));
                var (y, gate) = (bench.Draw(positions * width), bench.Draw(positions * width));
                var (expected, magnitude) = Expected(weights, width, inner, k, y, hasGate ? gate : null, positions);
                var found = Multiply(bench, weights, width, inner, format, k, y, hasGate ? gate : null, positions);
                var step = format switch { WeightFormat.Int8 => 0.5 / 127, WeightFormat.Int4 => 0.5 / 7.5, _ => 0 };
                for (var i = 0; i < found.Length; i++)
                {
                    Assert.InRange(Math.Abs(found[i] - expected[i]), 0, (step * magnitude[i]) + 2e-5 + (2e-5 * Math.Abs(expected[i])));
                }
            }
        }
    }

    [Fact]
    public void A_position_has_the_same_bits_in_any_company_and_whichever_thread_is_first()
    {
        const int Width = 300, Inner = 600, Positions = 8;
        foreach (var format in Enum.GetValues<WeightFormat>())
        {
            float[][] runs = [.. new[] { false, true }.Select(isReversed =>
            {
                using var bench = new KernelBench(9, isReversed);
                return Multiply(bench, bench.Draw(Width * Inner), Width, Inner, format, Thinned(bench, Positions * Inner, 0.8), bench.Draw(Positions * Width), null, Positions);
            })];
            Assert.Equal(runs[0], runs[1]);

            using var alone = new KernelBench(9);
            var (weights, k, y) = (alone.Draw(Width * Inner), Thinned(alone, Positions * Inner, 0.8), alone.Draw(Positions * Width));
            for (var i = 0; i < Positions; i += 3)
            {
                var one = Multiply(alone, weights, Width, Inner, format, k[(i * Inner)..((i + 1) * Inner)], y[(i * Width)..((i + 1) * Width)], null, 1);
                Assert.Equal(runs[0][(i * Width)..((i + 1) * Width)], one);
            }
        }
    }

    [Theory]
    [InlineData(2), InlineData(3), InlineData(9)]
    public void Blocks_that_take_more_rows_give_the_sum_too(int rounds)
    {
        const int Width = 40, Inner = 1300, Positions = 2;
        using var bench = new KernelBench();
        var (weights, k, y) = (bench.Draw(Width * Inner), Thinned(bench, Positions * Inner, 0.7), bench.Draw(Positions * Width));
        var found = Multiply(bench, weights, Width, Inner, WeightFormat.Float32, k, y, null, Positions, rounds);
        Tolerance.AssertClose(Expected(weights, Width, Inner, k, y, null, Positions).Y, found, $"{rounds} rounds", Tolerance.Kernel);
    }

    [Fact]
    public void Large_matrices_alone_have_blocks_of_more_rows()
    {
        Assert.Equal(1, CudaKernels.SparseRounds(tiles: 3, inner: 3072));     // 0.1B
        Assert.Equal(1, CudaKernels.SparseRounds(tiles: 8, inner: 8192));     // 1.5B
        Assert.Equal(4, CudaKernels.SparseRounds(tiles: 16, inner: 16384));   // 7.2B
        Assert.Equal(16, CudaKernels.SparseSplits(16384, rounds: 4));
    }

    private static float[] Thinned(KernelBench bench, int count, double zeros) => [.. bench.Draw(count, 0).Zip(bench.Draw(count, 0), (x, chance) => chance < zeros ? 0 : x)];

    private static float[] Multiply(KernelBench bench, float[] weights, int width, int inner, WeightFormat format, float[] k, float[] y, float[]? gate, int positions, int rounds = 1)
    {
        SparseProduct product;
        fixed (float* data = weights)
        {
            var layout = new SparseLayout(format, new StoredMatrix((nint)data, WeightType.Float32, inner, 1), width, inner);
            var (words, scales) = layout.Upload(bench.Arena);
            product = new SparseProduct { Weights = words, Scales = scales, Format = (int)format, Inner = inner, Tiles = layout.Tiles, Width = width, Rounds = rounds };
        }

        var (hidden, stream) = (bench.Put(k, inner), bench.Put(y, width));
        var arrived = bench.Put(new uint[product.Tiles * positions]);
        product = product with
        {
            K = hidden.Vectors.Pointer,
            KStride = hidden.Vectors.Stride,
            Y = stream.Vectors.Pointer,
            YStride = stream.Vectors.Stride,
            Gate = gate is null ? 0 : bench.Put(gate, width).Vectors.Pointer,
            Arrived = arrived.Pointer,
            Parts = bench.Arena.Take((long)CudaKernels.SparseSplits(inner, rounds) * positions * product.Tiles * CudaKernels.TileColumns * sizeof(float)).Pointer,
        };
        bench.Kernels.Sparse(product, positions);
        var found = bench.Get(stream, width, positions);
        Assert.All(bench.Get(arrived, product.Tiles * positions), static count => Assert.Equal(0, count));   // ready for the next
        return found;
    }

    private static (float[] Y, double[] Magnitude) Expected(float[] weights, int width, int inner, float[] k, float[] y, float[]? gate, int positions)
    {
        var (result, magnitude) = (new float[positions * width], new double[positions * width]);
        for (var i = 0; i < result.Length; i++)
        {
            var (position, row, sum) = (i / width, i % width, 0.0);
            for (var column = 0; column < inner; column++)
            {
                sum += (double)weights[(row * inner) + column] * k[(position * inner) + column];
                magnitude[i] += Math.Abs(k[(position * inner) + column]);
            }

            result[i] = (float)(y[i] + ((gate is null ? 1 : gate[i]) * sum));
        }

        return (result, magnitude);
    }
}
