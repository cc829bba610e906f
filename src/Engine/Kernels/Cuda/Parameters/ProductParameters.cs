using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace RwkvSk.Engine.Kernels.Cuda.Parameters;

/// <summary>One matrix of a <see cref="Products"/>; see <c>products.h</c>.</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct DenseProduct
{
    public nint Weights, Scales, X, Y;
    public int Format, Epilogue, Rows, Tiles, XStride, YStride, Split, FirstBlock;
}

/// <summary>Parameters of the kernels that multiply matrices with a few vectors; see <c>products.h</c>.</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct Products
{
    public Eight Items;
    public int Count;

    /// <summary>Eight matrices.</summary>
    [InlineArray(Most)]
    internal struct Eight
    {
        public const int Most = 8;

        private DenseProduct _first;
    }
}

/// <summary>Parameters of the kernels that leave out what is multiplied by zero; see <c>sparse.h</c>.</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct SparseProduct
{
    public nint Weights, Scales, K, Parts, Arrived, Y, Gate;
    public int Format, Inner, Tiles, Width, KStride, YStride, Rounds;
}
