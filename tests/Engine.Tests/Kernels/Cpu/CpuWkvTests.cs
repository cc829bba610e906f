using RwkvSk.Engine.Kernels.Cpu;
using RwkvSk.Engine.Kernels.Reference;
using RwkvSk.TestKit;
using Xunit;

namespace RwkvSk.Engine.Tests.Kernels.Cpu;

/// <summary>The recurrences against the reference's loops, at every width that divides the head.</summary>
public unsafe class CpuWkvTests
{
    private const int Positions = 50;

    [Theory]
    [InlineData(1), InlineData(6), InlineData(8), InlineData(16), InlineData(48), InlineData(64)]
    public void Steps_equal_the_reference(int size)
    {
        Run<Lanes1>(size);
        Run<Lanes128>(size);
        Run<Lanes256>(size);
        Run<Lanes512>(size);
    }

    private static void Run<TLanes>(int n)
        where TLanes : struct, ILanes<TLanes>
    {
        if (n % TLanes.Count != 0 || !Widths.Tested.Contains((SimdLevel)TLanes.Count))
        {
            return;
        }

        var random = new Random(n);
        var (state7, state6, state4) = (Draw(n * n, -1, 1), Draw(n * n, -1, 1), Draw(3 * n, 0.5f, 1));
        var (exact7, exact6, exact4) = (Doubles(state7), Doubles(state6), Doubles(state4));
        var (bonus, logDecay) = (Draw(n, -1, 1), Draw(n, -2, -0.01f));
        var stage = $"{n} channels, vectors of {TLanes.Count}";
        for (var t = 0; t < Positions; t++)
        {
            var (r, w, k, v) = (Draw(n, -1, 1), Draw(n, 0.55f, 1), Draw(n, -1, 1), Draw(n, -1, 1));
            var removal = Draw(n, -1, 1);
            var length = MathF.Sqrt(removal.Sum(static x => x * x));
            var a = removal.Select(x => -x / length).ToArray();
            var b = a.Select(x => -x * random.NextSingle()).ToArray();
            var (y, exact) = (new float[n], new double[n]);

            ReferenceKernels.Wkv7(Doubles(r), Doubles(w), Doubles(k), Doubles(v), Doubles(a), Doubles(b), exact7, exact);
            fixed (float* pr = r, pw = w, pk = k, pv = v, pa = a, pb = b, ps = state7, py = y)
            {
                Wkv<TLanes>.Step7(pr, pw, pk, pv, pa, pb, ps, n, py);
            }

            Tolerance.AssertClose(Floats(exact), y, $"wkv7, {stage}", Tolerance.SameMath);

            ReferenceKernels.Wkv6(Doubles(r), Doubles(w), Doubles(k), Doubles(v), Doubles(bonus), exact6, exact);
            fixed (float* pr = r, pw = w, pk = k, pv = v, pu = bonus, ps = state6, py = y)
            {
                Wkv<TLanes>.Step6(pr, pw, pk, pv, pu, ps, n, py);
            }

            Tolerance.AssertClose(Floats(exact), y, $"wkv6, {stage}", Tolerance.SameMath);

            ReferenceKernels.Wkv4(Doubles(k), Doubles(v), Doubles(logDecay), Doubles(bonus), exact4.AsSpan(0, n), exact4.AsSpan(n, n), exact4.AsSpan(2 * n, n), exact);
            fixed (float* pk = k, pv = v, pw = logDecay, pu = bonus, ps = state4, py = y)
            {
                Wkv<TLanes>.Step4(pk, pv, pw, pu, ps, ps + n, ps + (2 * n), n, py);
            }

            Tolerance.AssertClose(Floats(exact), y, $"wkv4, {stage}", Tolerance.Exponents);
        }

        Tolerance.AssertClose(Floats(exact7), state7, $"state of wkv7, {stage}", Tolerance.SameMath);
        Tolerance.AssertClose(Floats(exact6), state6, $"state of wkv6, {stage}", Tolerance.SameMath);
        Tolerance.AssertClose(Floats(exact4), state4, $"state of wkv4, {stage}", Tolerance.Exponents);

        float[] Draw(int count, float from, float to) => [.. Enumerable.Range(0, count).Select(_ => from + ((to - from) * random.NextSingle()))];
    }

    private static double[] Doubles(float[] x) => [.. x.Select(static v => (double)v)];

    private static float[] Floats(double[] x) => [.. x.Select(static v => (float)v)];
}
