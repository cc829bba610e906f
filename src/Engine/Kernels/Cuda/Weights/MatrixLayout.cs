using RwkvSk.Engine.Kernels.Cpu;

namespace RwkvSk.Engine.Kernels.Cuda.Weights;

/// <summary>A way to lay a matrix out on the device: units that are packed independently of each other and follow each other there.</summary>
/// <param name="format">How numbers are kept.</param>
/// <param name="source">The checkpoint's matrix.</param>
internal abstract class MatrixLayout(WeightFormat format, StoredMatrix source)
{
    /// <summary>How numbers are kept.</summary>
    public WeightFormat Format => format;

    /// <summary>Units of the matrix.</summary>
    public abstract int UnitCount { get; }

    /// <summary>Words of a unit.</summary>
    public abstract int UnitWords { get; }

    /// <summary>Scales of a unit.</summary>
    public abstract int UnitScales { get; }

    /// <summary>The checkpoint's matrix.</summary>
    protected StoredMatrix Source => source;

    /// <summary>Tiles that so many numbers fill.</summary>
    public static int TilesOf(int columns) => (columns + CudaKernels.TileColumns - 1) / CudaKernels.TileColumns;

    /// <summary>How <c>products.h</c> wants a matrix whose rows are outputs: plain rows, integers in tiles.</summary>
    public static MatrixLayout Dense(WeightFormat format, StoredMatrix source, int rows, int columns) => WeightWords.Scaled(format) == 0
        ? new RowLayout(format, source, rows, columns, CudaKernels.GroupRows, CudaKernels.TileColumns)
        : new TiledLayout(format, source, rows, columns);

    /// <summary>Packs one unit.</summary>
    /// <param name="unit">Which.</param>
    /// <param name="words">Receives <see cref="UnitWords"/>.</param>
    /// <param name="scales">Receives <see cref="UnitScales"/>.</param>
    public abstract void Pack(int unit, Span<uint> words, Span<float> scales);

    /// <summary>Packs all of it and puts it on the device, a part at a time.</summary>
    /// <returns>Where the words and the scales are; 0 for no scales.</returns>
    public (nint Words, nint Scales) Upload(DeviceArena arena)
    {
        const int PartWords = 4 << 20;
        var weights = arena.Take((long)UnitCount * UnitWords * sizeof(uint));
        var all = UnitScales == 0 ? default : arena.Take((long)UnitCount * UnitScales * sizeof(float));
        var most = Math.Clamp(PartWords / UnitWords, 1, UnitCount);
        var (words, scales) = (new uint[most * UnitWords], new float[most * UnitScales]);
        for (var first = 0; first < UnitCount; first += most)
        {
            var (start, count) = (first, Math.Min(most, UnitCount - first));
            Parallel.For(0, count, i => Pack(start + i, words.AsSpan(i * UnitWords, UnitWords), scales.AsSpan(i * UnitScales, UnitScales)));
            weights.Write<uint>(words.AsSpan(0, count * UnitWords), (long)first * UnitWords * sizeof(uint));
            if (UnitScales > 0)
            {
                all.Write<float>(scales.AsSpan(0, count * UnitScales), (long)first * UnitScales * sizeof(float));
            }
        }

        return (weights.Pointer, UnitScales == 0 ? 0 : all.Pointer);
    }
}
