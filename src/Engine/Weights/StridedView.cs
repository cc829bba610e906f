using System.Runtime.InteropServices;

namespace RwkvSk.Engine.Weights;

/// <summary>How a tensor lies in its storage; all numbers count elements.</summary>
/// <param name="Offset">The first element.</param>
/// <param name="Shape">Sizes.</param>
/// <param name="Strides">Steps, 0 or more each.</param>
internal sealed record StridedView(long Offset, long[] Shape, long[] Strides)
{
    /// <summary>Whether the elements lie in row-major order without gaps. Axes of one element may have any stride.</summary>
    public bool IsContiguous
    {
        get
        {
            var step = 1L;
            for (var axis = Shape.Length - 1; axis >= 0; axis--)
            {
                if (Shape[axis] != 1 && Strides[axis] != step)
                {
                    return false;
                }

                step *= Shape[axis];
            }

            return true;
        }
    }

    /// <summary>Whether every element lies within a storage of so many elements.</summary>
    public bool Fits(long storageCount)
    {
        if (Offset < 0 || Strides.Length != Shape.Length || Shape.Any(static size => size < 0) || Strides.Any(static stride => stride < 0))
        {
            return false;
        }

        if (Shape.Contains(0))
        {
            return Offset <= storageCount;
        }

        Int128 last = Offset;
        for (var axis = 0; axis < Shape.Length; axis++)
        {
            last += (Int128)(Shape[axis] - 1) * Strides[axis];
        }

        return last < storageCount;
    }

    /// <summary>Copies the view's elements, row-major, from the storage's bytes.</summary>
    public void Copy(ReadOnlySpan<byte> storage, Span<byte> destination, int itemSize)
    {
        switch (itemSize)
        {
            case 1:
                Copy(storage, destination);
                break;
            case 2:
                Copy(MemoryMarshal.Cast<byte, ushort>(storage), MemoryMarshal.Cast<byte, ushort>(destination));
                break;
            case 4:
                Copy(MemoryMarshal.Cast<byte, uint>(storage), MemoryMarshal.Cast<byte, uint>(destination));
                break;
            default:
                Copy(MemoryMarshal.Cast<byte, ulong>(storage), MemoryMarshal.Cast<byte, ulong>(destination));
                break;
        }
    }

    private void Copy<T>(ReadOnlySpan<T> storage, Span<T> destination)
        where T : unmanaged
    {
        if (destination.IsEmpty)
        {
            return;
        }

        var rank = Shape.Length;
        var (inner, innerStep) = rank == 0 ? (1, 0L) : ((int)Shape[^1], Strides[^1]);
        var index = new long[rank];
        var at = Offset;
        for (var written = 0; written < destination.Length; written += inner)
        {
            var row = destination.Slice(written, inner);
            if (innerStep == 1)
            {
                storage.Slice((int)at, inner).CopyTo(row);
            }
            else
            {
                for (var i = 0; i < inner; i++)
                {
                    row[i] = storage[(int)(at + (i * innerStep))];
                }
            }

            // The next row: count up the outer axes like an odometer.
            for (var axis = rank - 2; axis >= 0; axis--)
            {
                at += Strides[axis];
                if (++index[axis] < Shape[axis])
                {
                    break;
                }

                at -= index[axis] * Strides[axis];
                index[axis] = 0;
            }
        }
    }
}
