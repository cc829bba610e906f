using RwkvSk.Engine.Models;
using TorchSharp;
using static TorchSharp.torch;

namespace RwkvSk.Engine.Kernels.Torch;

/// <summary>
/// RWKV-4's recurrence in the paper's time-parallel form: every channel's mean of the values, weighted by e^{exponent}, where position i counts at t with
///   k_i + w (t - 1 - i)  for i before t,   u + k_t  for i = t,   and all that came before the chunk with  p + w t.
/// Numerator and denominator are carried scaled by e^-p, p the largest exponent so far, so keys of any size stay in range. All rows of a chunk are
/// computed at once, and the row after its last position, without bonus, is the state to be carried on.
/// </summary>
internal static class Wkv4
{
    /// <summary>Positions per chunk; a chunk takes about n * n * C numbers.</summary>
    public const int ChunkLength = 32;

    private static readonly Scalar Zero = 0f, Never = float.NegativeInfinity;

    /// <summary>Advances the state over T positions.</summary>
    /// <param name="k">[B,T,C]</param>
    /// <param name="v">[B,T,C]</param>
    /// <param name="logDecay">w, below 0: what a step of age adds to the exponent. [C]</param>
    /// <param name="bonus">u: what the newest position's exponent has extra. [C]</param>
    /// <param name="state">Numerator, denominator, p. [B,3,C]</param>
    /// <returns>wkv [B,T,C] and the state after the last position.</returns>
    public static (Tensor Y, Tensor State) Forward(Tensor k, Tensor v, Tensor logDecay, Tensor bonus, Tensor state)
    {
        var length = k.shape[1];
        var size = Math.Min(ChunkLength, length);
        var ages = Ages(size, logDecay, bonus);                                           // [n+1,n,C]
        var elapsed = arange(size + 1, dtype: ScalarType.Float32, device: k.device).unsqueeze(1).mul(logDecay);   // w t, [n+1,C]

        var chunks = new List<Tensor>();
        for (long at = 0; at < length; at += size)
        {
            var n = Math.Min(size, length - at);
            var (kc, vc) = (k.narrow(1, at, n).unsqueeze(1), v.narrow(1, at, n).unsqueeze(1)); // [B,1,n,C]
            var exponent = kc.Plus(ages.narrow(0, 0, n + 1).narrow(1, 0, n));                  // [B,n+1,n,C]
            var carried = state.narrow(1, 2, 1).Plus(elapsed.narrow(0, 0, n + 1));             // [B,n+1,C]
            var largest = exponent.amax([2]).maximum(carried);                                 // [B,n+1,C]

            var weight = exponent.Minus(largest.unsqueeze(2)).exp();
            var kept = carried.Minus(largest).exp();
            var numerator = weight.mul(vc).sum(2).PlusProduct(kept, state.narrow(1, 0, 1));    // [B,n+1,C]
            var denominator = weight.sum(2).PlusProduct(kept, state.narrow(1, 1, 1));
            chunks.Add(numerator.narrow(1, 0, n).div(denominator.narrow(1, 0, n)));
            state = cat([numerator.narrow(1, n, 1), denominator.narrow(1, n, 1), largest.narrow(1, n, 1)], 1);
        }

        return (chunks.Count == 1 ? chunks[0] : cat(chunks, 1), state);
    }

    // Row t, column i: w (t - 1 - i) before the diagonal, u on it, minus infinity after it. Row n has no diagonal within the n columns, nor has row m of the
    // first m columns: a shorter chunk uses a corner of the table. Made where the weights are, so that a step on a GPU waits for no copy.
    private static Tensor Ages(long size, Tensor logDecay, Tensor bonus)
    {
        var distance = Numbers(size + 1).unsqueeze(1).Minus(Numbers(size)).unsqueeze(-1);      // t - i, [n+1,n,1]
        var age = distance.add(TensorMath.MinusOne).clamp_min(Zero);
        var isNow = distance.square().neg().add(TensorMath.One).clamp_min(Zero);
        var later = zeros_like(distance).masked_fill(distance.lt(Zero), Never);
        return later.PlusProduct(age, logDecay).PlusProduct(isNow, bonus);

        Tensor Numbers(long count) => arange(count, dtype: ScalarType.Float32, device: logDecay.device);
    }
}
