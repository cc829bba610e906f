using System.Runtime.CompilerServices;

namespace RwkvSk.Engine.Kernels.Cpu;

/// <summary>The recurrences, one position of one head, the state advanced in place. The reference says the same in loops over numbers.</summary>
internal static unsafe class Wkv<TLanes>
    where TLanes : struct, ILanes<TLanes>
{
    /// <summary>RWKV-7: S = S (diag(w) + a b^T) + v k^T, then y = S r.</summary>
    /// <param name="r">[N]</param>
    /// <param name="decay">w, 0 to 1. [N]</param>
    /// <param name="k">[N]</param>
    /// <param name="v">[N]</param>
    /// <param name="a">Minus the removal key. [N]</param>
    /// <param name="b">The removal key times the in-context rate. [N]</param>
    /// <param name="state">[N,N], row = value channel.</param>
    /// <param name="size">N, a multiple of the vector's.</param>
    /// <param name="y">[N]</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Step7(float* r, float* decay, float* k, float* v, float* a, float* b, float* state, int size, float* y)
    {
        for (var value = 0; value < size; value++)
        {
            TLanes removed = default, sum = default;
            for (var key = 0; key < size; key += TLanes.Count)
            {
                removed = TLanes.MultiplyAdd(TLanes.Load(state + key), TLanes.Load(a + key), removed);
            }

            var (away, added) = (TLanes.Broadcast(TLanes.Sum(removed)), TLanes.Broadcast(v[value]));
            for (var key = 0; key < size; key += TLanes.Count)
            {
                var s = TLanes.Load(state + key) * TLanes.Load(decay + key);
                s = TLanes.MultiplyAdd(away, TLanes.Load(b + key), s);
                s = TLanes.MultiplyAdd(added, TLanes.Load(k + key), s);
                s.Store(state + key);
                sum = TLanes.MultiplyAdd(s, TLanes.Load(r + key), sum);
            }

            y[value] = TLanes.Sum(sum);
            state += size;
        }
    }

    /// <summary>RWKV-5 and 6: y = r (S + diag(u) k v^T), then S = diag(w) S + k v^T.</summary>
    /// <param name="r">[N]</param>
    /// <param name="decay">w, 0 to 1. [N]</param>
    /// <param name="k">[N]</param>
    /// <param name="v">[N]</param>
    /// <param name="bonus">u. [N]</param>
    /// <param name="state">[N,N], row = key channel.</param>
    /// <param name="size">N, a multiple of the vector's.</param>
    /// <param name="y">[N]</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Step6(float* r, float* decay, float* k, float* v, float* bonus, float* state, int size, float* y)
    {
        for (var value = 0; value < size; value += TLanes.Count)
        {
            var (values, sum) = (TLanes.Load(v + value), default(TLanes));
            var s = state + value;
            for (var key = 0; key < size; key++)
            {
                var (old, added) = (TLanes.Load(s), values * TLanes.Broadcast(k[key]));
                sum = TLanes.MultiplyAdd(TLanes.MultiplyAdd(added, TLanes.Broadcast(bonus[key]), old), TLanes.Broadcast(r[key]), sum);
                TLanes.MultiplyAdd(old, TLanes.Broadcast(decay[key]), added).Store(s);
                s += size;
            }

            sum.Store(y + value);
        }
    }

    /// <summary>RWKV-4 over some channels, each its own recurrence: a mean of the values weighted by e^key, fading with age.</summary>
    /// <param name="k">The exponent of the position's weight.</param>
    /// <param name="v">Value.</param>
    /// <param name="logDecay">w, below 0: added to the exponents per step of age.</param>
    /// <param name="bonus">u: added to the newest position's exponent.</param>
    /// <param name="numerator">Sum of weighted values, divided by e^largest.</param>
    /// <param name="denominator">Sum of weights, divided by e^largest.</param>
    /// <param name="largest">The largest exponent so far.</param>
    /// <param name="length">Channels, a multiple of the vector's.</param>
    /// <param name="y">Receives the weighted mean.</param>
    public static void Step4(float* k, float* v, float* logDecay, float* bonus, float* numerator, float* denominator, float* largest, int length, float* y)
    {
        for (var i = 0; i < length; i += TLanes.Count)
        {
            var (key, value, p) = (TLanes.Load(k + i), TLanes.Load(v + i), TLanes.Load(largest + i));
            var (above, below) = (TLanes.Load(numerator + i), TLanes.Load(denominator + i));
            var now = key + TLanes.Load(bonus + i);
            var scale = TLanes.Max(p, now);
            var (old, young) = (TLanes.Exp(p - scale), TLanes.Exp(now - scale));
            (TLanes.MultiplyAdd(old, above, young * value) / TLanes.MultiplyAdd(old, below, young)).Store(y + i);

            var aged = p + TLanes.Load(logDecay + i);
            scale = TLanes.Max(aged, key);
            (old, young) = (TLanes.Exp(aged - scale), TLanes.Exp(key - scale));
            TLanes.MultiplyAdd(old, above, young * value).Store(numerator + i);
            TLanes.MultiplyAdd(old, below, young).Store(denominator + i);
            scale.Store(largest + i);
        }
    }
}
