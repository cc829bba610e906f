using RwkvSk.Engine.Kernels.Cpu;
using RwkvSk.Engine.Weights;
using RwkvSk.TestKit;
using Xunit;

namespace RwkvSk.Engine.Tests.Kernels.Cpu;

/// <summary>Packed products against loops over the unpacked matrix.</summary>
public unsafe class PackedMatrixTests
{
    private const int MostVectors = 9;

    public static TheoryData<int, int> Shapes => new() { { 1, 1 }, { 2, 3 }, { 31, 64 }, { 32, 63 }, { 33, 128 }, { 64, 17 }, { 97, 200 }, { 768, 96 } };

    [Theory, MemberData(nameof(Shapes))]
    public void Products_equal_the_loops_in_every_format_at_every_width(int rows, int columns)
    {
        using var arena = new NativeArena(1 << 20);
        var random = new Random((rows * 1000) + columns);
        var vectors = Vectors.Take(arena, MostVectors, columns);
        for (var i = 0; i < MostVectors; i++)
        {
            Fill(random, new Span<float>(vectors[i], columns));
        }

        foreach (var (type, format) in new[] { (WeightType.Float32, WeightFormat.Float32), (WeightType.BFloat16, WeightFormat.BFloat16), (WeightType.Float16, WeightFormat.Float16) })
        {
            var weights = Rounded(random, rows * columns, type);
            float[]? first = null;
            foreach (var level in Widths.Tested)
            {
                var matrix = new PackedMatrix(rows, columns, format, level, arena);
                Pack(matrix, weights);
                for (var count = 1; count <= MostVectors; count++)
                {
                    var found = Multiply(matrix, vectors, count);
                    Tolerance.AssertClose(Expected(weights, rows, columns, vectors, count), found, $"{format}, vectors of {(int)level}, {count} at once", Tolerance.Kernel);
                    if (System.Runtime.Intrinsics.X86.Fma.IsSupported)
                    {
                        first ??= count == MostVectors ? found : null;
                        Assert.Equal(first?.AsSpan(0, found.Length).ToArray() ?? found, found);   // the same bits at every width
                    }
                }
            }
        }
    }

    [Theory, MemberData(nameof(Shapes))]
    public void Integer_weights_are_off_by_half_a_step_at_every_width(int rows, int columns)
    {
        using var arena = new NativeArena(1 << 20);
        var random = new Random((rows * 1000) + columns);
        var weights = Rounded(random, rows * columns, WeightType.Float32);
        weights.AsSpan(0, Math.Min(columns, 130)).Clear();                                    // a scale of zeros
        foreach (var (format, share, steps) in new[] { (WeightFormat.Int8, 128, 127f), (WeightFormat.Int4, 64, 7.5f) })
        {
            float[]? first = null;
            foreach (var level in Widths.Tested)
            {
                var matrix = new PackedMatrix(rows, columns, format, level, arena);
                Pack(matrix, weights);
                var found = new float[rows * columns];
                for (var column = 0; column < columns; column++)                              // a unit vector brings out a column
                {
                    var unit = Vectors.Take(arena, 1, columns);
                    unit[0][column] = 1;
                    var y = Multiply(matrix, unit, 1);
                    for (var row = 0; row < rows; row++)
                    {
                        found[(row * columns) + column] = y[row];
                    }
                }

                for (var i = 0; i < found.Length; i++)
                {
                    var from = i - (i % columns % share);
                    var largest = weights.AsSpan(from, Math.Min(share, columns - (from % columns))).ToArray().Max(MathF.Abs);
                    Assert.True(MathF.Abs(found[i] - weights[i]) <= (0.501f * largest / steps) + 1e-7f, $"{format}, vectors of {(int)level}: {weights[i]} became {found[i]}, the scale's largest is {largest}");
                }

                first ??= found;
                Assert.Equal(first, found);
                CompareCounts(matrix, random, arena);
            }
        }
    }

    [Theory, MemberData(nameof(Shapes))]
    public void Leaving_zeros_out_changes_no_number(int rows, int columns)
    {
        using var arena = new NativeArena(1 << 20);
        var random = new Random((rows * 1000) + columns);
        var x = Vectors.Take(arena, 1, columns);
        var weights = Rounded(random, rows * columns, WeightType.Float32);
        foreach (var format in Enum.GetValues<WeightFormat>())
        {
            foreach (var level in Widths.Tested)
            {
                var matrix = new PackedMatrix(rows, columns, format, level, arena);
                Pack(matrix, weights);
                var filled = new FilledUnits(columns, matrix.Product.UnitColumns, arena, matrix.Product.MostFilled);
                foreach (var zeros in new[] { 0.0, 0.5, 0.9, 1 })
                {
                    for (var column = 0; column < columns; column++)
                    {
                        x[0][column] = random.NextDouble() < zeros ? (column % 2 == 0 ? 0f : -0f) : random.NextSingle() - 0.5f;
                    }

                    filled.Find(x[0]);
                    Assert.Equal(Multiply(matrix, x, 1), MultiplyFilled(matrix, x, filled));
                    Assert.Equal(new Span<float>(x[0], columns).ToArray().Chunk(filled.Unit).Count(static unit => unit.Any(static number => number != 0)), filled.Count);
                }
            }
        }
    }

    private static float[] MultiplyFilled(PackedMatrix matrix, Vectors x, FilledUnits filled)
    {
        var y = new float[matrix.Rows];
        var block = stackalloc float[BlockProduct.MostBlockRows];
        for (var i = 0; i < matrix.BlockCount; i++)
        {
            matrix.MultiplyFilled(i, x[0], filled, block);
            new Span<float>(block, matrix.RowsOf(i)).CopyTo(y.AsSpan(i * matrix.Product.BlockRows));
        }

        return y;
    }

    private static void CompareCounts(PackedMatrix matrix, Random random, NativeArena arena)
    {
        var vectors = Vectors.Take(arena, MostVectors, matrix.Columns);
        for (var i = 0; i < MostVectors; i++)
        {
            Fill(random, new Span<float>(vectors[i], matrix.Columns));
        }

        var all = Multiply(matrix, vectors, MostVectors);
        for (var i = 0; i < MostVectors; i++)
        {
            var alone = new Vectors((nint)vectors[i], vectors.Stride);
            Assert.Equal(Multiply(matrix, alone, 1), all.AsSpan(i * matrix.Rows, matrix.Rows).ToArray());
        }
    }

    [Fact]
    public void Sixteen_bit_weights_give_the_bits_of_their_widening()
    {
        using var arena = new NativeArena(1 << 20);
        var random = new Random(5);
        var vectors = Vectors.Take(arena, 1, 300);
        Fill(random, new Span<float>(vectors[0], 300));
        foreach (var (type, format) in new[] { (WeightType.BFloat16, WeightFormat.BFloat16), (WeightType.Float16, WeightFormat.Float16) })
        {
            var weights = Rounded(random, 40 * 300, type);
            var narrow = new PackedMatrix(40, 300, format, SimdLevels.Best, arena);
            var wide = new PackedMatrix(40, 300, WeightFormat.Float32, SimdLevels.Best, arena);
            Pack(narrow, weights);
            Pack(wide, weights);
            Assert.Equal(Multiply(wide, vectors, 1), Multiply(narrow, vectors, 1));
        }
    }

    [Fact]
    public void The_smallest_and_largest_sixteen_bit_floats_come_out_right()
    {
        using var arena = new NativeArena(1 << 20);
        float[] weights = [(float)Half.MaxValue, (float)Half.MinValue, (float)Half.Epsilon, -(float)Half.Epsilon, 6.1035e-5f, 0];
        foreach (var level in Widths.Tested)
        {
            var matrix = new PackedMatrix(6, 1, WeightFormat.Float16, level, arena);
            Pack(matrix, weights);
            var one = Vectors.Take(arena, 1, 1);
            one[0][0] = 1;
            Assert.Equal(weights.Select(static w => (float)(Half)w), Multiply(matrix, one, 1));
        }
    }

    private static void Fill(Random random, Span<float> numbers)
    {
        foreach (ref var number in numbers)
        {
            number = (random.NextSingle() * 2) - 1;
        }
    }

    // Weights that the type holds exactly.
    private static float[] Rounded(Random random, int count, WeightType type)
    {
        var weights = new float[count];
        Fill(random, weights);
        var bytes = new byte[count * type.ItemSize()];
        WeightFileExtensions.FromFloats(type, weights, bytes);
        WeightFileExtensions.ToFloats(type, bytes, weights);
        return weights;
    }

    private static void Pack(PackedMatrix matrix, float[] weights)
    {
        fixed (float* data = weights)
        {
            MatrixPacker.Fill(matrix, new StoredMatrix((nint)data, WeightType.Float32, matrix.Columns, 1));
        }
    }

    private static float[] Multiply(PackedMatrix matrix, Vectors x, int count)
    {
        var rows = matrix.Product.BlockRows;
        var y = new float[count * matrix.Rows];
        var block = stackalloc float[MostVectors * BlockProduct.MostBlockRows];
        for (var i = 0; i < matrix.BlockCount; i++)
        {
            matrix.Multiply(i, x, count, block, rows);
            for (var vector = 0; vector < count; vector++)
            {
                new Span<float>(block + (vector * rows), matrix.RowsOf(i)).CopyTo(y.AsSpan((vector * matrix.Rows) + (i * rows)));
            }
        }

        return y;
    }

    private static float[] Expected(float[] weights, int rows, int columns, Vectors x, int count)
    {
        var y = new float[count * rows];
        for (var vector = 0; vector < count; vector++)
        {
            for (var row = 0; row < rows; row++)
            {
                var sum = 0.0;
                for (var column = 0; column < columns; column++)
                {
                    sum += (double)weights[(row * columns) + column] * x[vector][column];
                }

                y[(vector * rows) + row] = (float)sum;
            }
        }

        return y;
    }
}
