using RwkvSk.Engine.Kernels.Cpu;
using RwkvSk.Engine.Kernels.Cuda.Parameters;
using RwkvSk.Engine.Kernels.Cuda.Weights;
using RwkvSk.Engine.Kernels.Reference;
using RwkvSk.Engine.Weights;
using RwkvSk.TestKit;
using Xunit;

namespace RwkvSk.Engine.Tests.Kernels.Cuda;

/// <summary>From r, k, v to what the output matrix reads, against the recurrences' reference and the equations around it in double precision.</summary>
public unsafe class HeadKernelTests
{
    private const float Epsilon = 64e-5f;

    [Theory]
    [InlineData(64, 2, 1, 64), InlineData(64, 3, 2, 96), InlineData(128, 1, 1, 480), InlineData(16, 2, 4, 6), InlineData(24, 2, 16, 10), InlineData(100, 1, 3, 33), InlineData(64, 1, 32, 32)]
    public void Rwkv7_equals_its_equations(int size, int heads, int positions, int rank)
    {
        foreach (var isFirst in new[] { true, false })
        {
            using var bench = new KernelBench(size + positions);
            var width = size * heads;
            var vectors = Enumerable.Range(0, 8).Select(_ => bench.Draw(width)).ToArray();   // w0, a0, v0, k_k, k_a, r_k, norm's weight and bias
            var inputs = Enumerable.Range(0, 4).Select(_ => bench.Draw(positions * width)).ToArray();   // r, k, v, v of layer 0
            var pairs = Enumerable.Range(0, 4).Select(i => (W: bench.Draw(width * rank, -0.3f, 0.3f), X: bench.Draw(positions * rank))).ToArray();
            var states = bench.Draw((positions + 1) * size * width);
            int[] slots = [.. Enumerable.Range(1, positions).Reverse()];

            var onDevice = inputs.Select(x => bench.Put(x, width).Vectors).ToArray();
            var (y, state) = (bench.Put(new float[positions * width], width), bench.Put(states));
            var at = vectors.Select(vector => bench.Put(vector).Pointer).ToArray();
            var parameters = new Heads7
            {
                Decay = at[0], Rate = at[1], Residual = at[2], RemovalKey = at[3], KeyRate = at[4], Bonus = at[5], NormWeight = at[6], NormBias = at[7],
                R = onDevice[0].Pointer, K = onDevice[1].Pointer, V = onDevice[2].Pointer, FirstV = onDevice[3].Pointer, Y = y.Vectors.Pointer,
                State = state.Pointer, Slots = bench.Put(slots).Pointer, SlotStride = size * width, Size = size, Stride = onDevice[0].Stride, Epsilon = Epsilon,
            };
            for (var i = 0; i < (isFirst ? 3 : 4); i++)
            {
                parameters.Pairs[i] = Pair(bench, pairs[i].W, pairs[i].X, width, rank);
            }

            bench.Kernels.Heads7(parameters, heads, positions);
            var (expected, ofStates) = (new float[positions * width], Array.ConvertAll(states, static x => (double)x));
            for (var position = 0; position < positions; position++)
            {
                for (var head = 0; head < heads; head++)
                {
                    Head7(position, head);
                }
            }

            Tolerance.AssertClose(expected, bench.Get(y, width, positions), $"y, {heads} heads of {size}, {positions} positions", Tolerance.SameMath);
            Tolerance.AssertClose(Array.ConvertAll(ofStates, static x => (float)x), bench.Get(state, states.Length), "states", Tolerance.SameMath);

            void Head7(int position, int head)
            {
                double[] r = new double[size], w = new double[size], k = new double[size], v = new double[size], a = new double[size], b = new double[size], o = new double[size], gate = new double[size];
                var (length, bonus) = (0.0, 0.0);
                for (var i = 0; i < size; i++)
                {
                    var c = (head * size) + i;
                    double Input(int which) => inputs[which][(position * width) + c];
                    double Thin(int which) => Enumerable.Range(0, rank).Sum(d => (double)pairs[which].W[(c * rank) + d] * pairs[which].X[(position * rank) + d]);
                    var rate = Sigmoid(vectors[1][c] + Thin(1));
                    (r[i], w[i], gate[i]) = (Input(0), Math.Exp(-Math.Exp(-0.5) * Sigmoid(vectors[0][c] + Thin(0))), Thin(2));
                    v[i] = Input(2) + (isFirst ? 0 : (Input(3) - Input(2)) * Sigmoid(vectors[2][c] + Thin(3)));
                    (a[i], b[i]) = (Input(1) * vectors[3][c], rate);
                    length += a[i] * a[i];
                    k[i] = Input(1) * (1 + ((rate - 1) * vectors[4][c]));
                    bonus += r[i] * k[i] * vectors[5][c];
                }

                for (var i = 0; i < size; i++)
                {
                    a[i] /= -Math.Sqrt(length);
                    b[i] *= -a[i];
                }

                ReferenceKernels.Wkv7(r, w, k, v, a, b, ofStates.AsSpan(slots[position] * size * width + (head * size * size), size * size), o);
                var (mean, variance) = (o.Average(), 0.0);
                variance = o.Sum(x => (x - mean) * (x - mean)) / size;
                for (var i = 0; i < size; i++)
                {
                    var c = (head * size) + i;
                    var normed = ((o[i] - mean) / Math.Sqrt(variance + Epsilon) * vectors[6][c]) + vectors[7][c];
                    expected[(position * width) + c] = (float)(gate[i] * (normed + (bonus * v[i])));
                }
            }
        }
    }

    [Theory]
    [InlineData(64, 2, 1, 64), InlineData(128, 1, 2, 128), InlineData(16, 2, 16, 6), InlineData(100, 1, 3, 33)]
    public void Rwkv6_equals_its_equations(int size, int heads, int positions, int rank)
    {
        using var bench = new KernelBench(size + positions);
        var width = size * heads;
        var vectors = Enumerable.Range(0, 4).Select(_ => bench.Draw(width)).ToArray();                // time_decay, time_faaaa, norm's weight and bias
        var inputs = Enumerable.Range(0, 4).Select(_ => bench.Draw(positions * width)).ToArray();     // r, k, v, gate
        var (pair, between) = (bench.Draw(width * rank, -0.3f, 0.3f), bench.Draw(positions * rank));
        var states = bench.Draw((positions + 1) * size * width);
        int[] slots = [.. Enumerable.Range(1, positions).Reverse()];

        var onDevice = inputs.Select(x => bench.Put(x, width).Vectors).ToArray();
        var (y, state) = (bench.Put(new float[positions * width], width), bench.Put(states));
        var at = vectors.Select(vector => bench.Put(vector).Pointer).ToArray();
        bench.Kernels.Heads6(
            new Heads6
            {
                DecayRank = Pair(bench, pair, between, width, rank), Decay = at[0], Bonus = at[1], NormWeight = at[2], NormBias = at[3],
                R = onDevice[0].Pointer, K = onDevice[1].Pointer, V = onDevice[2].Pointer, Gate = onDevice[3].Pointer, Y = y.Vectors.Pointer,
                State = state.Pointer, Slots = bench.Put(slots).Pointer, SlotStride = size * width, Size = size, Stride = onDevice[0].Stride, Epsilon = Epsilon,
            },
            heads, positions);

        var (expected, ofStates) = (new float[positions * width], Array.ConvertAll(states, static x => (double)x));
        for (var position = 0; position < positions; position++)
        {
            for (var head = 0; head < heads; head++)
            {
                double[] Of(float[] numbers, int offset = 0) => [.. numbers.Skip(offset + (head * size)).Take(size).Select(static x => (double)x)];
                var thin = Enumerable.Range(head * size, size).Select(c => Enumerable.Range(0, rank).Sum(d => (double)pair[(c * rank) + d] * between[(position * rank) + d]));
                var decay = Of(vectors[0]).Zip(thin, static (x, more) => Math.Exp(-Math.Exp(x + more))).ToArray();
                var (o, row) = (new double[size], position * width);
                ReferenceKernels.Wkv6(
                    Of(inputs[0], row), decay, Of(inputs[1], row), Of(inputs[2], row), Of(vectors[1]), ofStates.AsSpan((slots[position] * size * width) + (head * size * size), size * size), o);
                var mean = o.Average();
                var variance = o.Sum(x => (x - mean) * (x - mean)) / size;
                for (var i = 0; i < size; i++)
                {
                    var c = (head * size) + i;
                    expected[row + c] = (float)(inputs[3][row + c] * (((o[i] - mean) / Math.Sqrt(variance + Epsilon) * vectors[2][c]) + vectors[3][c]));
                }
            }
        }

        Tolerance.AssertClose(expected, bench.Get(y, width, positions), $"y, {heads} heads of {size}, {positions} positions", Tolerance.SameMath);
        Tolerance.AssertClose(Array.ConvertAll(ofStates, static x => (float)x), bench.Get(state, states.Length), "states", Tolerance.SameMath);
    }

    private static Thin Pair(KernelBench bench, float[] weights, float[] x, int width, int rank)
    {
        fixed (float* data = weights)
        {
            var layout = new RowLayout(WeightFormat.Float32, new StoredMatrix((nint)data, WeightType.Float32, rank, 1), width, rank);
            var vectors = bench.Put(x, rank).Vectors;
            return new Thin { Weights = layout.Upload(bench.Arena).Words, Format = (int)layout.Format, Eights = layout.Eights, X = vectors.Pointer, XStride = vectors.Stride };
        }
    }

    private static double Sigmoid(double x) => 1 / (1 + Math.Exp(-x));
}
