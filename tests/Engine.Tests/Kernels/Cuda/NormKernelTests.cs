using RwkvSk.Engine.Kernels.Cpu;
using RwkvSk.Engine.Kernels.Cuda.Parameters;
using RwkvSk.Engine.Weights;
using RwkvSk.TestKit;
using Xunit;

namespace RwkvSk.Engine.Tests.Kernels.Cuda;

/// <summary>Norms, token shift and mixes in double precision; embeddings.</summary>
public class NormKernelTests
{
    [Theory]
    [InlineData(32, 1), InlineData(300, 3), InlineData(1030, 2)]
    public void Norm_shift_and_mixes_equal_their_equations(int width, int positions)
    {
        using var bench = new KernelBench(width);
        var (x, weight, bias) = (bench.Draw(positions * width, -3, 5), bench.Draw(width), bench.Draw(width));
        var before = bench.Draw((positions + 2) * width);
        var mixes = Enumerable.Range(0, 6).Select(_ => bench.Draw(width)).ToArray();
        int[] slots = [.. Enumerable.Range(1, positions).Reverse()];
        var (device, state) = (bench.Put(x, width), bench.Put(before));
        var (normed, shifted) = (Empty(), Empty());
        var mixed = mixes.Select(_ => Empty()).ToArray();
        var parameters = new NormMix
        {
            X = device.Vectors.Pointer, Weight = bench.Put(weight).Pointer, Bias = bench.Put(bias).Pointer, Before = state.Pointer, Slots = bench.Put(slots).Pointer,
            Normed = normed.Vectors.Pointer, Shifted = shifted.Vectors.Pointer, SlotStride = width, Mixes = 6, Width = width, Stride = device.Vectors.Stride, Epsilon = 1e-5f,
        };
        for (var i = 0; i < 6; i++)
        {
            (parameters.Mix[i], parameters.Mixed[i]) = (bench.Put(mixes[i]).Pointer, mixed[i].Vectors.Pointer);
        }

        bench.Kernels.NormMix(parameters, positions);
        var h = Enumerable.Range(0, positions).SelectMany(i => Norm(x.AsSpan(i * width, width), weight, bias)).ToArray();
        var d = h.Select((now, i) => before[(slots[i / width] * width) + (i % width)] - now).ToArray();
        Check(h, normed, "norm");
        Check(d, shifted, "shift");
        for (var i = 0; i < 6; i++)
        {
            Check([.. h.Select((now, at) => now + (d[at] * mixes[i][at % width]))], mixed[i], $"mix {i}");
        }

        var after = before.ToArray();
        for (var i = 0; i < positions; i++)
        {
            h.AsSpan(i * width, width).ToArray().Select(static now => (float)now).ToArray().CopyTo(after, slots[i] * width);
        }

        Tolerance.AssertClose(after, bench.Get(state, after.Length), "what the next position finds", Tolerance.Kernel);

        (Engine.Kernels.Cuda.Mixers.DeviceVectors Vectors, Engine.Kernels.Cuda.Weights.DeviceRange Range) Empty() => bench.Put(new float[positions * width], width);

        void Check(double[] expected, (Engine.Kernels.Cuda.Mixers.DeviceVectors, Engine.Kernels.Cuda.Weights.DeviceRange) found, string stage) =>
            Tolerance.AssertClose(Array.ConvertAll(expected, static now => (float)now), bench.Get(found, width, positions), stage, Tolerance.Kernel);
    }

    [Theory]
    [InlineData("Float32"), InlineData("BFloat16"), InlineData("Float16")]
    public void An_embedding_is_a_row_of_the_table_normed(string type)
    {
        const int Rows = 7, Width = 270;
        using var bench = new KernelBench();
        var (stored, format) = (Enum.Parse<WeightType>(type), Enum.Parse<WeightFormat>(type));
        var table = bench.Draw(Rows * Width);
        table[(6 * Width) + 1] = 3e-6f;   // fp16 keeps it below its least exponent
        table[(6 * Width) + 2] = -0f;
        var bytes = new byte[table.Length * stored.ItemSize()];
        WeightFileExtensions.FromFloats(stored, table, bytes);
        WeightFileExtensions.ToFloats(stored, bytes, table);
        var (weight, bias) = (bench.Draw(Width), bench.Draw(Width));
        int[] tokens = [6, 0, 3];
        var x = bench.Put(new float[tokens.Length * Width], Width);
        bench.Kernels.Embed(
            new Embed
            {
                Table = bench.Put(bytes).Pointer, Tokens = bench.Put(tokens).Pointer, Weight = bench.Put(weight).Pointer, Bias = bench.Put(bias).Pointer,
                X = x.Vectors.Pointer, Format = (int)format, Width = Width, Stride = x.Vectors.Stride, Epsilon = 1e-5f,
            },
            tokens.Length);
        var expected = tokens.SelectMany(token => Norm(table.AsSpan(token * Width, Width), weight, bias)).Select(static value => (float)value).ToArray();
        Tolerance.AssertClose(expected, bench.Get(x, Width, tokens.Length), type, Tolerance.Kernel);
    }

    private static double[] Norm(ReadOnlySpan<float> x, float[] weight, float[] bias)
    {
        var numbers = x.ToArray();
        var mean = numbers.Average(static value => (double)value);
        var deviation = Math.Sqrt(numbers.Sum(value => (value - mean) * (value - mean)) / numbers.Length + 1e-5);
        return [.. numbers.Select((value, i) => ((value - mean) / deviation * weight[i]) + bias[i])];
    }
}
