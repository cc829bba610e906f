using RwkvSk.Engine.Kernels.Cpu;
using RwkvSk.Engine.Kernels.Cuda.Mixers;
using RwkvSk.Engine.Kernels.Cuda.Parameters;
using RwkvSk.Engine.Kernels.Cuda.Weights;
using RwkvSk.Engine.Weights;
using RwkvSk.TestKit;
using Xunit;

namespace RwkvSk.Engine.Tests.Kernels.Cuda;

/// <summary>Products with dense matrices against sums in double precision.</summary>
public unsafe class ProductKernelTests
{
    public static TheoryData<int, int, int> Shapes => new() { { 1, 1, 1 }, { 4, 256, 2 }, { 37, 200, 1 }, { 65, 600, 8 }, { 130, 1030, 4 }, { 9, 2304, 16 } };

    [Theory, MemberData(nameof(Shapes))]
    public void Every_format_equals_the_sum(int rows, int columns, int positions)
    {
        foreach (var format in Enum.GetValues<WeightFormat>())
        {
            using var bench = new KernelBench(rows + columns);
            var weights = KernelBench.Rounded(bench.Draw(rows * columns), format);
            var x = bench.Draw(positions * columns);
            var found = Multiply(bench, weights, rows, columns, format, x, positions);
            var expected = Expected(weights, rows, columns, x, positions);
            if (format is WeightFormat.Float32 or WeightFormat.BFloat16 or WeightFormat.Float16)
            {
                Tolerance.AssertClose(expected, found, $"{format} [{rows},{columns}] x {positions}", Tolerance.Kernel);
                continue;
            }

            // A weight is off by half a step at most, a step is 1/127 or 1/7.5 of the largest; x is below 1.
            var step = format == WeightFormat.Int8 ? 1 / 127f : 1 / 7.5f;
            for (var i = 0; i < found.Length; i++)
            {
                var most = (0.5 * step * x.AsSpan(i / rows * columns, columns).ToArray().Sum(MathF.Abs)) + 1e-4;
                Assert.InRange(Math.Abs(found[i] - expected[i]), 0, most);
            }
        }
    }

    [Theory]
    [InlineData((int)WeightFormat.Int8, 127, 100), InlineData((int)WeightFormat.Int4, 7.5, 7)]
    public void Integers_that_are_whole_steps_are_kept_exactly(int integers, float stepsOfLargest, int mostSteps)
    {
        var format = (WeightFormat)integers;
        using var bench = new KernelBench();
        const int Rows = 5, Columns = 520;
        var random = new Random(5);

        // In every scale's range stands one weight that makes the step 1.
        var weights = Enumerable.Range(0, Rows * Columns).Select(i => i % Columns % 64 == 0 ? stepsOfLargest : (float)random.Next(-mostSteps, mostSteps + 1)).ToArray();
        var x = bench.Draw(Columns);
        for (var i = 0; i < Columns; i += 64)
        {
            x[i] = 0;   // 7.5 itself is no whole step
        }

        var found = Multiply(bench, weights, Rows, Columns, format, x, 1);
        Tolerance.AssertClose(Expected(weights, Rows, Columns, x, 1), found, format.ToString(), Tolerance.Kernel);
    }

    [Fact]
    public void A_position_has_the_same_bits_in_any_company_and_whichever_thread_is_first()
    {
        const int Rows = 45, Columns = 900, Positions = 16;
        foreach (var format in Enum.GetValues<WeightFormat>())
        {
            float[][] runs = [.. new[] { false, true }.Select(isReversed =>
            {
                using var bench = new KernelBench(3, isReversed);
                return Multiply(bench, bench.Draw(Rows * Columns), Rows, Columns, format, bench.Draw(Positions * Columns), Positions);
            })];
            Assert.Equal(runs[0], runs[1]);

            using var alone = new KernelBench(3);
            var (weights, x) = (alone.Draw(Rows * Columns), alone.Draw(Positions * Columns));
            foreach (var count in new[] { 1, 2, 4, 8 })
            {
                Assert.Equal(runs[0][..(count * Rows)], Multiply(alone, weights, Rows, Columns, format, x[..(count * Columns)], count));
            }
        }
    }

    [Fact]
    public void Products_of_one_launch_do_not_meet()
    {
        using var bench = new KernelBench();
        var (expected, outputs, products) = (new List<float[]>(), new List<(DeviceVectors, DeviceRange)>(), new List<DenseProduct>());
        int[] rows = [3, 70, 8, 129, 1, 33, 256, 5];
        foreach (var (count, i) in rows.Select(static (count, i) => (count, i)))
        {
            var (columns, format) = (40 + (300 * i), (WeightFormat)(i % 3));
            var (weights, x) = (KernelBench.Rounded(bench.Draw(count * columns), format), bench.Draw(2 * columns));
            expected.Add(Expected(weights, count, columns, x, 2));
            outputs.Add(bench.Put(new float[2 * count], count));
            products.Add(Matrix(bench, weights, count, columns, format).Of(bench.Put(x, columns).Vectors, outputs[^1].Item1));
        }

        bench.Kernels.Products(CudaStep.Together([.. products]), 2);
        for (var i = 0; i < rows.Length; i++)
        {
            Tolerance.AssertClose(expected[i], bench.Get(outputs[i], rows[i], 2), $"product {i}", Tolerance.Kernel);
        }
    }

    [Theory]
    [InlineData("Store"), InlineData("Tanh"), InlineData("Sigmoid"), InlineData("Silu"), InlineData("ReluSquared"), InlineData("Add")]
    public void What_becomes_of_a_product_is_right_over_the_whole_range(string name)
    {
        var epilogue = Enum.Parse<Epilogue>(name);
        using var bench = new KernelBench();
        float[] sums = [-1000, -88, -30, -5, -1, -0.5f, -1e-3f, -1e-7f, 0, 1e-7f, 1e-3f, 0.4f, 1, 7, 20, 90, 1000];
        var y = bench.Put(Enumerable.Repeat(0.25f, sums.Length).ToArray(), sums.Length);
        bench.Kernels.Products(CudaStep.Together(Matrix(bench, sums, sums.Length, 1, WeightFormat.Float32).Of(bench.Put([1f], 1).Vectors, y.Vectors, epilogue)), 1);
        var expected = sums.Select(x => (float)(epilogue switch
        {
            Epilogue.Tanh => Math.Tanh(x),
            Epilogue.Sigmoid => 1 / (1 + Math.Exp(-x)),
            Epilogue.Silu => x / (1 + Math.Exp(-x)),
            Epilogue.ReluSquared => x > 0 ? (double)x * x : 0,
            Epilogue.Add => 0.25 + x,
            _ => x,
        })).ToArray();
        Tolerance.AssertClose(expected, bench.Get(y, sums.Length, 1), name, new Tolerance(2e-7, 1e-6));
    }

    private static float[] Multiply(KernelBench bench, float[] weights, int rows, int columns, WeightFormat format, float[] x, int positions)
    {
        var y = bench.Put(new float[positions * rows], rows);
        bench.Kernels.Products(CudaStep.Together(Matrix(bench, weights, rows, columns, format).Of(bench.Put(x, columns).Vectors, y.Vectors)), positions);
        return bench.Get(y, rows, positions);
    }

    private static DenseProduct Matrix(KernelBench bench, float[] weights, int rows, int columns, WeightFormat format)
    {
        fixed (float* data = weights)
        {
            var (words, scales) = MatrixLayout.Dense(format, new StoredMatrix((nint)data, WeightType.Float32, columns, 1), rows, columns).Upload(bench.Arena);
            return new DenseProduct { Weights = words, Scales = scales, Format = (int)format, Rows = rows, Tiles = MatrixLayout.TilesOf(columns) };
        }
    }

    private static float[] Expected(float[] weights, int rows, int columns, float[] x, int positions)
    {
        var y = new float[positions * rows];
        for (var i = 0; i < y.Length; i++)
        {
            var (position, row, sum) = (i / rows, i % rows, 0.0);
            for (var column = 0; column < columns; column++)
            {
                sum += (double)weights[(row * columns) + column] * x[(position * columns) + column];
            }

            y[i] = (float)sum;
        }

        return y;
    }
}
