namespace RwkvSk.Cli.Generation;

/// <summary>The sizes of a published text model, by version and label.</summary>
/// <param name="Name">As in <c>--like</c>: <c>rwkv7-0.1B</c>.</param>
/// <param name="Version">4, 6 or 7.</param>
/// <param name="LayerCount">L.</param>
/// <param name="Width">C.</param>
/// <param name="FfnWidth">F.</param>
/// <param name="VocabularySize">V.</param>
internal sealed record PublishedSize(string Name, int Version, int LayerCount, int Width, int FfnWidth, int VocabularySize)
{
    /// <summary>N of every published model with heads.</summary>
    public const int HeadSize = 64;

    private const int PileVocabulary = 50277, WorldVocabulary = 65536;

    /// <summary>RWKV-7's low ranks of decay, in-context rate, value residual and gate.</summary>
    public (int Decay, int Rate, int Residual, int Gate) Ranks => Width switch
    {
        <= 1024 => (64, 64, 32, 128),
        <= 2048 => (96, 96, 64, 256),
        <= 2560 => (96, 96, 64, 320),
        _ => (128, 128, 96, 480),
    };

    /// <summary>All that can be asked for.</summary>
    public static IReadOnlyList<PublishedSize> All { get; } =
    [
        .. new[] { ("0.1B", 12, 768), ("0.4B", 24, 1024), ("1.5B", 24, 2048), ("2.9B", 32, 2560), ("7.2B", 32, 4096) }.SelectMany(static size => new[]
        {
            new PublishedSize($"rwkv7-{size.Item1}", 7, size.Item2, size.Item3, 4 * size.Item3, WorldVocabulary),
            new PublishedSize($"rwkv6-{size.Item1}", 6, size.Item2, size.Item3, size.Item3 * 7 / 2 / 32 * 32, WorldVocabulary),
            new PublishedSize($"rwkv4-{size.Item1}", 4, size.Item2, size.Item3, 4 * size.Item3, PileVocabulary),
        }).OrderByDescending(static size => size.Version),
    ];

    /// <summary>The size of that name, whatever its letters' case.</summary>
    /// <exception cref="ArgumentException">There is none; the message lists the names.</exception>
    public static PublishedSize Find(string name) =>
        All.FirstOrDefault(size => size.Name.Equals(name, StringComparison.OrdinalIgnoreCase))
        ?? throw new ArgumentException($"There is no size '{name}'; there are {string.Join(", ", All.Select(static size => size.Name))}.");
}
