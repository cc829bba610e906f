namespace RwkvSk.Engine.Weights;

/// <summary>Element types that occur in checkpoints.</summary>
internal enum WeightType
{
    Float32,
    Float64,
    Float16,
    BFloat16,
    Int64,
    Int32,
    Int16,
    Int8,
    UInt8,
    Bool,
}

/// <summary>One tensor of a checkpoint: row-major, contiguous, little-endian.</summary>
/// <param name="Name">The checkpoint's own name.</param>
/// <param name="Type">Element type.</param>
/// <param name="Shape">Sizes; empty for a scalar.</param>
internal sealed record WeightInfo(string Name, WeightType Type, IReadOnlyList<long> Shape)
{
    /// <summary>Number of elements.</summary>
    public long Count => Shape.Aggregate(1L, static (product, size) => product * size);
}

/// <summary>
/// An open checkpoint: a table of tensors over a memory mapping. Headers are fully checked when it is opened; no data is read until asked for.
/// Disposing unmaps: no pointer or span may be used afterwards.
/// </summary>
internal interface IWeightFile : IDisposable
{
    /// <summary>The file's path, for messages.</summary>
    string Path { get; }

    /// <summary>The tensors by name.</summary>
    IReadOnlyDictionary<string, WeightInfo> Tensors { get; }

    /// <summary>
    /// The address and byte length of a tensor's data inside the mapping (or of a private contiguous copy, where the file stores a strided view).
    /// Read-only memory: writing to it ends the process.
    /// </summary>
    unsafe ReadOnlySpan<byte> Data(string name, out byte* address);

    /// <summary>
    /// Frees the private copy of a tensor, where <see cref="Data"/> had to make one; asked for again, it is made again. No pointer or span of that tensor may be used afterwards.
    /// </summary>
    void Release(string name);
}
