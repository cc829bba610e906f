using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace RwkvSk.Engine.Kernels.Cuda.Parameters;

/// <summary>Parameters of the kernel that norms, shifts and mixes; the structure of the same name in <c>norm.h</c>, which explains the fields. Device addresses are nint, 0 for none.</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct NormMix
{
    public nint X, Weight, Bias, Before, Slots, Normed, Shifted;
    public Six Mix, Mixed;
    public long SlotStride;
    public int Mixes, Width, Stride;
    public float Epsilon;

    /// <summary>Six addresses.</summary>
    [InlineArray(6)]
    internal struct Six
    {
        private nint _first;
    }
}

/// <summary>Parameters of the kernel that looks tokens up; see <c>norm.h</c>.</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct Embed
{
    public nint Table, Tokens, Weight, Bias, X;
    public int Format, Width, Stride;
    public float Epsilon;
}
