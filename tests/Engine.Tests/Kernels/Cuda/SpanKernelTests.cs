using RwkvSk.Engine.Kernels.Cuda.Parameters;
using RwkvSk.Engine.Kernels.Reference;
using RwkvSk.TestKit;
using Xunit;

namespace RwkvSk.Engine.Tests.Kernels.Cuda;

/// <summary>The recurrences over many positions against the reference's loops.</summary>
public class SpanKernelTests
{
    public static TheoryData<int, int, int, int> Shapes => new() { { 64, 2, 1, 40 }, { 16, 3, 2, 17 }, { 128, 1, 1, 5 }, { 100, 1, 2, 16 }, { 24, 2, 1, 1 } };

    [Theory, MemberData(nameof(Shapes))]
    public void Rwkv7_equals_the_reference(int size, int heads, int batch, int positions) => Check(size, heads, batch, positions, is7: true);

    [Theory, MemberData(nameof(Shapes))]
    public void Rwkv6_equals_the_reference(int size, int heads, int batch, int positions) => Check(size, heads, batch, positions, is7: false);

    [Theory, InlineData(true), InlineData(false)]
    public void A_span_in_pieces_has_the_same_bits_whichever_thread_is_first(bool is7)
    {
        const int Size = 64, Positions = 37;
        using var bench = new KernelBench();
        var inputs = Inputs(bench, Size, Size, 1, Positions, is7);
        var states = bench.Draw(Size * Size);
        var (expected, stateAfter) = Run(bench, inputs, states, [0], Size, 1, 1, Positions, is7);

        using var reversed = new KernelBench(isReversed: true);
        var pieces = new List<float>();
        for (var (at, left) = (0, states); at < Positions; at += 15)
        {
            var count = Math.Min(15, Positions - at);
            var part = inputs.Select(x => x.Length == Size ? x : x[(at * Size)..((at + count) * Size)]).ToArray();
            (var y, left) = Run(reversed, part, left, [0], Size, 1, 1, count, is7);
            pieces.AddRange(y);
            states = left;
        }

        Assert.Equal(expected, pieces);
        Assert.Equal(stateAfter, states);
    }

    private static void Check(int size, int heads, int batch, int positions, bool is7)
    {
        using var bench = new KernelBench(size + positions);
        var width = size * heads;
        var inputs = Inputs(bench, size, width, batch, positions, is7);
        var states = bench.Draw((batch + 1) * size * width);
        int[] slots = [.. Enumerable.Range(1, batch).Reverse()];
        var (y, after) = Run(bench, inputs, states, slots, size, heads, batch, positions, is7);

        var (expected, exact) = (new float[y.Length], Array.ConvertAll(states, static x => (double)x));
        for (var row = 0; row < batch; row++)
        {
            for (var t = 0; t < positions; t++)
            {
                for (var head = 0; head < heads; head++)
                {
                    var at = (((row * positions) + t) * width) + (head * size);
                    double[] Of(int which, int from) => [.. inputs[which].Skip(from).Take(size).Select(static x => (double)x)];
                    var o = new double[size];
                    var state = exact.AsSpan((slots[row] * size * width) + (head * size * size), size * size);
                    double[] decay = [.. Of(1, at).Select(Math.Exp)];
                    if (is7)
                    {
                        ReferenceKernels.Wkv7(Of(0, at), decay, Of(2, at), Of(3, at), Of(4, at), Of(5, at), state, o);
                    }
                    else
                    {
                        ReferenceKernels.Wkv6(Of(0, at), decay, Of(2, at), Of(3, at), Of(4, head * size), state, o);
                    }

                    Array.ConvertAll(o, static x => (float)x).CopyTo(expected, at);
                }
            }
        }

        Tolerance.AssertClose(expected, y, "y", Tolerance.SameMath);
        Tolerance.AssertClose(Array.ConvertAll(exact, static x => (float)x), after, "states, those of other slots too", Tolerance.SameMath);
    }

    // r, log decay, k, v, then a and b (the removal key has length 1, so the state stays where it is), or the bonus.
    private static float[][] Inputs(KernelBench bench, int size, int width, int batch, int positions, bool is7)
    {
        var count = batch * positions * width;
        var (r, w, k, v, a) = (bench.Draw(count), bench.Draw(count, is7 ? -0.6f : -3, -0.001f), bench.Draw(count, -0.3f, 0.3f), bench.Draw(count), bench.Draw(count));
        for (var i = 0; i < count; i += size)
        {
            var length = MathF.Sqrt(a.AsSpan(i, size).ToArray().Sum(static x => x * x));
            for (var c = 0; c < size; c++)
            {
                a[i + c] /= length;
            }
        }

        return is7 ? [r, w, k, v, a, [.. a.Zip(bench.Draw(count, 0), static (x, rate) => -x * rate)]] : [r, w, k, v, bench.Draw(width)];
    }

    private static (float[] Y, float[] States) Run(
        KernelBench bench, float[][] inputs, float[] states, int[] slots, int size, int heads, int batch, int positions, bool is7)
    {
        var at = inputs.Select(x => bench.Put(x).Pointer).ToArray();
        var (y, state) = (bench.Put(new float[batch * positions * heads * size]), bench.Put(states));
        var parameters = new SpanOfPositions
        {
            R = at[0], LogDecay = at[1], K = at[2], V = at[3], A = at[4], B = is7 ? at[5] : 0, Y = y.Pointer, State = state.Pointer,
            Slots = bench.Put(slots).Pointer, SlotStride = size * size * heads, Positions = positions, Heads = heads, Size = size,
        };
        if (is7)
        {
            bench.Kernels.Span7(parameters, batch);
        }
        else
        {
            bench.Kernels.Span6(parameters, batch);
        }

        return (bench.Get(y, batch * positions * heads * size), bench.Get(state, states.Length));
    }
}
