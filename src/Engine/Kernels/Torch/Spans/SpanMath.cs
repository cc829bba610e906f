using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace RwkvSk.Engine.Kernels.Torch.Spans;

/// <summary>Functions of 16 numbers at once.</summary>
internal static class SpanMath
{
    /// <summary>
    /// e^x to about one unit in the last place: x = n ln 2 + f with |f| at most ln 2 / 2, e^f by its series to the seventh power. Below -87, where fp32 has next to nothing left, it stays at
    /// e^-87; above 88 at e^88.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<float> Exp(Vector512<float> x)
    {
        x = Vector512.Min(Vector512.Max(x, Vector512.Create(-87f)), Vector512.Create(88f));
        var n = Vector512.Round(x * 1.44269504f);
        var f = Vector512.FusedMultiplyAdd(n, Vector512.Create(-0.693359375f), x);          // ln 2 in two parts: the first has few bits, so n times it is exact
        f = Vector512.FusedMultiplyAdd(n, Vector512.Create(2.12194440e-4f), f);
        var p = Vector512.Create(1f / 5040);
        p = Vector512.FusedMultiplyAdd(p, f, Vector512.Create(1f / 720));
        p = Vector512.FusedMultiplyAdd(p, f, Vector512.Create(1f / 120));
        p = Vector512.FusedMultiplyAdd(p, f, Vector512.Create(1f / 24));
        p = Vector512.FusedMultiplyAdd(p, f, Vector512.Create(1f / 6));
        p = Vector512.FusedMultiplyAdd(p, f, Vector512.Create(0.5f));
        p = Vector512.FusedMultiplyAdd(p, f, Vector512<float>.One);
        p = Vector512.FusedMultiplyAdd(p, f, Vector512<float>.One);
        return p * ((Vector512.ConvertToInt32(n) + Vector512.Create(127)) << 23).AsSingle();
    }

    /// <summary>1 / (1 + e^-x).</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<float> Sigmoid(Vector512<float> x) => Vector512<float>.One / (Vector512<float>.One + Exp(-x));

    /// <summary>The sums of four vectors.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<float> Sums(Vector512<float> a, Vector512<float> b, Vector512<float> c, Vector512<float> d)
    {
        var ab = Avx.HorizontalAdd(a.GetLower() + a.GetUpper(), b.GetLower() + b.GetUpper());
        var cd = Avx.HorizontalAdd(c.GetLower() + c.GetUpper(), d.GetLower() + d.GetUpper());
        var all = Avx.HorizontalAdd(ab, cd);
        return all.GetLower() + all.GetUpper();
    }
}
