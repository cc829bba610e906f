using RwkvSk.Engine.Models;
using TorchSharp;
using static TorchSharp.torch;

namespace RwkvSk.Engine.Kernels.Torch;

/// <summary>
/// The recurrence of RWKV-6, and of RWKV-5 where the decay is the same at every position: y_t = r_t (S_{t-1} + diag(u) k_t v_t^T),
/// S_t = diag(w_t) S_{t-1} + k_t v_t^T, with rows of S for key channels and columns for value channels. One position at a time is the recurrence
/// itself; more go through a chunked matrix form. Within a chunk, with G the running sum of log w and E the sum before each position:
///   A[t,i] = sum_c r_tc k_ic e^{E_tc - G_ic}  for i before t,  sum_c r_tc u_c k_tc  for i = t
///   Y = A V + (r e^E) S
///   S' = diag(e^{G_n}) S + (k e^{G_n - G})^T V
/// A decay may be as strong as it likes: e^{-G} alone, the usual factor of A, leaves fp32 within a few positions. Every exponent above is 0 or less,
/// and here none is ever split.
/// </summary>
internal static class Wkv6
{
    /// <summary>Positions per chunk: A is computed row by row, so its cost grows with this, and the number of sequential state updates falls.</summary>
    public const int ChunkLength = 16;

    // e^-60 leaves nothing of a state in fp32; stronger decays only cost digits of the running sum.
    private static readonly Scalar StrongestLogDecay = -60f;

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
        var now = r.mul(k).mul(bonus).sum(-1, true).mul(v);                                    // what the position itself adds, [B,T,H,N]
        var (y, next) = r.shape[1] == 1 ? Step(r, logDecay, k, v, state) : Chunked(r, logDecay, k, v, state);
        return (y.Plus(now), next);
    }

    private static (Tensor Y, Tensor State) Step(Tensor r, Tensor logDecay, Tensor k, Tensor v, Tensor state)
    {
        var (batch, heads, n) = (r.shape[0], r.shape[2], r.shape[3]);
        var rows = batch * heads;
        var s = state.reshape(rows, n, n);
        var y = bmm(r.view(rows, 1, n), s);
        s = s.mul(logDecay.exp().reshape(rows, n, 1)).PlusProduct(k.view(rows, n, 1), v.view(rows, 1, n));
        return (y.view(batch, 1, heads, n), s.view(batch, heads, n, n));
    }

    private static (Tensor Y, Tensor State) Chunked(Tensor r, Tensor logDecay, Tensor k, Tensor v, Tensor state)
    {
        var (batch, length, heads, n) = (r.shape[0], r.shape[1], r.shape[2], r.shape[3]);
        var size = Math.Min(ChunkLength, length);
        var chunks = (length + size - 1) / size;
        var padding = (chunks * size) - length;
        var rows = batch * heads;
        var units = rows * chunks;

        var (rc, kc, vc) = (Chunks(r), Chunks(k), Chunks(v));                                  // [BHM,n,N]
        var sum = Chunks(logDecay.clamp_min(StrongestLogDecay)).cumsum(1);                     // G
        var zero = zeros([units, 1, n], dtype: ScalarType.Float32, device: r.device);
        var before = cat([zero, sum.narrow(1, 0, size - 1)], 1);                               // E, without the rounding of G - log w
        var last = sum.narrow(1, size - 1, 1);

        // Row t of A: how much each earlier position of the chunk still counts. Row 0 is empty.
        var a = new Tensor[size];
        a[0] = zeros([units, 1, size], dtype: ScalarType.Float32, device: r.device);
        for (var t = 1; t < size; t++)
        {
            var faded = kc.narrow(1, 0, t).mul(before.narrow(1, t, 1).Minus(sum.narrow(1, 0, t)).exp());   // [BHM,t,N]
            a[t] = nn.functional.pad(bmm(rc.narrow(1, t, 1), faded.transpose(1, 2)), [0, size - t]);       // [BHM,1,n]
        }

        var added = bmm(kc.mul(last.Minus(sum).exp()).transpose(1, 2), vc).view(rows, chunks, n, n);
        var keep = last.exp().view(rows, chunks, n, 1);
        var s = state.reshape(rows, n, n);
        var starts = new Tensor[chunks];
        for (var i = 0; i < chunks; i++)
        {
            starts[i] = s;
            s = added.select(1, i).PlusProduct(s, keep.select(1, i));
        }

        var y = bmm(cat(a, 1), vc).Plus(bmm(rc.mul(before.exp()), stack(starts, 1).view(units, n, n)));
        y = y.view(batch, heads, chunks * size, n).transpose(1, 2);
        return (padding == 0 ? y.contiguous() : y.narrow(1, 0, length).contiguous(), s.view(batch, heads, n, n));

        // Padding is neutral: nothing decays (log w = 0), nothing is added (k = v = 0).
        Tensor Chunks(Tensor t)
        {
            t = t.transpose(1, 2);                                                             // [B,H,T,N]
            if (padding > 0)
            {
                t = cat([t, zeros([batch, heads, padding, n], dtype: t.dtype, device: t.device)], 2);
            }

            return t.reshape(units, size, n);
        }
    }
}
