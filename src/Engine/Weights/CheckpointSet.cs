namespace RwkvSk.Engine.Weights;

/// <summary>The files that make up one checkpoint.</summary>
internal sealed record CheckpointSet
{
    private static readonly string[] Extensions = [".safetensors", ".pth", ".pt", ".st", ".gguf"];
    private const string IndexSuffix = ".index.json", LanguageSuffix = "_rwkv", VisualSuffix = "_visual";

    private ShardIndex? _index;

    private CheckpointSet(string name, IReadOnlyList<string> files) => (Name, Files) = (name, files);

    /// <summary>The checkpoint's name: its (first) file's name without extension.</summary>
    public string Name { get; }

    /// <summary>The files.</summary>
    public IReadOnlyList<string> Files { get; }

    /// <summary>The checkpoint that a file belongs to: an index stands for its parts, either file of a language and vision pair for both.</summary>
    public static CheckpointSet ForFile(string path)
    {
        if (path.EndsWith(IndexSuffix, StringComparison.OrdinalIgnoreCase))
        {
            return Indexed(path);
        }

        return Pair(path) ?? new CheckpointSet(NameOf(path), [path]);
    }

    /// <summary>The checkpoint that a folder's own file names.</summary>
    public static CheckpointSet Named(string folder, IReadOnlyList<string> names)
    {
        var files = names.Select(name => Path.Combine(folder, name)).ToArray();
        var missing = files.FirstOrDefault(static file => !File.Exists(file));
        return missing is not null ? throw new ModelFormatException($"'{Path.Combine(folder, ModelFolderFile.FileName)}' names the checkpoint '{Path.GetFileName(missing)}', which is not there.")
            : files.Length == 1 ? ForFile(files[0])
            : new CheckpointSet(NameOf(files[0]), files);
    }

    /// <summary>The only checkpoint of a folder.</summary>
    /// <param name="folder">The folder.</param>
    /// <param name="others">Files in it that are something else, whatever they look like.</param>
    /// <exception cref="ModelFormatException">There is none, or several.</exception>
    public static CheckpointSet Find(string folder, IReadOnlyList<string> others)
    {
        foreach (var usual in new[] { "model.safetensors", "model.safetensors" + IndexSuffix, "pytorch_model.bin", "pytorch_model.bin" + IndexSuffix })
        {
            if (File.Exists(Path.Combine(folder, usual)))
            {
                return ForFile(Path.Combine(folder, usual));
            }
        }

        var names = Directory.EnumerateFiles(folder).Where(path => IsCheckpoint(path) && !others.Contains(Path.GetFileName(path), StringComparer.Ordinal)).Order(StringComparer.Ordinal).ToArray();
        if (names.Length == 2 && Pair(names[0]) is { } pair)
        {
            return pair;
        }

        return names.Length switch
        {
            1 => ForFile(names[0]),
            0 => throw new ModelFormatException($"'{folder}' holds no checkpoint; expected model.safetensors, model.safetensors.index.json with its parts, or a single .safetensors, .pth or .gguf file."),
            _ => throw new ModelFormatException(
                $"'{folder}' holds {names.Length} checkpoints ({string.Join(", ", names.Take(6).Select(Path.GetFileName))}{(names.Length > 6 ? ", ..." : "")}); " +
                $"give the path of one of them, or name it as \"checkpoints\" in {ModelFolderFile.FileName}."),
        };
    }

    /// <summary>Opens the files as one checkpoint.</summary>
    public IWeightFile Open()
    {
        if (_index is not null)
        {
            return CheckpointNames.Canonical(_index.Open());
        }

        var weights = WeightFiles.Open(Files);
        return Files.Count == 2 && Files[0].EndsWith(LanguageSuffix + Path.GetExtension(Files[0]), StringComparison.Ordinal)
            ? RenamedWeightFile.WithLanguagePrefix(weights)
            : weights;
    }

    private static CheckpointSet Indexed(string path)
    {
        var index = ShardIndex.Read(path);
        return new CheckpointSet(NameOf(path[..^IndexSuffix.Length]), index.Files) { _index = index };
    }

    // VisualRWKV v5 was published as NAME_rwkv.pth (the language model, bare names) and NAME_visual.pth (vit.*, proj.*).
    private static CheckpointSet? Pair(string path)
    {
        var (folder, name, extension) = (Path.GetDirectoryName(path) ?? "", NameOf(path), Path.GetExtension(path));
        var stem = name.EndsWith(LanguageSuffix, StringComparison.Ordinal) ? name[..^LanguageSuffix.Length]
            : name.EndsWith(VisualSuffix, StringComparison.Ordinal) ? name[..^VisualSuffix.Length]
            : null;
        string[] files = [Path.Combine(folder, stem + LanguageSuffix + extension), Path.Combine(folder, stem + VisualSuffix + extension)];
        return stem is not null && files.All(File.Exists) ? new CheckpointSet(NameOf(files[0]), files) : null;
    }

    private static bool IsCheckpoint(string path) => Extensions.Contains(Path.GetExtension(path), StringComparer.OrdinalIgnoreCase);

    private static string NameOf(string path) => Path.GetFileNameWithoutExtension(path);
}
