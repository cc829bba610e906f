using System.Buffers;
using RwkvSk.Engine.Kernels.Cpu;

namespace RwkvSk.Engine.Kernels.Cuda.Weights;

/// <summary>
/// A matrix [outputs, inner] turned, so that one number of the inner vector meets one stretch of memory: [inner, tiles, lanes, words], a lane with eight neighbouring
/// outputs: <c>sparse.h</c>. A unit is some rows, which are read from the checkpoint together because they lie beside each other there.
/// </summary>
internal sealed class SparseLayout(WeightFormat format, StoredMatrix source, int outputs, int inner) : MatrixLayout(format, source)
{
    private const int Tile = CudaKernels.TileColumns, Lanes = 32, Rows = 32;

    private readonly int _words = WeightWords.Count(format), _scaled = WeightWords.Scaled(format);

    /// <summary>Tiles of outputs.</summary>
    public int Tiles { get; } = (outputs + Tile - 1) / Tile;

    /// <inheritdoc/>
    public override int UnitCount => (inner + Rows - 1) / Rows;

    /// <inheritdoc/>
    public override int UnitWords => Rows * Tiles * Lanes * _words;

    /// <inheritdoc/>
    public override int UnitScales => _scaled == 0 ? 0 : Rows * Tiles * (Tile / _scaled);

    /// <inheritdoc/>
    public override unsafe void Pack(int unit, Span<uint> words, Span<float> scales)
    {
        var (first, width) = (unit * Rows, Tiles * Tile);
        var count = Math.Min(Rows, inner - first);
        var part = Source with { Data = Source.Data + (nint)(first * Source.ColumnStride * Engine.Weights.WeightTypes.ItemSize(Source.Type)) };
        var turned = ArrayPool<float>.Shared.Rent(Rows * width);
        turned.AsSpan(0, Rows * width).Clear();
        Span<float> across = stackalloc float[Rows];
        for (var output = 0; output < outputs; output++)
        {
            part.ReadRow(output, across[..count]);
            for (var row = 0; row < count; row++)
            {
                turned[(row * width) + output] = across[row];
            }
        }

        for (var row = 0; row < Rows; row++)
        {
            PackRow(turned.AsSpan(row * width, width), words.Slice(row * Tiles * Lanes * _words), _scaled == 0 ? default : scales[(row * (width / _scaled))..]);
        }

        ArrayPool<float>.Shared.Return(turned);
    }

    private void PackRow(ReadOnlySpan<float> weights, Span<uint> words, Span<float> scales)
    {
        Span<float> both = stackalloc float[2];
        for (var at = 0; at < weights.Length; at += 8)
        {
            if (_scaled > 0)
            {
                ref var scale = ref scales[at / _scaled];
                scale = at % _scaled == 0 ? WeightWords.Scale(Format, weights.Slice(at, _scaled)) : scale;
                both.Fill(scale);
            }

            WeightWords.Put(Format, weights.Slice(at, 8), both, words.Slice(at / 8 * _words, _words));
        }
    }
}
