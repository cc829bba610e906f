using RwkvSk.Engine.Models;
using static TorchSharp.torch;

namespace RwkvSk.Engine.Kernels.Torch;

/// <summary>
/// RWKV-7's recurrence over a span: S_t = S_{t-1} (diag(w_t) + a_t b_t^T) + v_t k_t^T, y_t = S_t r_t, with rows of S for value channels and columns
/// for key channels. One position at a time is the recurrence itself; more go through a chunked matrix form (the generalised delta rule's WY form).
/// Within a chunk of n positions, with G the running sum of log w and E = G - log w:
///   (I - A_ab) U = (a e^E) S^T + A_ak V   with A_xy[t,i] = sum_c x_tc y_ic e^{..}, strictly lower
///   Y = (r e^G) S^T + A_rk V + A_rb U     (lower with diagonal: y sees the updated state)
///   S' = S diag(e^{G_n}) + V^T (k e^{G_n - G}) + U^T (b e^{G_n - G})
/// U is linear in S, so a chunk acts as S' = S M + D and Y = P S^T + Q; all but these two products is computed for every chunk at once.
/// </summary>
internal static class Wkv7
{
    /// <summary>Positions per chunk. log w is above -0.607, so exponents stay within 0.607 * n / 2 of the reference at mid-chunk.</summary>
    public const int ChunkLength = 16;

    /// <summary>Advances the state over T positions.</summary>
    /// <param name="r">[B,T,H,N]</param>
    /// <param name="logDecay">log w, in (-0.607, 0). [B,T,H,N]</param>
    /// <param name="k">[B,T,H,N]</param>
    /// <param name="v">[B,T,H,N]</param>
    /// <param name="a">[B,T,H,N]</param>
    /// <param name="b">[B,T,H,N]</param>
    /// <param name="state">[B,H,N,N]</param>
    /// <returns>y [B,T,H,N] and the state after the last position.</returns>
    public static (Tensor Y, Tensor State) Forward(Tensor r, Tensor logDecay, Tensor k, Tensor v, Tensor a, Tensor b, Tensor state) =>
        r.shape[1] == 1 ? Step(r, logDecay, k, v, a, b, state) : Chunked(r, logDecay, k, v, a, b, state);

    private static (Tensor Y, Tensor State) Step(Tensor r, Tensor logDecay, Tensor k, Tensor v, Tensor a, Tensor b, Tensor state)
    {
        var (batch, heads, n) = (r.shape[0], r.shape[2], r.shape[3]);
        var rows = batch * heads;
        var s = state.reshape(rows, n, n);   // one sequence per pool slot: across the batch the states do not lie together
        var removed = bmm(s, a.view(rows, n, 1));                                              // S a
        s = s.mul(logDecay.exp().view(rows, 1, n));
        s = s.PlusProduct(removed, b.view(rows, 1, n)).PlusProduct(v.view(rows, n, 1), k.view(rows, 1, n));
        var y = bmm(s, r.view(rows, n, 1));
        return (y.view(batch, 1, heads, n), s.view(batch, heads, n, n));
    }

    private static (Tensor Y, Tensor State) Chunked(Tensor r, Tensor logDecay, Tensor k, Tensor v, Tensor a, Tensor b, Tensor state)
    {
        var (batch, length, heads, n) = (r.shape[0], r.shape[1], r.shape[2], r.shape[3]);
        var size = Math.Min(ChunkLength, length);
        var chunks = (length + size - 1) / size;
        var padding = (chunks * size) - length;
        var rows = batch * heads;
        var units = rows * chunks;

        var (rc, kc, vc, ac, bc) = (Chunks(r), Chunks(k), Chunks(v), Chunks(a), Chunks(b));
        var lw = Chunks(logDecay);                                                             // [BHM,n,N]
        var sum = lw.cumsum(1);                                                                // G
        var before = sum.Minus(lw);                                                            // E
        var middle = sum.narrow(1, size / 2, 1);
        var last = sum.narrow(1, size - 1, 1);
        var shrink = sum.Minus(middle).exp();
        var grow = middle.Minus(sum).exp();

        var rHat = rc.mul(shrink);
        var aHat = ac.mul(before.Minus(middle).exp());
        var kHatT = kc.mul(grow).transpose(1, 2);
        var bHatT = bc.mul(grow).transpose(1, 2);
        var rk = bmm(rHat, kHatT).tril();                                                      // [BHM,n,n]
        var rb = bmm(rHat, bHatT).tril();
        var ak = bmm(aHat, kHatT).tril(-1);
        var ab = bmm(aHat, bHatT).tril(-1);

        // U = W S^T + Z
        var right = cat([ac.mul(before.exp()), bmm(ak, vc)], 2);                               // [BHM,n,2N]
        var solved = linalg.solve_triangular(ab.neg(), right, upper: false, unitriangular: true);
        var w = solved.narrow(2, 0, n);
        var z = solved.narrow(2, n, n);

        var tail = last.Minus(sum).exp();
        var kTail = kc.mul(tail);
        var bTail = bc.mul(tail);
        var decay = last.exp();                                                                // [BHM,1,N]
        var m = bmm(w.transpose(1, 2), bTail).view(rows, chunks, n, n);                        // M without its diagonal part
        var d = bmm(vc.transpose(1, 2), kTail).Plus(bmm(z.transpose(1, 2), bTail)).view(rows, chunks, n, n);
        var keep = decay.view(rows, chunks, 1, n);

        var s = state.reshape(rows, n, n);
        var starts = new Tensor[chunks];
        for (var i = 0; i < chunks; i++)
        {
            starts[i] = s;
            s = bmm(s, m.select(1, i)).Plus(s.mul(keep.select(1, i))).Plus(d.select(1, i));
        }

        var p = rc.mul(sum.exp()).Plus(bmm(rb, w));
        var q = bmm(rk, vc).Plus(bmm(rb, z));
        var y = q.Plus(bmm(p, stack(starts, 1).view(units, n, n).transpose(1, 2)));            // [BHM,n,N]
        y = y.view(batch, heads, chunks * size, n).transpose(1, 2);
        return (padding == 0 ? y.contiguous() : y.narrow(1, 0, length).contiguous(), s.view(batch, heads, n, n));

        // Padding is neutral: nothing decays (log w = 0), nothing is removed (a = b = 0), nothing is added (k = v = 0).
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
