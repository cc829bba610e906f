namespace RwkvSk.Engine.Kernels.Reference;

/// <summary>
/// The recurrences as their papers write them: one position at a time, in loops, in double precision. Slow, and the truth that every other kernel is
/// measured by. Each call reads one position and advances the state in place.
/// </summary>
internal static class ReferenceKernels
{
    /// <summary>RWKV-4 over C independent channels. All spans are [C].</summary>
    /// <param name="k">Key: the exponent of the position's weight.</param>
    /// <param name="v">Value.</param>
    /// <param name="logDecay">w, below 0: added to the exponents per step of age.</param>
    /// <param name="bonus">u: added to the newest position's exponent.</param>
    /// <param name="numerator">Sum of weighted values, divided by e^largest.</param>
    /// <param name="denominator">Sum of weights, divided by e^largest.</param>
    /// <param name="largest">The largest exponent so far.</param>
    /// <param name="y">Receives the weighted mean.</param>
    public static void Wkv4(
        ReadOnlySpan<double> k, ReadOnlySpan<double> v, ReadOnlySpan<double> logDecay, ReadOnlySpan<double> bonus,
        Span<double> numerator, Span<double> denominator, Span<double> largest, Span<double> y)
    {
        for (var c = 0; c < k.Length; c++)
        {
            var now = k[c] + bonus[c];
            var scale = Math.Max(largest[c], now);
            var (old, young) = (Math.Exp(largest[c] - scale), Math.Exp(now - scale));
            y[c] = ((old * numerator[c]) + (young * v[c])) / ((old * denominator[c]) + young);

            var aged = largest[c] + logDecay[c];
            scale = Math.Max(aged, k[c]);
            (old, young) = (Math.Exp(aged - scale), Math.Exp(k[c] - scale));
            numerator[c] = (old * numerator[c]) + (young * v[c]);
            denominator[c] = (old * denominator[c]) + young;
            largest[c] = scale;
        }
    }

    /// <summary>RWKV-5 and 6, one head of N channels: y = r (S + diag(u) k v^T), then S = diag(w) S + k v^T.</summary>
    /// <param name="r">[N]</param>
    /// <param name="decay">w, 0 to 1. [N]</param>
    /// <param name="k">[N]</param>
    /// <param name="v">[N]</param>
    /// <param name="bonus">u. [N]</param>
    /// <param name="state">[N,N], row = key channel.</param>
    /// <param name="y">[N]</param>
    public static void Wkv6(
        ReadOnlySpan<double> r, ReadOnlySpan<double> decay, ReadOnlySpan<double> k, ReadOnlySpan<double> v, ReadOnlySpan<double> bonus,
        Span<double> state, Span<double> y)
    {
        y.Clear();
        for (var key = 0; key < r.Length; key++)
        {
            var row = state.Slice(key * r.Length, r.Length);
            for (var value = 0; value < row.Length; value++)
            {
                var added = k[key] * v[value];
                y[value] += r[key] * (row[value] + (bonus[key] * added));
                row[value] = (decay[key] * row[value]) + added;
            }
        }
    }

    /// <summary>RWKV-7, one head of N channels: S = S (diag(w) + a b^T) + v k^T, then y = S r.</summary>
    /// <param name="r">[N]</param>
    /// <param name="decay">w, 0 to 1. [N]</param>
    /// <param name="k">[N]</param>
    /// <param name="v">[N]</param>
    /// <param name="a">Minus the removal key. [N]</param>
    /// <param name="b">The removal key times the in-context rate. [N]</param>
    /// <param name="state">[N,N], row = value channel.</param>
    /// <param name="y">[N]</param>
    public static void Wkv7(
        ReadOnlySpan<double> r, ReadOnlySpan<double> decay, ReadOnlySpan<double> k, ReadOnlySpan<double> v, ReadOnlySpan<double> a, ReadOnlySpan<double> b,
        Span<double> state, Span<double> y)
    {
        for (var value = 0; value < r.Length; value++)
        {
            var row = state.Slice(value * r.Length, r.Length);
            var (removed, sum) = (0.0, 0.0);
            for (var key = 0; key < row.Length; key++)
            {
                removed += row[key] * a[key];
            }

            for (var key = 0; key < row.Length; key++)
            {
                row[key] = (row[key] * decay[key]) + (removed * b[key]) + (v[value] * k[key]);
                sum += row[key] * r[key];
            }

            y[value] = sum;
        }
    }
}
