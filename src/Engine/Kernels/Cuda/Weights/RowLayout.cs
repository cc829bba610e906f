using System.Buffers;
using RwkvSk.Engine.Kernels.Cpu;

namespace RwkvSk.Engine.Kernels.Cuda.Weights;

/// <summary>Rows are outputs, row by row, filled up with zeros: <c>thin.h</c>, <c>products.h</c>, and whoever reads plain rows. Floating-point formats only. A unit is a row.</summary>
/// <param name="format">How numbers are kept.</param>
/// <param name="source">The checkpoint's matrix.</param>
/// <param name="rows">Its rows.</param>
/// <param name="columns">Its columns.</param>
/// <param name="rowsTogether">What the rows are filled up to a multiple of.</param>
/// <param name="columnsTogether">What the columns are: a multiple of eight.</param>
internal sealed class RowLayout(WeightFormat format, StoredMatrix source, int rows, int columns, int rowsTogether = 1, int columnsTogether = 8) : MatrixLayout(format, source)
{
    private readonly int _words = WeightWords.Count(format);

    /// <summary>Eights of a row.</summary>
    public int Eights { get; } = (columns + columnsTogether - 1) / columnsTogether * (columnsTogether / 8);

    /// <inheritdoc/>
    public override int UnitCount => (rows + rowsTogether - 1) / rowsTogether * rowsTogether;

    /// <inheritdoc/>
    public override int UnitWords => Eights * _words;

    /// <inheritdoc/>
    public override int UnitScales => 0;

    /// <inheritdoc/>
    public override void Pack(int unit, Span<uint> words, Span<float> scales)
    {
        var row = ArrayPool<float>.Shared.Rent(8 * Eights);
        row.AsSpan(0, 8 * Eights).Clear();
        if (unit < rows)
        {
            Source.ReadRow(unit, row.AsSpan(0, columns));
        }

        for (var i = 0; i < Eights; i++)
        {
            WeightWords.Put(Format, row.AsSpan(8 * i, 8), default, words.Slice(i * _words, _words));
        }

        ArrayPool<float>.Shared.Return(row);
    }
}
