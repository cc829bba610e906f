namespace RwkvSk.Engine.Weights;

/// <summary>
/// A safetensors checkpoint: an 8-byte little-endian header length, a JSON header, the data. The header is checked against the file before anything is used:
/// known types, sizes that fit their offsets, no overlap, no gap, nothing after the last tensor.
/// </summary>
internal sealed unsafe class SafetensorsFile : IWeightFile
{
    private readonly MappedFile _file;
    private readonly PrivateCopies _copies = new();
    private readonly Dictionary<string, WeightInfo> _tensors;
    private readonly Dictionary<string, long> _offsets;

    private SafetensorsFile(MappedFile file, SafetensorsHeader header)
    {
        _file = file;
        _tensors = new(header.Entries.Count, StringComparer.Ordinal);
        _offsets = new(header.Entries.Count, StringComparer.Ordinal);
        foreach (var entry in header.Entries)
        {
            _tensors.Add(entry.Info.Name, entry.Info);
            _offsets.Add(entry.Info.Name, header.DataStart + entry.Begin);
        }

        Metadata = header.Metadata;
    }

    /// <summary>Maps a file and checks its header.</summary>
    /// <exception cref="FileNotFoundException">There is no such file.</exception>
    /// <exception cref="ModelFormatException">It is no sound safetensors file.</exception>
    public static SafetensorsFile Open(string path)
    {
        var file = MappedFile.Open(path);
        try
        {
            return new SafetensorsFile(file, SafetensorsHeader.Read(file));
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

    /// <summary>The free text pairs of the header's <c>__metadata__</c>; empty when it has none.</summary>
    public IReadOnlyDictionary<string, string> Metadata { get; }

    /// <inheritdoc/>
    public ReadOnlySpan<byte> Data(string name, out byte* address)
    {
        var info = this.Find(name);
        var length = info.ByteLength();
        var offset = _offsets[name];
        address = _file.Address(offset);
        if ((nuint)address % (nuint)info.Type.ItemSize() == 0)
        {
            return _file.Span(offset, length);
        }

        // The format does not promise alignment; vector code and libtorch do expect it.
        return _copies.Get(name, length, destination => _file.Span(offset, length).CopyTo(destination), out address);
    }

    /// <inheritdoc/>
    public void Release(string name) => _copies.Release(name);

    /// <inheritdoc/>
    public void Dispose()
    {
        _copies.Dispose();
        _file.Dispose();
    }
}
