using System.Runtime.InteropServices;

namespace RwkvSk.Engine.Weights;

/// <summary>
/// A GGUF checkpoint (versions 2 and 3). Plain tensors are used where they lie in the file; quantised ones are unpacked to fp32 when first asked for, into a private copy.
/// The names are llama.cpp's; <see cref="CheckpointNames"/> gives the canonical ones.
/// </summary>
internal sealed unsafe class GgufFile : IWeightFile
{
    /// <summary>The first four bytes.</summary>
    public static ReadOnlySpan<byte> Magic => "GGUF"u8;

    private const int MaximumKeys = 65_536, MaximumAxes = 4;
    private const long DefaultAlignment = 32, MaximumAlignment = 1 << 20;

    private readonly MappedFile _file;
    private readonly PrivateCopies _copies = new();
    private readonly Dictionary<string, WeightInfo> _tensors = new(StringComparer.Ordinal);
    private readonly Dictionary<string, (GgufEncoding Encoding, long Offset, int Bytes)> _places = new(StringComparer.Ordinal);
    private readonly Dictionary<string, object> _metadata = new(StringComparer.Ordinal);

    private GgufFile(MappedFile file)
    {
        _file = file;
        var cursor = new GgufCursor(file.Path, file.Span(0, (int)Math.Min(file.Length, WeightLimits.HeaderBytes)));
        Require(file.Length >= 4 && file.Span(0, 4).SequenceEqual(Magic), "does not begin with GGUF");
        cursor.UInt32();
        var version = cursor.UInt32();
        Require(version is 2 or 3, $"is GGUF version {version}; 2 and 3 are supported (little-endian)");
        var tensors = cursor.Count(WeightLimits.Tensors, "tensors");
        ReadMetadata(ref cursor, cursor.Count(MaximumKeys, "metadata keys"));
        ReadTensors(ref cursor, tensors);
        Place(cursor.Position);
    }

    /// <summary>Maps a file and checks its header.</summary>
    /// <exception cref="FileNotFoundException">There is no such file.</exception>
    /// <exception cref="ModelFormatException">It is no sound GGUF file, or has tensors in an encoding this engine cannot read.</exception>
    public static GgufFile Open(string path)
    {
        var file = MappedFile.Open(path);
        try
        {
            return new GgufFile(file);
        }
        catch
        {
            file.Dispose();
            throw;
        }
    }

    /// <inheritdoc/>
    public string Path => _file.Path;

    /// <inheritdoc/>
    public IReadOnlyDictionary<string, WeightInfo> Tensors => _tensors;

    /// <summary>The metadata: long, double, bool, string, or an array of these.</summary>
    public IReadOnlyDictionary<string, object> Metadata => _metadata;

    /// <summary>The model's architecture, such as "rwkv7"; empty when the file does not say.</summary>
    public string Architecture => _metadata.GetValueOrDefault("general.architecture") as string ?? "";

    /// <summary>An integer of the architecture's own metadata, such as "wkv.head_size"; null when it is missing.</summary>
    public long? Number(string key) => _metadata.GetValueOrDefault($"{Architecture}.{key}") as long?;

    /// <summary>How a tensor's numbers are stored, which for quantised ones is not the type they are read as.</summary>
    public string StoredType(string name) =>
        _places[name].Encoding is { IsQuantised: true } encoding ? encoding.Name.ToLowerInvariant() : CheckpointFormat.Name(_tensors[name].Type);

    /// <inheritdoc/>
    public ReadOnlySpan<byte> Data(string name, out byte* address)
    {
        var info = this.Find(name);
        var (encoding, offset, bytes) = _places[name];
        if (encoding.IsQuantised)
        {
            return _copies.Get(name, info.ByteLength(), destination => encoding.Unpack(_file.Span(offset, bytes), MemoryMarshal.Cast<byte, float>(destination)), out address);
        }

        address = _file.Address(offset);
        return (nuint)address % (nuint)info.Type.ItemSize() == 0
            ? _file.Span(offset, bytes)
            : _copies.Get(name, bytes, destination => _file.Span(offset, bytes).CopyTo(destination), out address);
    }

    /// <inheritdoc/>
    public void Release(string name) => _copies.Release(name);

    /// <inheritdoc/>
    public void Dispose()
    {
        _copies.Dispose();
        _file.Dispose();
    }

    private void ReadMetadata(ref GgufCursor cursor, long count)
    {
        for (var i = 0L; i < count; i++)
        {
            var key = cursor.Text(WeightLimits.NameLength);
            Require(_metadata.TryAdd(key, cursor.Value(cursor.UInt32())), $"has the metadata key '{key}' twice");
        }
    }

    private void ReadTensors(ref GgufCursor cursor, long count)
    {
        for (var i = 0L; i < count; i++)
        {
            var name = cursor.Text(WeightLimits.NameLength);
            var shape = new long[AxisCount(name, cursor.UInt32())];
            for (var axis = shape.Length - 1; axis >= 0; axis--)   // the file lists the fastest axis first
            {
                shape[axis] = cursor.Count(WeightLimits.TensorBytes, $"elements along an axis of '{name}'");
            }

            var code = cursor.UInt32();
            var offset = cursor.Count(long.MaxValue / 2, $"as the offset of '{name}'");
            var encoding = GgufEncoding.Find(code);
            Require(encoding is not null, $"has '{name}' in the encoding {GgufEncoding.Describe(code)}; supported are {GgufEncoding.Supported}");
            Require(!encoding!.IsQuantised || (shape.Length > 0 && shape[^1] % encoding.BlockCount == 0), $"has '{name}' {WeightTypes.Describe(shape)} in {encoding.Name}, whose rows are not whole blocks of {encoding.BlockCount}");
            Require(WeightLimits.Bytes(encoding.Type, shape) is not null, $"has '{name}' of the shape {WeightTypes.Describe(shape)}; at most {WeightLimits.TensorBytes} bytes are accepted");
            var info = new WeightInfo(name, encoding.Type, shape);
            Require(_tensors.TryAdd(name, info), $"has two tensors '{name}'");
            _places.Add(name, (encoding, offset, checked((int)(info.Count / encoding.BlockCount * encoding.BlockBytes))));
        }
    }

    private int AxisCount(string name, uint count)
    {
        Require(count <= MaximumAxes, $"has '{name}' with {count} axes; at most {MaximumAxes} are accepted");
        return (int)count;
    }

    // Offsets count from the data's start: the header's end, rounded up to the alignment.
    private void Place(long headerEnd)
    {
        var alignment = _metadata.GetValueOrDefault("general.alignment", DefaultAlignment) as long? ?? 0;
        Require(alignment is > 0 and <= MaximumAlignment && (alignment & (alignment - 1)) == 0, "has an alignment that is no power of two");
        var start = (headerEnd + alignment - 1) / alignment * alignment;
        var end = 0L;
        foreach (var (name, (encoding, offset, bytes)) in _places.OrderBy(static place => (place.Value.Offset, place.Value.Bytes)).ToArray())
        {
            Require(offset % alignment == 0 && offset >= end, $"puts '{name}' at {offset}, which is not aligned to {alignment} or inside the tensor before it");
            Require(offset <= _file.Length - start - bytes, $"puts '{name}' at {offset}, where its {bytes} bytes do not fit; the file is cut short");
            end = offset + bytes;
            _places[name] = (encoding, start + offset, bytes);
        }
    }

    private void Require(bool holds, string finding)
    {
        if (!holds)
        {
            throw new ModelFormatException($"'{Path}' {finding}.");
        }
    }
}
