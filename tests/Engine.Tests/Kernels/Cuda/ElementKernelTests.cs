using RwkvSk.Engine.Kernels.Cpu;
using RwkvSk.Engine.Kernels.Cuda.Mixers;
using RwkvSk.Engine.Kernels.Cuda.Parameters;
using RwkvSk.Engine.Kernels.Cuda.Weights;
using RwkvSk.Engine.Weights;
using RwkvSk.TestKit;
using Xunit;

namespace RwkvSk.Engine.Tests.Kernels.Cuda;

/// <summary>What is done number by number about cuBLAS's products.</summary>
public class ElementKernelTests
{
    private static readonly float[] Special =
    [
        0, -0f, 1, -1, 1.0009765625f, 1.00048828125f, 1.00146484375f, 1.00390625f, 1.01171875f, 65503, 65504, 6.1035156e-5f, 6.1e-5f, 5.9604645e-8f, 2.9802322e-8f, 2.98023259e-8f,
        8.9406967e-8f, 1e-10f, -3.1e-6f, 2.5e-7f, 1e-30f, -1e-40f, float.NaN,
    ];

    [Theory, InlineData("Float16"), InlineData("BFloat16")]
    public void Rounding_is_to_the_nearest_and_to_even(string name)
    {
        var format = Enum.Parse<WeightFormat>(name);
        using var bench = new KernelBench();
        float[] x = [.. Special, .. bench.Draw(3000, -3, 3), .. bench.Draw(3000, -7e-5f, 7e-5f), .. bench.Draw(1000, -65504, 65504)];
        var found = Round(bench, x, format);
        var expected = new byte[x.Length * sizeof(ushort)];
        WeightFileExtensions.FromFloats(format == WeightFormat.Float16 ? WeightType.Float16 : WeightType.BFloat16, x, expected);
        for (var i = 0; i < x.Length; i++)
        {
            var wanted = BitConverter.ToUInt16(expected, sizeof(ushort) * i);
            Assert.True(float.IsNaN(x[i]) ? float.IsNaN(Wide(found[i], format)) : wanted == found[i], $"{name}: {x[i]:r} became {found[i]:x4}, expected {wanted:x4}");
        }
    }

    [Fact]
    public void What_is_beyond_fp16_becomes_its_largest_and_no_infinity()
    {
        using var bench = new KernelBench();
        Assert.Equal([65504, 65504, -65504, -65504], Round(bench, [65519, 1e30f, -1e5f, float.NegativeInfinity], WeightFormat.Float16).Select(static x => Wide(x, WeightFormat.Float16)));
    }

    [Theory, InlineData(1), InlineData(6), InlineData(257), InlineData(1027)]
    public void Items_of_one_launch_do_not_meet_and_what_fills_up_stays_zero(int width)
    {
        const int Positions = 3;
        using var bench = new KernelBench(width);
        var (sums, gates, before) = (bench.Draw(Positions * width, -4, 4), bench.Draw(Positions * width), bench.Draw(Positions * width));
        var (x, gate, gated, added) = (bench.Put(sums, width), bench.Put(gates, width), bench.Put(before, width), bench.Put(before, width));
        var epilogues = new[] { Epilogue.Store, Epilogue.Tanh, Epilogue.Sigmoid, Epilogue.Silu, Epilogue.ReluSquared };
        var outputs = epilogues.Select(_ => bench.Put(new float[Positions * width], width)).ToArray();
        bench.Kernels.Elements(
            [
                .. epilogues.Select((epilogue, i) => Item(x.Vectors, outputs[i].Vectors, width, epilogue)),
                Item(x.Vectors, gated.Vectors, width, Epilogue.Add) with { Gate = gate.Vectors.Pointer },
                Item(x.Vectors, added.Vectors, width, Epilogue.Add),
            ],
            Positions);
        for (var i = 0; i < epilogues.Length; i++)
        {
            Check(outputs[i], (sum, _) => epilogues[i] switch
            {
                Epilogue.Tanh => Math.Tanh(sums[sum]),
                Epilogue.Sigmoid => 1 / (1 + Math.Exp(-sums[sum])),
                Epilogue.Silu => sums[sum] / (1 + Math.Exp(-sums[sum])),
                Epilogue.ReluSquared => Math.Pow(Math.Max(0, sums[sum]), 2),
                _ => sums[sum],
            });
        }

        Check(gated, (i, was) => was + ((double)gates[i] * sums[i]));
        Check(added, (i, was) => was + (double)sums[i]);

        void Check((DeviceVectors Vectors, DeviceRange Range) output, Func<int, double, double> expected)
        {
            Tolerance.AssertClose(
                [.. Enumerable.Range(0, sums.Length).Select(i => (float)expected(i, before[i]))], bench.Get(output, width, Positions), $"width {width}", new Tolerance(1e-6, 2e-6));
            var all = bench.Get(output.Range, Positions * output.Vectors.Stride);
            Assert.All(all.Where((_, i) => i % output.Vectors.Stride >= width), static fill => Assert.Equal(0, fill));
        }
    }

    [Fact]
    public void No_items_are_no_launch()
    {
        using var bench = new KernelBench();
        bench.Kernels.Elements([], 1);
        bench.Context.Stream.Synchronize();
        Assert.Empty(bench.Driver.Launched);
    }

    private static ushort[] Round(KernelBench bench, float[] x, WeightFormat format)
    {
        var from = bench.Put(x, x.Length);
        var to = bench.Put(new ushort[from.Vectors.Stride]);
        bench.Kernels.Elements([Item(from.Vectors, new DeviceVectors(to.Pointer, from.Vectors.Stride), x.Length, Epilogue.Store) with { Format = (int)format }], 1);
        var found = new ushort[x.Length];
        to.Buffer.Read<ushort>(found, to.Offset);
        Assert.Empty(bench.Driver.Damage);
        return found;
    }

    private static Elements Item(DeviceVectors x, DeviceVectors y, int width, Epilogue epilogue) =>
        new() { X = x.Pointer, XStride = x.Stride, Y = y.Pointer, YStride = y.Stride, Width = width, Epilogue = (int)epilogue };

    private static float Wide(ushort bits, WeightFormat format) => format == WeightFormat.Float16 ? (float)BitConverter.UInt16BitsToHalf(bits) : BitConverter.UInt32BitsToSingle((uint)bits << 16);
}
