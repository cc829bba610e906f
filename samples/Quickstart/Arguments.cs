namespace RwkvSk.Samples.Quickstart;

/// <summary>Which picture, which model.</summary>
internal sealed record Arguments(string Picture, string Model)
{
    private const string Usage = "Usage: Quickstart [PICTURE] [--model PATH]";

    /// <summary>The model that comes with the repository.</summary>
    public static string BundledModel { get; } = Path.Combine(AppContext.BaseDirectory, "models", "gosling");

    /// <summary>The picture that comes with the sample: a large red circle at the top left, a small blue square in the center, a small green star at the bottom right.</summary>
    public static string BundledPicture { get; } = Path.Combine(AppContext.BaseDirectory, "pictures", "shapes.png");

    /// <summary>Reads the command line.</summary>
    /// <exception cref="ArgumentException">It says something else than the usage.</exception>
    /// <exception cref="FileNotFoundException">The picture or the model is not there.</exception>
    public static Arguments Parse(IReadOnlyList<string> args)
    {
        string? picture = null, model = null;
        for (var i = 0; i < args.Count; i++)
        {
            switch (args[i])
            {
                case "--model" when i + 1 < args.Count && model is null:
                    model = args[++i];
                    break;
                case var value when !value.StartsWith('-') && picture is null:
                    picture = value;
                    break;
                default:
                    throw new ArgumentException($"'{args[i]}' is not understood. {Usage}");
            }
        }

        return new Arguments(picture ?? BundledPicture, model ?? BundledModel).Check();
    }

    private Arguments Check()
    {
        if (!File.Exists(Picture))
        {
            throw new FileNotFoundException($"There is no picture '{Picture}'.");
        }

        if (Model == BundledModel && !File.Exists(Path.Combine(Model, "model.safetensors")))
        {
            throw new FileNotFoundException(
                $"The bundled model is not there: expected '{Path.Combine(Model, "model.safetensors")}'. Train it with samples/Trainer, or name another model with --model PATH.");
        }

        return this;
    }
}
