namespace RwkvSk.Engine.Weights;

/// <summary>What belongs to a model: its checkpoint, its vocabulary, its <c>rwkvsk.json</c>. Opening it looks at names only; <see cref="OpenWeights"/> opens the checkpoint.</summary>
internal sealed class ModelFolder
{
    private static readonly string[] WorldVocabularies = ["rwkv_vocab*.txt", "vocab*.txt"], PileVocabularies = ["20B_tokenizer.json", "tokenizer.json"];

    private readonly CheckpointSet _checkpoint;
    private readonly ModelFolderFile _file;

    private ModelFolder(string path, string folder, CheckpointSet checkpoint, ModelFolderFile file)
    {
        (Path, Folder, _checkpoint, _file) = (path, folder, checkpoint, file);
        (VocabularyPath, MissingVocabulary) = FindVocabulary();
    }

    /// <summary>Finds the parts of a model.</summary>
    /// <param name="path">A checkpoint file, or a folder that holds one.</param>
    /// <exception cref="FileNotFoundException">Nothing is there.</exception>
    /// <exception cref="ModelFormatException">The folder holds no checkpoint or several, or its <c>rwkvsk.json</c> is wrong.</exception>
    public static ModelFolder Open(string path)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(path);
        if (File.Exists(path))
        {
            var folder = System.IO.Path.GetDirectoryName(System.IO.Path.GetFullPath(path))!;
            var file = ModelFolderFile.Read(folder);

            // A folder's file that names other checkpoints does not speak of this one.
            var mine = file.Checkpoints is null || file.Checkpoints.Contains(System.IO.Path.GetFileName(path), StringComparer.Ordinal) ? file : new ModelFolderFile();
            return new ModelFolder(path, folder, mine.Checkpoints is null ? CheckpointSet.ForFile(path) : CheckpointSet.Named(folder, mine.Checkpoints), mine);
        }

        if (Directory.Exists(path))
        {
            var file = ModelFolderFile.Read(path);
            return new ModelFolder(path, path, file.Checkpoints is null ? CheckpointSet.Find(path, file.SideFiles) : CheckpointSet.Named(path, file.Checkpoints), file);
        }

        throw new FileNotFoundException($"'{path}' does not exist; expected a checkpoint file or a model folder.", path);
    }

    /// <summary>What was asked for.</summary>
    public string Path { get; }

    /// <summary>The folder everything was looked for in.</summary>
    public string Folder { get; }

    /// <summary>The model's name: the checkpoint's file name without its extension, or the folder's where the file has a generic name.</summary>
    public string Name => _checkpoint.Name is "model" or "pytorch_model" ? System.IO.Path.GetFileName(System.IO.Path.GetFullPath(Folder).TrimEnd('/', '\\')) : _checkpoint.Name;

    /// <summary>The checkpoint's files: one, or the parts in order.</summary>
    public IReadOnlyList<string> CheckpointFiles => _checkpoint.Files;

    /// <summary>The vocabulary file; null when there is none. Whoever needs one says <see cref="MissingVocabulary"/>.</summary>
    public string? VocabularyPath { get; }

    /// <summary>Whether <c>rwkvsk.json</c> names the vocabulary.</summary>
    public bool NamesVocabulary => _file.Vocabulary is not null;

    /// <summary>The adapter that <c>rwkvsk.json</c> names; null when it names none.</summary>
    /// <exception cref="ModelFormatException">Its file is not there.</exception>
    public AdapterOptions? Adapter => _file.Adapter is { } name
        ? new AdapterOptions { Path = Named("adapter", name), Alpha = _file.AdapterAlpha, InitialPath = _file.AdapterInitial is { } initial ? Named("adapterInitial", initial) : null }
        : null;

    /// <summary>The state-tuned file that <c>rwkvsk.json</c> names; null when it names none.</summary>
    /// <exception cref="ModelFormatException">It is not there.</exception>
    public string? InitialStatePath => _file.InitialState is { } name ? Named("initialState", name) : null;

    /// <summary>A sentence that says what was looked for; empty when there is a vocabulary.</summary>
    public string MissingVocabulary { get; }

    /// <summary>Attention heads by vision tower, from <c>rwkvsk.json</c>; empty where the published towers' numbers hold.</summary>
    public IReadOnlyDictionary<string, int> VisionHeads => _file.VisionHeads ?? new Dictionary<string, int>();

    /// <summary>Opens the checkpoint; the parts of a checkpoint in several files appear as one.</summary>
    public IWeightFile OpenWeights() => _checkpoint.Open();

    /// <summary>What the model's prompts look like: <c>rwkvsk.json</c> over what is known of a published file of this name, or else of the tensors' family.</summary>
    public ModelPreset ResolvePreset(IWeightFile weights) =>
        _file.Over(PublishedPresets.ForFile(_checkpoint.Name) ?? PublishedPresets.ForTensors(weights.Tensors));

    private string Named(string key, string name)
    {
        var path = System.IO.Path.Combine(Folder, name);
        return File.Exists(path)
            ? path
            : throw new ModelFormatException($"'{System.IO.Path.Combine(Folder, ModelFolderFile.FileName)}' names '{name}' as its {key}, which is not there.");
    }

    private (string? Path, string Missing) FindVocabulary()
    {
        if (_file.Vocabulary is { } named)
        {
            return (Named("vocabulary", named), "");
        }

        string[] patterns = PublishedPresets.ReadsPileVocabulary(_checkpoint.Name) ? [.. PileVocabularies, .. WorldVocabularies] : [.. WorldVocabularies, .. PileVocabularies];
        foreach (var pattern in patterns)
        {
            var found = Directory.EnumerateFiles(Folder, pattern).Order(StringComparer.Ordinal).ToArray();
            if (found.Length > 1)
            {
                throw new ModelFormatException(
                    $"'{Folder}' holds several vocabularies ({string.Join(", ", found.Select(System.IO.Path.GetFileName))}); name one as \"vocabulary\" in {ModelFolderFile.FileName}.");
            }

            if (found.Length == 1)
            {
                return (found[0], "");
            }
        }

        return (null, $"'{Folder}' holds no vocabulary: looked for {string.Join(", ", patterns)} and a \"vocabulary\" in {ModelFolderFile.FileName}. World models need rwkv_vocab_v20230424.txt beside the checkpoint.");
    }
}
