namespace RwkvSk.Samples.AgentWithTools;

/// <summary>Which pictures, which model.</summary>
/// <param name="Pictures">Path by place: a picture's file name says what it shows.</param>
/// <param name="Model">A model's path.</param>
internal sealed record Arguments(IReadOnlyDictionary<string, string> Pictures, string Model)
{
    private const string Usage = "Usage: AgentWithTools [FOLDER] [--model PATH]";
    private const int MostPictures = 8;

    private static readonly string[] Endings = [".png", ".jpg", ".jpeg", ".webp", ".bmp", ".gif"];

    /// <summary>The model that comes with the repository.</summary>
    public static string BundledModel { get; } = Path.Combine(AppContext.BaseDirectory, "models", "gosling");

    /// <summary>The pictures that come with the sample: a desk, a door, a shelf.</summary>
    public static string BundledPictures { get; } = Path.Combine(AppContext.BaseDirectory, "pictures");

    /// <summary>Reads the command line.</summary>
    /// <exception cref="ArgumentException">It says something else than the usage.</exception>
    /// <exception cref="FileNotFoundException">The pictures or the model are not there.</exception>
    public static Arguments Parse(IReadOnlyList<string> args)
    {
        string? folder = null, model = null;
        for (var i = 0; i < args.Count; i++)
        {
            switch (args[i])
            {
                case "--model" when i + 1 < args.Count && model is null:
                    model = args[++i];
                    break;
                case var value when !value.StartsWith('-') && folder is null:
                    folder = value;
                    break;
                default:
                    throw new ArgumentException($"'{args[i]}' is not understood. {Usage}");
            }
        }

        if (model is null && !File.Exists(Path.Combine(BundledModel, "model.safetensors")))
        {
            throw new FileNotFoundException(
                $"The bundled model is not there: expected '{Path.Combine(BundledModel, "model.safetensors")}'. Train it with samples/Trainer, or name another model with --model PATH.");
        }

        return new Arguments(PicturesIn(folder ?? BundledPictures), model ?? BundledModel);
    }

    private static SortedDictionary<string, string> PicturesIn(string folder)
    {
        var files = Directory.Exists(folder)
            ? Directory.GetFiles(folder).Where(static file => Endings.Contains(Path.GetExtension(file).ToLowerInvariant())).Order(StringComparer.Ordinal).Take(MostPictures).ToList()
            : throw new FileNotFoundException($"There is no folder '{folder}'.");
        var pictures = new SortedDictionary<string, string>(StringComparer.Ordinal);
        foreach (var file in files)
        {
            pictures.TryAdd(Path.GetFileNameWithoutExtension(file), file);
        }

        return pictures.Count > 0 ? pictures : throw new FileNotFoundException($"There is no picture in '{folder}'; expected files that end in {string.Join(", ", Endings)}.");
    }
}
