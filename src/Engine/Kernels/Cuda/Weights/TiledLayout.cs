using System.Buffers;
using RwkvSk.Engine.Kernels.Cpu;

namespace RwkvSk.Engine.Kernels.Cuda.Weights;

/// <summary>
/// Rows are outputs, in groups of four; a group's columns lie in tiles, and what a lane needs of a tile in vectors of four words, those of all lanes beside each other:
/// <c>products.h</c>. A lane has four neighbouring columns of each half of a tile. Integers only. A unit is a group.
/// </summary>
internal sealed class TiledLayout(WeightFormat format, StoredMatrix source, int rows, int columns) : MatrixLayout(format, source)
{
    private const int Rows = CudaKernels.GroupRows, Tile = CudaKernels.TileColumns, Half = Tile / 2, Lanes = 32;

    private readonly int _words = WeightWords.Count(format), _scaled = WeightWords.Scaled(format);

    /// <summary>Tiles of a row.</summary>
    public int Tiles { get; } = TilesOf(columns);

    /// <inheritdoc/>
    public override int UnitCount => (rows + Rows - 1) / Rows;

    /// <inheritdoc/>
    public override int UnitWords => Tiles * Rows * Lanes * _words;

    /// <inheritdoc/>
    public override int UnitScales => Tiles * Rows * (Tile / _scaled);

    /// <inheritdoc/>
    public override void Pack(int unit, Span<uint> words, Span<float> scales)
    {
        var row = ArrayPool<float>.Shared.Rent(Tiles * Tile);
        for (var i = 0; i < Rows; i++)
        {
            row.AsSpan(0, Tiles * Tile).Clear();
            if ((unit * Rows) + i < rows)
            {
                Source.ReadRow((unit * Rows) + i, row.AsSpan(0, columns));
            }

            for (var tile = 0; tile < Tiles; tile++)
            {
                PackTile(i, row.AsSpan(tile * Tile, Tile), words.Slice(tile * Rows * Lanes * _words), scales[(tile * Rows * (Tile / _scaled))..]);
            }
        }

        ArrayPool<float>.Shared.Return(row);
    }

    private void PackTile(int row, ReadOnlySpan<float> weights, Span<uint> words, Span<float> scales)
    {
        Span<float> eight = stackalloc float[8];
        Span<uint> packed = stackalloc uint[8];
        Span<float> ofHalf = stackalloc float[2];
        for (var lane = 0; lane < Lanes; lane++)
        {
            for (var half = 0; half < 2; half++)
            {
                var first = (half * Half) + (4 * lane);
                weights.Slice(first, 4).CopyTo(eight[(4 * half)..]);

                // Both halves' scales of the four rows stand together, those of the upper lanes behind those of the lower ones.
                ref var scale = ref scales[(lane * 4 / _scaled * 2 * Rows) + (2 * row) + half];
                scale = first % _scaled == 0 ? WeightWords.Scale(Format, weights.Slice(first, _scaled)) : scale;
                ofHalf[half] = scale;
            }

            WeightWords.Put(Format, eight, ofHalf, packed);
            for (var i = 0; i < _words; i++)
            {
                var (vector, element) = Math.DivRem((row * _words) + i, 4);
                words[(((vector * Lanes) + lane) * 4) + element] = packed[i];
            }
        }
    }
}
