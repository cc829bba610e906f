using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace RwkvSk.Engine.Kernels.Cuda.Parameters;

/// <summary>The second half of a low-rank pair; see <c>thin.h</c>.</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct Thin
{
    public nint Weights, X;
    public int Format, Eights, XStride;
}

/// <summary>Parameters of RWKV-7's recurrence with all that is about it; see <c>heads7.h</c>.</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct Heads7
{
    public Four Pairs;
    public nint Decay, Rate, Residual, RemovalKey, KeyRate, Bonus, NormWeight, NormBias, R, K, V, FirstV, Y, State, Slots;
    public long SlotStride;
    public int Size, Stride;
    public float Epsilon;

    /// <summary>Decay, rate, gate, residual.</summary>
    [InlineArray(4)]
    internal struct Four
    {
        private Thin _first;
    }
}

/// <summary>Parameters of RWKV-6's choice of mixes; see <c>heads6.h</c>.</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct Mix6
{
    public FivePairs Pairs;
    public Five Mix, Mixed;
    public nint Normed, Shifted;
    public int Width, Stride;

    /// <summary>w, k, v, r, g.</summary>
    [InlineArray(5)]
    internal struct FivePairs
    {
        private Thin _first;
    }

    /// <summary>Five addresses, in the same order.</summary>
    [InlineArray(5)]
    internal struct Five
    {
        private nint _first;
    }
}

/// <summary>Parameters of RWKV-6's recurrence with all that is about it; see <c>heads6.h</c>.</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct Heads6
{
    public Thin DecayRank;
    public nint Decay, Bonus, NormWeight, NormBias, R, K, V, Gate, Y, State, Slots;
    public long SlotStride;
    public int Size, Stride;
    public float Epsilon;
}
