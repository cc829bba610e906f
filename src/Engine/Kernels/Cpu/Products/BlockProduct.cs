using System.Diagnostics;

namespace RwkvSk.Engine.Kernels.Cpu;

/// <summary>y = W x over one block of a <see cref="PackedMatrix"/>: a format at a vector width. Stateless.</summary>
internal abstract unsafe class BlockProduct
{
    /// <summary>Most rows of a block at any level.</summary>
    public const int MostBlockRows = 2 * (int)SimdLevel.Vector512;

    /// <summary>Rows of a block: two vectors.</summary>
    public abstract int BlockRows { get; }

    /// <summary>The kernel for a format at a level.</summary>
    public static BlockProduct For(WeightFormat format, SimdLevel level) => level switch
    {
        SimdLevel.Vector512 => For<Lanes512>(format),
        SimdLevel.Vector256 => For<Lanes256>(format),
        SimdLevel.Vector128 => For<Lanes128>(format),
        SimdLevel.Scalar => For<Lanes1>(format),
        _ => throw new UnreachableException($"unhandled level {level}"),
    };

    /// <summary>Bytes of a block of a matrix with so many columns.</summary>
    public abstract long BlockBytes(int columns);

    /// <summary>Packs one block.</summary>
    /// <param name="rows">[BlockRows, columns], filled up with zero rows.</param>
    /// <param name="columns">Length of a row.</param>
    /// <param name="block">Receives <see cref="BlockBytes"/> bytes.</param>
    public abstract void Pack(ReadOnlySpan<float> rows, int columns, byte* block);

    /// <summary>Multiplies. What a vector's product is, to the bit, depends on nothing but that vector and the weights.</summary>
    public abstract void Multiply(byte* block, int columns, Vectors x, int count, float* y, int yStride);

    /// <summary>Columns that lie together: the fewest that <see cref="MultiplyFilled"/> leaves out.</summary>
    public abstract int UnitColumns { get; }

    /// <summary>Up to which share of filled units <see cref="MultiplyFilled"/> is faster than one stream through the whole block. Measured: PERFORMANCE.md.</summary>
    public abstract double MostFilled { get; }

    /// <summary>As <see cref="Multiply"/> for one vector, without reading the weights where it is zero: the same numbers, for what is left out would add zeros.</summary>
    /// <param name="block">Finite weights.</param>
    /// <param name="x">The vector. Numbers past its end, up to a whole unit, must be finite.</param>
    /// <param name="filled">Where it is not zero.</param>
    /// <param name="y">Receives BlockRows numbers.</param>
    public abstract void MultiplyFilled(byte* block, float* x, FilledUnits filled, float* y);

    private static BlockProduct For<TLanes>(WeightFormat format)
        where TLanes : struct, ILanes<TLanes> => format switch
        {
            WeightFormat.Float32 => new FloatProduct<TLanes, Float32Pairs>(),
            WeightFormat.BFloat16 => new FloatProduct<TLanes, BFloat16Pairs>(),
            WeightFormat.Float16 => new FloatProduct<TLanes, Float16Pairs>(),
            WeightFormat.Int8 => new IntegerProduct<TLanes, Int8Words>(),
            WeightFormat.Int4 => new IntegerProduct<TLanes, Int4Words>(),
            _ => throw new UnreachableException($"unhandled format {format}"),
        };
}
