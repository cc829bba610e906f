using System.Buffers;
using RwkvSk.Engine.Weights;

namespace RwkvSk.Engine.Kernels.Cpu;

/// <summary>A matrix in a checkpoint's mapping. Either way round: the thin matrices of low-rank pairs are stored [in, out].</summary>
/// <param name="Data">The first element.</param>
/// <param name="Type">Element type.</param>
/// <param name="RowStride">Elements from a row (output) to the next.</param>
/// <param name="ColumnStride">Elements from a column (input) to the next.</param>
internal readonly unsafe record struct StoredMatrix(nint Data, WeightType Type, long RowStride, long ColumnStride)
{
    /// <summary>One row as fp32.</summary>
    public void ReadRow(int row, Span<float> floats)
    {
        var size = Type.ItemSize();
        var start = (byte*)Data + (row * RowStride * size);
        if (ColumnStride == 1 && Type == WeightType.BFloat16)
        {
            for (var column = 0; column < floats.Length; column++)
            {
                floats[column] = BitConverter.UInt32BitsToSingle((uint)((ushort*)start)[column] << 16);
            }

            return;
        }

        if (ColumnStride == 1)
        {
            WeightFileExtensions.ToFloats(Type, new ReadOnlySpan<byte>(start, floats.Length * size), floats);
            return;
        }

        for (var column = 0; column < floats.Length; column++)
        {
            WeightFileExtensions.ToFloats(Type, new ReadOnlySpan<byte>(start + (column * ColumnStride * size), size), floats.Slice(column, 1));
        }
    }
}

/// <summary>From a checkpoint's matrix to a packed one, on all cores.</summary>
internal static unsafe class MatrixPacker
{
    /// <summary>Fills a matrix.</summary>
    public static void Fill(PackedMatrix matrix, StoredMatrix source) => Parallel.For(0, matrix.BlockCount, block =>
    {
        var (rows, columns) = (matrix.Product.BlockRows, matrix.Columns);
        var panel = ArrayPool<float>.Shared.Rent(rows * columns);
        var used = matrix.RowsOf(block);
        for (var row = 0; row < used; row++)
        {
            source.ReadRow((block * rows) + row, panel.AsSpan(row * columns, columns));
        }

        panel.AsSpan(used * columns, (rows - used) * columns).Clear();
        matrix.Product.Pack(panel, columns, matrix.Data + (block * matrix.BlockBytes));
        ArrayPool<float>.Shared.Return(panel);
    });
}
