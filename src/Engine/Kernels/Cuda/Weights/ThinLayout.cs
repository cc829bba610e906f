using RwkvSk.Engine.Kernels.Cpu;

namespace RwkvSk.Engine.Kernels.Cuda.Weights;

/// <summary>Rows are outputs, row by row, filled up to eight columns: <c>thin.h</c>. Floating-point formats only. A unit is a row.</summary>
internal sealed class ThinLayout(WeightFormat format, StoredMatrix source, int rows, int columns) : MatrixLayout(format, source)
{
    private readonly int _words = WeightWords.Count(format);

    /// <summary>Eights of a row.</summary>
    public int Eights { get; } = (columns + 7) / 8;

    /// <inheritdoc/>
    public override int UnitCount => rows;

    /// <inheritdoc/>
    public override int UnitWords => Eights * _words;

    /// <inheritdoc/>
    public override int UnitScales => 0;

    /// <inheritdoc/>
    public override void Pack(int unit, Span<uint> words, Span<float> scales)
    {
        var row = new float[8 * Eights];
        Source.ReadRow(unit, row.AsSpan(0, columns));
        for (var i = 0; i < Eights; i++)
        {
            WeightWords.Put(Format, row.AsSpan(8 * i, 8), default, words.Slice(i * _words, _words));
        }
    }
}
