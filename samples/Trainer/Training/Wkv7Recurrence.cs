using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace RwkvSk.Trainer.Training;

/// <summary>
/// RWKV-7's recurrence and its gradient for one head of 64 channels, in plain vectors. The state is kept transposed, S[j,i] with j the key and i the
/// value channel, so a row is four vectors over i, and w, a, b, k, r of key channel j are broadcast: nothing crosses lanes in the forward pass.
/// Rows of r, w, k, v, a, b, y lie <c>stride</c> floats apart (heads are interleaved: [B,T,H,N]).
/// </summary>
internal static unsafe class Wkv7Recurrence
{
    /// <summary>Channels per head.</summary>
    public const int N = 64;

    /// <summary>A state is stored every so many positions; the backward pass runs the positions between again.</summary>
    public const int Interval = 16;

    private const int StateLength = N * N;

    /// <summary>sa = S a;  S = S diag(w) + sa b^T + v k^T;  y = S r, from an empty state.</summary>
    /// <param name="length">T.</param>
    /// <param name="stride">Floats between positions.</param>
    /// <param name="r">Likewise w (the decay itself), k, v, a, b: the first position of this head.</param>
    /// <param name="y">Receives the outputs.</param>
    /// <param name="states">Receives the state before every <see cref="Interval"/>-th position.</param>
    /// <param name="s">Scratch, one state.</param>
    public static void Forward(int length, long stride, float* r, float* w, float* k, float* v, float* a, float* b, float* y, float* states, float* s)
    {
        new Span<float>(s, StateLength).Clear();
        for (var t = 0; t < length; t++)
        {
            if (t % Interval == 0)
            {
                new Span<float>(s, StateLength).CopyTo(new Span<float>(states + ((long)(t / Interval) * StateLength), StateLength));
            }

            var at = t * stride;
            Advance(s, s, r + at, w + at, k + at, v + at, a + at, b + at, y + at, null);
        }
    }

    /// <summary>The gradient of <see cref="Forward"/>: from dy to dr, dw, dk, dv, da, db.</summary>
    /// <param name="scratch">(<see cref="Interval"/> + 2) states and <see cref="Interval"/> + 1 rows.</param>
    public static void Backward(
        int length, long stride, float* r, float* w, float* k, float* v, float* a, float* b, float* states, float* dy,
        float* dr, float* dw, float* dk, float* dv, float* da, float* db, float* scratch)
    {
        var ds = scratch;                                     // dL/dS of the position at hand
        var run = scratch + StateLength;                      // states of the interval: before it, then after each of its positions
        var removed = run + ((Interval + 1) * StateLength);   // S a of each position
        var unused = removed + (Interval * N);
        new Span<float>(ds, StateLength).Clear();

        for (var first = (length - 1) / Interval * Interval; first >= 0; first -= Interval)
        {
            var count = Math.Min(Interval, length - first);
            new Span<float>(states + ((long)(first / Interval) * StateLength), StateLength).CopyTo(new Span<float>(run, StateLength));
            for (var i = 0; i < count; i++)
            {
                var at = (first + i) * stride;
                Advance(run + (i * StateLength), run + ((i + 1) * StateLength), r + at, w + at, k + at, v + at, a + at, b + at, unused, removed + (i * N));
            }

            for (var i = count - 1; i >= 0; i--)
            {
                var at = (first + i) * stride;
                Retreat(
                    ds, run + (i * StateLength), run + ((i + 1) * StateLength), removed + (i * N), r + at, w + at, k + at, v + at, a + at, b + at, dy + at,
                    dr + at, dw + at, dk + at, dv + at, da + at, db + at);
            }
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Advance(float* from, float* to, float* r, float* w, float* k, float* v, float* a, float* b, float* y, float* removed)
    {
        Vector512<float> s0 = default, s1 = default, s2 = default, s3 = default;
        for (var j = 0; j < N; j++)
        {
            var row = from + (j * N);
            var aj = Vector512.Create(a[j]);
            s0 = Vector512.FusedMultiplyAdd(Vector512.Load(row), aj, s0);
            s1 = Vector512.FusedMultiplyAdd(Vector512.Load(row + 16), aj, s1);
            s2 = Vector512.FusedMultiplyAdd(Vector512.Load(row + 32), aj, s2);
            s3 = Vector512.FusedMultiplyAdd(Vector512.Load(row + 48), aj, s3);
        }

        if (removed != null)
        {
            s0.Store(removed);
            s1.Store(removed + 16);
            s2.Store(removed + 32);
            s3.Store(removed + 48);
        }

        Vector512<float> v0 = Vector512.Load(v), v1 = Vector512.Load(v + 16), v2 = Vector512.Load(v + 32), v3 = Vector512.Load(v + 48);
        Vector512<float> y0 = default, y1 = default, y2 = default, y3 = default;
        for (var j = 0; j < N; j++)
        {
            float* row = from + (j * N), next = to + (j * N);
            Vector512<float> wj = Vector512.Create(w[j]), bj = Vector512.Create(b[j]), kj = Vector512.Create(k[j]), rj = Vector512.Create(r[j]);
            var x0 = Vector512.FusedMultiplyAdd(v0, kj, Vector512.FusedMultiplyAdd(s0, bj, Vector512.Load(row) * wj));
            var x1 = Vector512.FusedMultiplyAdd(v1, kj, Vector512.FusedMultiplyAdd(s1, bj, Vector512.Load(row + 16) * wj));
            var x2 = Vector512.FusedMultiplyAdd(v2, kj, Vector512.FusedMultiplyAdd(s2, bj, Vector512.Load(row + 32) * wj));
            var x3 = Vector512.FusedMultiplyAdd(v3, kj, Vector512.FusedMultiplyAdd(s3, bj, Vector512.Load(row + 48) * wj));
            x0.Store(next);
            x1.Store(next + 16);
            x2.Store(next + 32);
            x3.Store(next + 48);
            y0 = Vector512.FusedMultiplyAdd(x0, rj, y0);
            y1 = Vector512.FusedMultiplyAdd(x1, rj, y1);
            y2 = Vector512.FusedMultiplyAdd(x2, rj, y2);
            y3 = Vector512.FusedMultiplyAdd(x3, rj, y3);
        }

        y0.Store(y);
        y1.Store(y + 16);
        y2.Store(y + 32);
        y3.Store(y + 48);
    }

    // With dS = dL/dS_t (from later positions) + dy r^T:  dr = S_t^T dy, dv = dS k, dk = dS^T v, d(sa) = dS b, db = dS^T sa,
    // dw_j = sum_i dS_ij S_{t-1,ij}, da = S_{t-1}^T d(sa), and dL/dS_{t-1} = dS diag(w) + d(sa) a^T.
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Retreat(
        float* ds, float* before, float* after, float* removed, float* r, float* w, float* k, float* v, float* a, float* b, float* dy,
        float* dr, float* dw, float* dk, float* dv, float* da, float* db)
    {
        Vector512<float> g0 = Vector512.Load(dy), g1 = Vector512.Load(dy + 16), g2 = Vector512.Load(dy + 32), g3 = Vector512.Load(dy + 48);
        Vector512<float> v0 = Vector512.Load(v), v1 = Vector512.Load(v + 16), v2 = Vector512.Load(v + 32), v3 = Vector512.Load(v + 48);
        Vector512<float> s0 = Vector512.Load(removed), s1 = Vector512.Load(removed + 16), s2 = Vector512.Load(removed + 32), s3 = Vector512.Load(removed + 48);
        Vector512<float> dv0 = default, dv1 = default, dv2 = default, dv3 = default, m0 = default, m1 = default, m2 = default, m3 = default;
        for (var j = 0; j < N; j++)
        {
            float* row = ds + (j * N), old = before + (j * N), now = after + (j * N);
            Vector512<float> rj = Vector512.Create(r[j]), kj = Vector512.Create(k[j]), bj = Vector512.Create(b[j]);
            var d0 = Vector512.FusedMultiplyAdd(g0, rj, Vector512.Load(row));
            var d1 = Vector512.FusedMultiplyAdd(g1, rj, Vector512.Load(row + 16));
            var d2 = Vector512.FusedMultiplyAdd(g2, rj, Vector512.Load(row + 32));
            var d3 = Vector512.FusedMultiplyAdd(g3, rj, Vector512.Load(row + 48));
            d0.Store(row);
            d1.Store(row + 16);
            d2.Store(row + 32);
            d3.Store(row + 48);
            dv0 = Vector512.FusedMultiplyAdd(d0, kj, dv0);
            dv1 = Vector512.FusedMultiplyAdd(d1, kj, dv1);
            dv2 = Vector512.FusedMultiplyAdd(d2, kj, dv2);
            dv3 = Vector512.FusedMultiplyAdd(d3, kj, dv3);
            m0 = Vector512.FusedMultiplyAdd(d0, bj, m0);
            m1 = Vector512.FusedMultiplyAdd(d1, bj, m1);
            m2 = Vector512.FusedMultiplyAdd(d2, bj, m2);
            m3 = Vector512.FusedMultiplyAdd(d3, bj, m3);
            dr[j] = Vector512.Sum((Vector512.Load(now) * g0) + (Vector512.Load(now + 16) * g1) + (Vector512.Load(now + 32) * g2) + (Vector512.Load(now + 48) * g3));
            dk[j] = Vector512.Sum((d0 * v0) + (d1 * v1) + (d2 * v2) + (d3 * v3));
            db[j] = Vector512.Sum((d0 * s0) + (d1 * s1) + (d2 * s2) + (d3 * s3));
            dw[j] = Vector512.Sum((d0 * Vector512.Load(old)) + (d1 * Vector512.Load(old + 16)) + (d2 * Vector512.Load(old + 32)) + (d3 * Vector512.Load(old + 48)));
        }

        dv0.Store(dv);
        dv1.Store(dv + 16);
        dv2.Store(dv + 32);
        dv3.Store(dv + 48);
        for (var j = 0; j < N; j++)
        {
            float* row = ds + (j * N), old = before + (j * N);
            Vector512<float> wj = Vector512.Create(w[j]), aj = Vector512.Create(a[j]);
            da[j] = Vector512.Sum((Vector512.Load(old) * m0) + (Vector512.Load(old + 16) * m1) + (Vector512.Load(old + 32) * m2) + (Vector512.Load(old + 48) * m3));
            Vector512.FusedMultiplyAdd(m0, aj, Vector512.Load(row) * wj).Store(row);
            Vector512.FusedMultiplyAdd(m1, aj, Vector512.Load(row + 16) * wj).Store(row + 16);
            Vector512.FusedMultiplyAdd(m2, aj, Vector512.Load(row + 32) * wj).Store(row + 32);
            Vector512.FusedMultiplyAdd(m3, aj, Vector512.Load(row + 48) * wj).Store(row + 48);
        }
    }
}
