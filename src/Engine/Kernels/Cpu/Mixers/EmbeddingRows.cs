using RwkvSk.Engine.Weights;

namespace RwkvSk.Engine.Kernels.Cpu;

/// <summary>The embedding table where it lies in the checkpoint: a step reads one row per position, so it is worth no copy.</summary>
internal sealed unsafe class EmbeddingRows
{
    private readonly byte* _data;
    private readonly WeightType _type;
    private readonly int _width, _rowBytes;

    public EmbeddingRows(IWeightFile file, string name, int width)
    {
        _type = file.Find(name).Type;
        file.Data(name, out _data);
        (_width, _rowBytes) = (width, width * _type.ItemSize());
    }

    /// <summary>One row as fp32. [C]</summary>
    public void Read(int token, float* row) =>
        WeightFileExtensions.ToFloats(_type, new ReadOnlySpan<byte>(_data + ((long)token * _rowBytes), _rowBytes), new Span<float>(row, _width));
}
