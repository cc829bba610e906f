using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using static TorchSharp.torch;

namespace RwkvSk.Engine.Kernels.Torch.Spans;

/// <summary>
/// The recurrence of RWKV-5 and 6, as <see cref="Wkv6"/> defines it, position by position: four rows of the state (key channels) in registers over a few positions, what they give summed up.
/// </summary>
internal static unsafe class Wkv6Span
{
    /// <summary>N.</summary>
    public const int Size = 64;

    private const int Tile = 16;

    /// <summary>Advances the state over T positions.</summary>
    /// <param name="r">[B,T,H,N]</param>
    /// <param name="logDecay">log w, 0 or less. [B,T,H,N]</param>
    /// <param name="k">[B,T,H,N]</param>
    /// <param name="v">[B,T,H,N]</param>
    /// <param name="bonus">u. [H,N]</param>
    /// <param name="state">[B,H,N,N], row = key channel.</param>
    /// <returns>y [B,T,H,N] and the state after the last position.</returns>
    public static (Tensor Y, Tensor State) Forward(Tensor r, Tensor logDecay, Tensor k, Tensor v, Tensor bonus, Tensor state)
    {
        var (length, heads) = ((int)r.shape[1], (int)r.shape[2]);
        var next = state.contiguous().clone();
        var y = empty(v.shape, dtype: ScalarType.Float32);
        var view = new View(Floats(r), Floats(logDecay), Floats(k), Floats(v), Floats(bonus), Floats(y), Floats(next), length, heads);
        SpanPasses.For((int)r.shape[0] * heads, unit => Head(view, unit / heads, unit % heads));
        return (y, next);
    }

    private static float* Floats(Tensor tensor) => SpanPasses.Floats(tensor.contiguous());

    [SkipLocalsInit]
    private static void Head(in View view, int row, int head)
    {
        var memory = stackalloc float[(Tile * Size) + SpanPasses.Lanes];
        var decay = (float*)(((nint)memory + 63) & ~63);
        var state = view.State + (((nint)row * view.Heads) + head) * Size * Size;
        var stride = view.Heads * Size;
        for (var start = 0; start < view.Length; start += Tile)
        {
            var count = Math.Min(Tile, view.Length - start);
            var at = (((nint)row * view.Length) + start) * stride + (head * Size);
            Begin(view, decay, at, head * Size, stride, count);
            for (var i = 0; i < Size; i += 4)
            {
                Advance(view, decay, state + (i * Size), at, i, stride, count);
            }
        }
    }

    /// <summary>Decays of a tile, and y without what the state gives: (r . (u k)) v.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Begin(in View view, float* decay, nint at, int channel, int stride, int count)
    {
        for (var t = 0; t < count; t++, at += stride)
        {
            var sum = Vector512<float>.Zero;
            for (var j = 0; j < Size; j += SpanPasses.Lanes)
            {
                SpanMath.Exp(Vector512.Load(view.LogDecay + at + j)).Store(decay + (t * Size) + j);
                sum = Vector512.FusedMultiplyAdd(Vector512.Load(view.R + at + j) * Vector512.Load(view.K + at + j), Vector512.Load(view.Bonus + channel + j), sum);
            }

            var now = Vector512.Create(Vector512.Sum(sum));
            for (var j = 0; j < Size; j += SpanPasses.Lanes)
            {
                (Vector512.Load(view.V + at + j) * now).Store(view.Y + at + j);
            }
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Advance(in View view, float* decay, float* state, nint at, int row, int stride, int count)
    {
        var (a0, a1, a2, a3) = (Vector512.Load(state), Vector512.Load(state + 16), Vector512.Load(state + 32), Vector512.Load(state + 48));
        var (b0, b1, b2, b3) = (Vector512.Load(state + 64), Vector512.Load(state + 80), Vector512.Load(state + 96), Vector512.Load(state + 112));
        var (c0, c1, c2, c3) = (Vector512.Load(state + 128), Vector512.Load(state + 144), Vector512.Load(state + 160), Vector512.Load(state + 176));
        var (d0, d1, d2, d3) = (Vector512.Load(state + 192), Vector512.Load(state + 208), Vector512.Load(state + 224), Vector512.Load(state + 240));
        for (var t = 0; t < count; t++, at += stride)
        {
            float* r = view.R + at + row, k = view.K + at + row, w = decay + (t * Size) + row, v = view.V + at, y = view.Y + at;
            var (v0, v1, v2, v3) = (Vector512.Load(v), Vector512.Load(v + 16), Vector512.Load(v + 32), Vector512.Load(v + 48));
            var (y0, y1, y2, y3) = (Vector512.Load(y), Vector512.Load(y + 16), Vector512.Load(y + 32), Vector512.Load(y + 48));

            var (rr, kk, ww) = (Vector512.Create(r[0]), Vector512.Create(k[0]), Vector512.Create(w[0]));
            (y0, y1, y2, y3) = (Fma(rr, a0, y0), Fma(rr, a1, y1), Fma(rr, a2, y2), Fma(rr, a3, y3));
            (a0, a1, a2, a3) = (Fma(kk, v0, a0 * ww), Fma(kk, v1, a1 * ww), Fma(kk, v2, a2 * ww), Fma(kk, v3, a3 * ww));
            (rr, kk, ww) = (Vector512.Create(r[1]), Vector512.Create(k[1]), Vector512.Create(w[1]));
            (y0, y1, y2, y3) = (Fma(rr, b0, y0), Fma(rr, b1, y1), Fma(rr, b2, y2), Fma(rr, b3, y3));
            (b0, b1, b2, b3) = (Fma(kk, v0, b0 * ww), Fma(kk, v1, b1 * ww), Fma(kk, v2, b2 * ww), Fma(kk, v3, b3 * ww));
            (rr, kk, ww) = (Vector512.Create(r[2]), Vector512.Create(k[2]), Vector512.Create(w[2]));
            (y0, y1, y2, y3) = (Fma(rr, c0, y0), Fma(rr, c1, y1), Fma(rr, c2, y2), Fma(rr, c3, y3));
            (c0, c1, c2, c3) = (Fma(kk, v0, c0 * ww), Fma(kk, v1, c1 * ww), Fma(kk, v2, c2 * ww), Fma(kk, v3, c3 * ww));
            (rr, kk, ww) = (Vector512.Create(r[3]), Vector512.Create(k[3]), Vector512.Create(w[3]));
            (y0, y1, y2, y3) = (Fma(rr, d0, y0), Fma(rr, d1, y1), Fma(rr, d2, y2), Fma(rr, d3, y3));
            (d0, d1, d2, d3) = (Fma(kk, v0, d0 * ww), Fma(kk, v1, d1 * ww), Fma(kk, v2, d2 * ww), Fma(kk, v3, d3 * ww));
            y0.Store(y);
            y1.Store(y + 16);
            y2.Store(y + 32);
            y3.Store(y + 48);
        }

        a0.Store(state);
        a1.Store(state + 16);
        a2.Store(state + 32);
        a3.Store(state + 48);
        b0.Store(state + 64);
        b1.Store(state + 80);
        b2.Store(state + 96);
        b3.Store(state + 112);
        c0.Store(state + 128);
        c1.Store(state + 144);
        c2.Store(state + 160);
        c3.Store(state + 176);
        d0.Store(state + 192);
        d1.Store(state + 208);
        d2.Store(state + 224);
        d3.Store(state + 240);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector512<float> Fma(Vector512<float> a, Vector512<float> b, Vector512<float> c) => Vector512.FusedMultiplyAdd(a, b, c);

    /// <summary>Where everything is.</summary>
    private readonly struct View(float* r, float* logDecay, float* k, float* v, float* bonus, float* y, float* state, int length, int heads)
    {
        public readonly float* R = r, LogDecay = logDecay, K = k, V = v, Bonus = bonus, Y = y, State = state;
        public readonly int Length = length, Heads = heads;
    }
}
