using System.CommandLine;
using RwkvSk.Benchmarks.Harness;
using RwkvSk.Engine.Kernels.Cpu;
using RwkvSk.Engine.Weights;

namespace RwkvSk.Benchmarks.Suites;

/// <summary>What leaving out columns saves when a channel mix's inner vector is mostly zeros: RWKV-7's second matrices, layer after layer, larger than any cache.</summary>
internal static class SparseSuite
{
    public static Suite Create()
    {
        var width = new Option<int>("--width") { Description = "C; the inner vector is four times as long.", DefaultValueFactory = static _ => 768 };
        var layers = new Option<int>("--layers") { Description = "Matrices that take turns.", DefaultValueFactory = static _ => 12 };
        return new Suite(
            new Command("sparse", "Products with a vector that is mostly zeros.") { width, layers },
            (parse, settings, report) => Run(parse.GetValue(width), parse.GetValue(layers), settings, report));
    }

    private static unsafe void Run(int width, int layers, Settings settings, Report report)
    {
        var columns = 4 * width;
        foreach (var format in new[] { WeightFormat.BFloat16, WeightFormat.Int8, WeightFormat.Int4 })
        {
            using var arena = new NativeArena();
            using var pool = new WorkerPool(settings.Threads, BlockProduct.MostBlockRows);
            var random = new Random(1);
            var matrices = new PackedMatrix[layers];
            for (var i = 0; i < layers; i++)
            {
                matrices[i] = new PackedMatrix(width, columns, format, SimdLevels.Best, arena);
                Fill(matrices[i], random);
            }

            var (one, y) = (new VectorCount { Value = 1 }, Vectors.Take(arena, 1, width));
            report.Add($"{layers} products [{width},{columns}] in {format}, {matrices.Sum(static m => m.BlockCount * m.BlockBytes) / 1e6:F0} MB", Contest.Run(
                settings.Rounds, [Case(0, false), .. new[] { 0, 30, 50, 60, 70, 80, 90, 95 }.Select(zeros => Case(zeros, true))]));

            Case Case(int zeros, bool looks)
            {
                var x = Vectors.Take(arena, 1, columns);
                var filled = new FilledUnits(columns, matrices[0].Product.UnitColumns, arena, mostFilled: 1);
                for (var i = 0; i < columns; i++)
                {
                    x[0][i] = random.Next(100) < zeros ? 0 : random.NextSingle();
                }

                filled.Find(x[0]);
                var passes = matrices.Select(matrix => new ProductPass(one, 1, new Product(matrix, x, y, Epilogue.Add) { Filled = looks ? filled : null })).ToArray();
                return new Case(looks ? $"{zeros} % zeros, {100.0 * filled.Count / filled.All:F0} % of the units filled" : "the whole matrix", () =>
                {
                    foreach (var pass in passes)
                    {
                        if (looks)
                        {
                            filled.Find(x[0]);
                        }

                        pool.Run(pass);
                    }
                });
            }
        }
    }

    private static unsafe void Fill(PackedMatrix matrix, Random random)
    {
        var weights = new float[matrix.Rows * matrix.Columns];
        foreach (ref var weight in weights.AsSpan())
        {
            weight = random.NextSingle() - 0.5f;
        }

        fixed (float* data = weights)
        {
            MatrixPacker.Fill(matrix, new StoredMatrix((nint)data, WeightType.Float32, matrix.Columns, 1));
        }
    }
}
