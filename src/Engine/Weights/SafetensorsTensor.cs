using System.Runtime.InteropServices;

namespace RwkvSk.Engine.Weights;

/// <summary>A tensor to be written.</summary>
/// <param name="Name">Its name in the file.</param>
/// <param name="Type">Element type.</param>
/// <param name="Shape">Sizes; empty for a scalar.</param>
/// <param name="Write">Writes exactly the tensor's bytes, row-major and little-endian; called once, when its turn comes, so that only one tensor need be in memory.</param>
internal sealed record SafetensorsTensor(string Name, WeightType Type, IReadOnlyList<long> Shape, Action<Stream> Write)
{
    /// <summary>A tensor whose bytes are at hand.</summary>
    public static SafetensorsTensor From(string name, WeightType type, IReadOnlyList<long> shape, ReadOnlyMemory<byte> data) =>
        new(name, type, shape, stream => stream.Write(data.Span));

    /// <summary>An fp32 tensor.</summary>
    public static SafetensorsTensor From(string name, IReadOnlyList<long> shape, ReadOnlyMemory<float> data) =>
        new(name, WeightType.Float32, shape, stream => stream.Write(MemoryMarshal.AsBytes(data.Span)));

    /// <summary>An int64 tensor.</summary>
    public static SafetensorsTensor From(string name, IReadOnlyList<long> shape, ReadOnlyMemory<long> data) =>
        new(name, WeightType.Int64, shape, stream => stream.Write(MemoryMarshal.AsBytes(data.Span)));

    /// <summary>A tensor of an open checkpoint, under its own name.</summary>
    public static SafetensorsTensor From(IWeightFile file, WeightInfo info) =>
        new(info.Name, info.Type, info.Shape, stream => stream.Write(file.Data(info.Name)));
}
