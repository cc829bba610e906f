using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using static TorchSharp.torch;

namespace RwkvSk.Engine.Kernels.Torch.Spans;

/// <summary>RWKV-4's recurrence, as <see cref="Wkv4"/> defines it, position by position; channels do not know of each other, 16 of them go at once.</summary>
internal static unsafe class Wkv4Span
{
    /// <summary>Advances the state over T positions.</summary>
    /// <param name="k">[B,T,C]</param>
    /// <param name="v">[B,T,C]</param>
    /// <param name="logDecay">w, below 0. [C]</param>
    /// <param name="bonus">u. [C]</param>
    /// <param name="state">Numerator, denominator, largest exponent p; the first two are scaled by e^-p. [B,3,C]</param>
    /// <returns>wkv [B,T,C] and the state after the last position.</returns>
    public static (Tensor Y, Tensor State) Forward(Tensor k, Tensor v, Tensor logDecay, Tensor bonus, Tensor state)
    {
        var (length, width) = ((int)k.shape[1], (int)k.shape[2]);
        var next = state.contiguous().clone();
        var y = empty(v.shape, dtype: ScalarType.Float32);
        float* keys = Floats(k), values = Floats(v), decays = Floats(logDecay), bonuses = Floats(bonus), to = Floats(y), states = Floats(next);
        var blocks = width / SpanPasses.Lanes;
        SpanPasses.For((int)k.shape[0] * blocks, unit =>
        {
            var (row, channel) = ((nint)(unit / blocks), unit % blocks * SpanPasses.Lanes);
            var at = (row * length * width) + channel;
            Channels(keys + at, values + at, decays + channel, bonuses + channel, to + at, states + (row * 3 * width) + channel, length, width);
        });
        return (y, next);
    }

    private static float* Floats(Tensor tensor) => SpanPasses.Floats(tensor.contiguous());

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Channels(float* keys, float* values, float* logDecay, float* bonus, float* y, float* state, int length, int width)
    {
        var (w, u) = (Vector512.Load(logDecay), Vector512.Load(bonus));
        var (numerator, denominator, largest) = (Vector512.Load(state), Vector512.Load(state + width), Vector512.Load(state + (2 * width)));
        for (nint t = 0, at = 0; t < length; t++, at += width)
        {
            var (k, v) = (Vector512.Load(keys + at), Vector512.Load(values + at));
            var top = Vector512.Max(largest, u + k);
            var (kept, now) = (SpanMath.Exp(largest - top), SpanMath.Exp(u + k - top));
            (Vector512.FusedMultiplyAdd(kept, numerator, now * v) / Vector512.FusedMultiplyAdd(kept, denominator, now)).Store(y + at);

            top = Vector512.Max(largest + w, k);
            (kept, now) = (SpanMath.Exp(largest + w - top), SpanMath.Exp(k - top));
            numerator = Vector512.FusedMultiplyAdd(kept, numerator, now * v);
            denominator = Vector512.FusedMultiplyAdd(kept, denominator, now);
            largest = top;
        }

        numerator.Store(state);
        denominator.Store(state + width);
        largest.Store(state + (2 * width));
    }
}
