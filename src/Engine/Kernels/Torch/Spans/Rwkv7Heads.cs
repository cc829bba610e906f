using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using static TorchSharp.torch;

namespace RwkvSk.Engine.Kernels.Torch.Spans;

/// <summary>What RWKV-7's time mix makes of a span, before decays and rates are formed. [B,T,C] each, fp32 or bf16 all alike.</summary>
internal sealed record Rwkv7Activations(Tensor Receptance, Tensor Key, Tensor Value, Tensor Decay, Tensor Rate, Tensor Gate)
{
    /// <summary>The value projection of layer 0 and how much of it is taken (before its bias and sigmoid); null in layer 0.</summary>
    public (Tensor First, Tensor Residual)? FirstValue { get; init; }
}

/// <summary>RWKV-7's parameters per channel. [C] each, fp32.</summary>
internal sealed record Rwkv7Channels(Tensor Decay, Tensor Rate, Tensor? Residual, Tensor RemovalKey, Tensor KeyRate, Tensor Bonus, Tensor NormWeight, Tensor NormBias);

/// <summary>
/// All that RWKV-7's time mix does between its projections and its output matrix, head by head: decay, rate and keys, the recurrence itself, norm, bonus and gate. The recurrence runs position
/// by position, four rows of the state in registers at a time; rows do not know of each other.
/// </summary>
internal static unsafe class Rwkv7Heads
{
    /// <summary>N: four vectors a row.</summary>
    public const int Size = 64;

    private const int Tile = 16;   // positions whose vectors fit the first cache beside the rows
    private const float NormEpsilon = 64e-5f, LeastLength = 1e-12f, DecayScale = -0.6065306597126334f;

    /// <summary>Advances the state and gives what the output matrix takes.</summary>
    /// <param name="span">The activations.</param>
    /// <param name="channels">The parameters.</param>
    /// <param name="state">Advanced in place. [B,H,N,N], fp32, contiguous</param>
    /// <returns>[B,T,C] in the activations' format.</returns>
    public static Tensor Forward(Rwkv7Activations span, Rwkv7Channels channels, Tensor state)
    {
        var (batch, length, width) = ((int)span.Key.shape[0], (int)span.Key.shape[1], (int)span.Key.shape[2]);
        var result = empty_like(span.Key);
        var view = new View
        {
            R = SpanPasses.Data(span.Receptance), K = SpanPasses.Data(span.Key), V = SpanPasses.Data(span.Value), W = SpanPasses.Data(span.Decay), A = SpanPasses.Data(span.Rate),
            G = SpanPasses.Data(span.Gate), Y = SpanPasses.Data(result), State = SpanPasses.Floats(state),
            DecayBias = SpanPasses.Floats(channels.Decay), RateBias = SpanPasses.Floats(channels.Rate), RemovalKey = SpanPasses.Floats(channels.RemovalKey), KeyRate = SpanPasses.Floats(channels.KeyRate),
            Bonus = SpanPasses.Floats(channels.Bonus), NormWeight = SpanPasses.Floats(channels.NormWeight), NormBias = SpanPasses.Floats(channels.NormBias),
            Length = length, Width = width,
        };
        if (span.FirstValue is { } first)
        {
            view.First = SpanPasses.Data(first.First);
            view.Residual = SpanPasses.Data(first.Residual);
            view.ResidualBias = SpanPasses.Floats(channels.Residual!);
        }

        var heads = width / Size;
        var isBrain = span.Key.dtype == ScalarType.BFloat16;
        SpanPasses.For(batch * heads, unit =>
        {
            if (isBrain)
            {
                Head<BrainElement>(view, unit / heads, unit % heads);
            }
            else
            {
                Head<SingleElement>(view, unit / heads, unit % heads);
            }
        });
        return result;
    }

    [SkipLocalsInit]
    private static void Head<TElement>(in View view, int row, int head)
        where TElement : struct, IElement
    {
        const int Block = Tile * Size;
        var memory = stackalloc float[(7 * Block) + Tile + SpanPasses.Lanes];
        memory = (float*)(((nint)memory + 63) & ~63);   // vectors that do not straddle cache lines
        var tile = new TileView(memory, memory + Block, memory + (2 * Block), memory + (3 * Block), memory + (4 * Block), memory + (5 * Block), memory + (6 * Block), memory + (7 * Block));
        var state = view.State + (((nint)row * (view.Width / Size)) + head) * Size * Size;
        for (var start = 0; start < view.Length; start += Tile)
        {
            var count = Math.Min(Tile, view.Length - start);
            var at = (((nint)row * view.Length) + start) * view.Width + (head * Size);
            Prepare<TElement>(view, tile, at, head * Size, count);
            for (var i = 0; i < Size; i += 4)
            {
                Advance(tile, state + (i * Size), i, count);
            }

            Finish<TElement>(view, tile, at, head * Size, count);
        }
    }

    /// <summary>Decay, keys, rate and value of a tile's positions, and the bonus' weight.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Prepare<TElement>(in View view, in TileView tile, nint at, int channel, int count)
        where TElement : struct, IElement
    {
        for (var t = 0; t < count; t++, at += view.Width)
        {
            var squares = Vector512<float>.Zero;
            for (var j = 0; j < Size; j += SpanPasses.Lanes)
            {
                var key = TElement.Load(view.K, at + j) * Vector512.Load(view.RemovalKey + channel + j);
                squares = Vector512.FusedMultiplyAdd(key, key, squares);
            }

            var scale = Vector512.Create(1 / MathF.Max(MathF.Sqrt(Vector512.Sum(squares)), LeastLength));
            var bonus = Vector512<float>.Zero;
            for (var j = 0; j < Size; j += SpanPasses.Lanes)
            {
                var (from, c, to) = (at + j, channel + j, (t * Size) + j);
                var (r, k, v) = (TElement.Load(view.R, from), TElement.Load(view.K, from), TElement.Load(view.V, from));
                var a = SpanMath.Sigmoid(TElement.Load(view.A, from) + Vector512.Load(view.RateBias + c));
                var removal = k * Vector512.Load(view.RemovalKey + c) * scale;                              // unit length per head
                k = Vector512.FusedMultiplyAdd((k * a) - k, Vector512.Load(view.KeyRate + c), k);           // k (1 + (a - 1) k_a)
                if (view.First is not null)
                {
                    var share = SpanMath.Sigmoid(TElement.Load(view.Residual, from) + Vector512.Load(view.ResidualBias + c));
                    v = Vector512.FusedMultiplyAdd(TElement.Load(view.First, from) - v, share, v);
                }

                var decay = SpanMath.Exp(SpanMath.Sigmoid(TElement.Load(view.W, from) + Vector512.Load(view.DecayBias + c)) * DecayScale);
                bonus = Vector512.FusedMultiplyAdd(r * k, Vector512.Load(view.Bonus + c), bonus);
                r.Store(tile.R + to);
                k.Store(tile.K + to);
                v.Store(tile.V + to);
                decay.Store(tile.W + to);
                removal.Store(tile.Removal + to);
                (removal * a).Store(tile.Added + to);
            }

            tile.Bonus[t] = Vector512.Sum(bonus);
        }
    }

    /// <summary>
    /// Four rows of the state over a tile: S &lt;- S diag(w) - (S kk)(kk a)^T + v k^T, y = S r. One row is s_i0 .. s_i3.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Advance(in TileView tile, float* state, int row, int count)
    {
        var (s00, s01, s02, s03) = (Vector512.Load(state), Vector512.Load(state + 16), Vector512.Load(state + 32), Vector512.Load(state + 48));
        var (s10, s11, s12, s13) = (Vector512.Load(state + 64), Vector512.Load(state + 80), Vector512.Load(state + 96), Vector512.Load(state + 112));
        var (s20, s21, s22, s23) = (Vector512.Load(state + 128), Vector512.Load(state + 144), Vector512.Load(state + 160), Vector512.Load(state + 176));
        var (s30, s31, s32, s33) = (Vector512.Load(state + 192), Vector512.Load(state + 208), Vector512.Load(state + 224), Vector512.Load(state + 240));
        for (var t = 0; t < count; t++)
        {
            var at = t * Size;
            var x = Vector512.Load(tile.Removal + at);
            var (d0, d1, d2, d3) = (s00 * x, s10 * x, s20 * x, s30 * x);
            x = Vector512.Load(tile.Removal + at + 16);
            (d0, d1, d2, d3) = (Fma(s01, x, d0), Fma(s11, x, d1), Fma(s21, x, d2), Fma(s31, x, d3));
            x = Vector512.Load(tile.Removal + at + 32);
            (d0, d1, d2, d3) = (Fma(s02, x, d0), Fma(s12, x, d1), Fma(s22, x, d2), Fma(s32, x, d3));
            x = Vector512.Load(tile.Removal + at + 48);
            var removed = -SpanMath.Sums(Fma(s03, x, d0), Fma(s13, x, d1), Fma(s23, x, d2), Fma(s33, x, d3));
            var (m0, m1) = (Vector512.Create(removed.GetElement(0)), Vector512.Create(removed.GetElement(1)));
            var (m2, m3) = (Vector512.Create(removed.GetElement(2)), Vector512.Create(removed.GetElement(3)));
            var v = tile.V + at + row;
            var (v0, v1, v2, v3) = (Vector512.Create(v[0]), Vector512.Create(v[1]), Vector512.Create(v[2]), Vector512.Create(v[3]));

            var (w, b, k, r) = (Vector512.Load(tile.W + at), Vector512.Load(tile.Added + at), Vector512.Load(tile.K + at), Vector512.Load(tile.R + at));
            (s00, s10, s20, s30) = (Fma(v0, k, Fma(m0, b, s00 * w)), Fma(v1, k, Fma(m1, b, s10 * w)), Fma(v2, k, Fma(m2, b, s20 * w)), Fma(v3, k, Fma(m3, b, s30 * w)));
            (d0, d1, d2, d3) = (s00 * r, s10 * r, s20 * r, s30 * r);
            (w, b, k, r) = (Vector512.Load(tile.W + at + 16), Vector512.Load(tile.Added + at + 16), Vector512.Load(tile.K + at + 16), Vector512.Load(tile.R + at + 16));
            (s01, s11, s21, s31) = (Fma(v0, k, Fma(m0, b, s01 * w)), Fma(v1, k, Fma(m1, b, s11 * w)), Fma(v2, k, Fma(m2, b, s21 * w)), Fma(v3, k, Fma(m3, b, s31 * w)));
            (d0, d1, d2, d3) = (Fma(s01, r, d0), Fma(s11, r, d1), Fma(s21, r, d2), Fma(s31, r, d3));
            (w, b, k, r) = (Vector512.Load(tile.W + at + 32), Vector512.Load(tile.Added + at + 32), Vector512.Load(tile.K + at + 32), Vector512.Load(tile.R + at + 32));
            (s02, s12, s22, s32) = (Fma(v0, k, Fma(m0, b, s02 * w)), Fma(v1, k, Fma(m1, b, s12 * w)), Fma(v2, k, Fma(m2, b, s22 * w)), Fma(v3, k, Fma(m3, b, s32 * w)));
            (d0, d1, d2, d3) = (Fma(s02, r, d0), Fma(s12, r, d1), Fma(s22, r, d2), Fma(s32, r, d3));
            (w, b, k, r) = (Vector512.Load(tile.W + at + 48), Vector512.Load(tile.Added + at + 48), Vector512.Load(tile.K + at + 48), Vector512.Load(tile.R + at + 48));
            (s03, s13, s23, s33) = (Fma(v0, k, Fma(m0, b, s03 * w)), Fma(v1, k, Fma(m1, b, s13 * w)), Fma(v2, k, Fma(m2, b, s23 * w)), Fma(v3, k, Fma(m3, b, s33 * w)));
            SpanMath.Sums(Fma(s03, r, d0), Fma(s13, r, d1), Fma(s23, r, d2), Fma(s33, r, d3)).Store(tile.Y + at + row);
        }

        s00.Store(state);
        s01.Store(state + 16);
        s02.Store(state + 32);
        s03.Store(state + 48);
        s10.Store(state + 64);
        s11.Store(state + 80);
        s12.Store(state + 96);
        s13.Store(state + 112);
        s20.Store(state + 128);
        s21.Store(state + 144);
        s22.Store(state + 160);
        s23.Store(state + 176);
        s30.Store(state + 192);
        s31.Store(state + 208);
        s32.Store(state + 224);
        s33.Store(state + 240);
    }

    /// <summary>Norm per head, bonus, gate.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Finish<TElement>(in View view, in TileView tile, nint at, int channel, int count)
        where TElement : struct, IElement
    {
        for (var t = 0; t < count; t++, at += view.Width)
        {
            var y = tile.Y + (t * Size);
            var (y0, y1, y2, y3) = (Vector512.Load(y), Vector512.Load(y + 16), Vector512.Load(y + 32), Vector512.Load(y + 48));
            var mean = Vector512.Create(Vector512.Sum((y0 + y1) + (y2 + y3)) / Size);
            (y0, y1, y2, y3) = (y0 - mean, y1 - mean, y2 - mean, y3 - mean);
            var variance = Vector512.Sum(Fma(y0, y0, Fma(y1, y1, Fma(y2, y2, y3 * y3)))) / Size;
            var scale = Vector512.Create(1 / MathF.Sqrt(variance + NormEpsilon));
            var bonus = Vector512.Create(tile.Bonus[t]);
            var v = tile.V + (t * Size);
            Put<TElement>(view, y0 * scale, bonus, v, at, channel);
            Put<TElement>(view, y1 * scale, bonus, v + 16, at + 16, channel + 16);
            Put<TElement>(view, y2 * scale, bonus, v + 32, at + 32, channel + 32);
            Put<TElement>(view, y3 * scale, bonus, v + 48, at + 48, channel + 48);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Put<TElement>(in View view, Vector512<float> normed, Vector512<float> bonus, float* v, nint at, int channel)
        where TElement : struct, IElement
    {
        normed = Fma(normed, Vector512.Load(view.NormWeight + channel), Vector512.Load(view.NormBias + channel));
        TElement.Store(view.Y, at, Fma(bonus, Vector512.Load(v), normed) * TElement.Load(view.G, at));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector512<float> Fma(Vector512<float> a, Vector512<float> b, Vector512<float> c) => Vector512.FusedMultiplyAdd(a, b, c);

    /// <summary>Where everything is.</summary>
    private struct View
    {
        public void* R, K, V, W, A, G, Y, First, Residual;
        public float* State, DecayBias, RateBias, ResidualBias, RemovalKey, KeyRate, Bonus, NormWeight, NormBias;
        public int Length, Width;
    }

    /// <summary>One head's vectors for a few positions. [Tile,N] each; the bonus has one number per position.</summary>
    private readonly struct TileView(float* r, float* k, float* v, float* w, float* removal, float* added, float* y, float* bonus)
    {
        public readonly float* R = r, K = k, V = v, W = w, Removal = removal, Added = added, Y = y, Bonus = bonus;
    }
}
