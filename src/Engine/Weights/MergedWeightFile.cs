namespace RwkvSk.Engine.Weights;

/// <summary>Several files that make one checkpoint.</summary>
internal sealed unsafe class MergedWeightFile : IWeightFile
{
    private readonly List<IWeightFile> _files = [];
    private readonly Dictionary<string, WeightInfo> _tensors = new(StringComparer.Ordinal);
    private readonly Dictionary<string, IWeightFile> _owners = new(StringComparer.Ordinal);

    private MergedWeightFile(IReadOnlyList<string> paths)
    {
        Path = paths[0];
        try
        {
            foreach (var path in paths)
            {
                Add(WeightFiles.OpenAsIs(path));
            }
        }
        catch
        {
            Dispose();
            throw;
        }
    }

    /// <summary>Opens the parts; if one of them is bad, none stays open.</summary>
    public static MergedWeightFile Open(IReadOnlyList<string> paths) => new(paths);

    /// <summary>The first part's path.</summary>
    public string Path { get; }

    /// <summary>The files.</summary>
    public IReadOnlyList<IWeightFile> Parts => _files;

    /// <inheritdoc/>
    public IReadOnlyDictionary<string, WeightInfo> Tensors => _tensors;

    /// <summary>The path of the part that holds a tensor.</summary>
    public string PartOf(string name) => _owners[name].Path;

    /// <inheritdoc/>
    public ReadOnlySpan<byte> Data(string name, out byte* address)
    {
        this.Find(name);
        return _owners[name].Data(name, out address);
    }

    /// <inheritdoc/>
    public void Release(string name) => _owners[name].Release(name);

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (var file in _files)
        {
            file.Dispose();
        }
    }

    private void Add(IWeightFile file)
    {
        _files.Add(file);
        foreach (var (name, info) in file.Tensors)
        {
            if (!_owners.TryAdd(name, file))
            {
                throw new ModelFormatException($"'{file.Path}' and '{_owners[name].Path}' both hold '{name}'; expected parts of one checkpoint, each tensor once.");
            }

            _tensors.Add(name, info);
        }
    }
}
