using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace RwkvSk.Engine.Kernels.Cuda.Parameters;

/// <summary>Vectors that become others number by number; see <c>elements.h</c>.</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct Elements
{
    public nint X, Y, Gate;
    public int Format, Epilogue, Width, XStride, YStride;
}

/// <summary>Parameters of the kernel that does so; see <c>elements.h</c>.</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct ElementGroup
{
    public Eight Items;
    public int Count;

    /// <summary>Eight at once.</summary>
    [InlineArray(Most)]
    internal struct Eight
    {
        public const int Most = 8;

        private Elements _first;
    }
}
