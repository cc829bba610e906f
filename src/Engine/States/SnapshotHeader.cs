using System.Globalization;

namespace RwkvSk.Engine.States;

/// <summary>Everything a snapshot's file says of its numbers; all of it is under the seal.</summary>
internal sealed record SnapshotHeader
{
    /// <summary>What the file calls itself.</summary>
    public const string Format = "rwkvsk.snapshot";

    /// <summary>The form that is written and read. A change of what the fields or the numbers mean makes a new one.</summary>
    public const string Version = "1";

    /// <summary>Fingerprint of the model, its precision and its vocabulary.</summary>
    public required Digest Model { get; init; }

    /// <summary>The model's name, for people.</summary>
    public required string ModelName { get; init; }

    /// <summary>The state's shape.</summary>
    public required StateLayout Layout { get; init; }

    /// <summary>Positions read.</summary>
    public required long Position { get; init; }

    /// <summary>Where the state was captured; null when it came from elsewhere and is known by its numbers alone.</summary>
    public SnapshotOrigin? Origin { get; init; }

    /// <summary>The kept state it was read on from; null for none.</summary>
    public PrefixKey? Parent { get; init; }

    /// <summary>Who may share it.</summary>
    public required SnapshotKey Scope { get; init; }

    /// <summary>How the numbers are written.</summary>
    public required SnapshotPrecision Precision { get; init; }

    /// <summary>When it was written.</summary>
    public required DateTimeOffset Created { get; init; }

    /// <summary>The header as text pairs.</summary>
    public IReadOnlyDictionary<string, string> ToMetadata() => new Dictionary<string, string>
    {
        ["format"] = Format,
        ["version"] = Version,
        ["model"] = Model.ToString(),
        ["model_name"] = ModelName,
        ["layout"] = string.Create(CultureInfo.InvariantCulture, $"{Layout.LayerCount},{Layout.RowCount},{Layout.Width}"),
        ["position"] = Position.ToString(CultureInfo.InvariantCulture),
        ["root"] = Origin?.Root.ToString() ?? "",
        ["key"] = Origin?.Key.ToString() ?? "",
        ["parent"] = Parent?.ToString() ?? "",
        ["scope"] = Scope.ToString(),
        ["dtype"] = Precision == SnapshotPrecision.Float16 ? "F16" : "F32",
        ["created"] = Created.UtcDateTime.ToString("O", CultureInfo.InvariantCulture),
    };

    /// <summary>Reads the text pairs of a file whose format and version are known to be these.</summary>
    /// <exception cref="FormatException">A pair is missing or is not what it should be.</exception>
    public static SnapshotHeader FromMetadata(IReadOnlyDictionary<string, string> pairs)
    {
        var layout = Text(pairs, "layout").Split(',');
        var sizes = layout.Length == 3 ? layout.Select(static size => Number(size, "layout")).ToArray() : throw new FormatException("'layout' has no three sizes");
        if (sizes.Any(static size => size is < 1 or > int.MaxValue) || (Int128)sizes[0] * sizes[1] * sizes[2] > Array.MaxLength / sizeof(float))
        {
            throw new FormatException("'layout' is no state's");
        }

        var (root, key) = (OptionalKey(pairs, "root"), OptionalKey(pairs, "key"));
        return new SnapshotHeader
        {
            Model = Key(pairs, "model"),
            ModelName = Text(pairs, "model_name"),
            Layout = new StateLayout((int)sizes[0], (int)sizes[1], (int)sizes[2]),
            Position = Number(Text(pairs, "position"), "position"),
            Origin = root is { } r && key is { } k ? new SnapshotOrigin(new PrefixKey(r), new PrefixKey(k)) : null,
            Parent = OptionalKey(pairs, "parent") is { } parent ? new PrefixKey(parent) : null,
            Scope = new SnapshotKey(Key(pairs, "scope")),
            Precision = Text(pairs, "dtype") switch
            {
                "F32" => SnapshotPrecision.Float32,
                "F16" => SnapshotPrecision.Float16,
                var other => throw new FormatException($"'dtype' is '{other}'"),
            },
            Created = DateTimeOffset.ParseExact(Text(pairs, "created"), "O", CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal),
        };
    }

    private static string Text(IReadOnlyDictionary<string, string> pairs, string name) =>
        pairs.TryGetValue(name, out var text) ? text : throw new FormatException($"'{name}' is missing");

    private static long Number(string text, string name) =>
        long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : throw new FormatException($"'{name}' is no number");

    private static Digest Key(IReadOnlyDictionary<string, string> pairs, string name) =>
        OptionalKey(pairs, name) ?? throw new FormatException($"'{name}' is empty");

    private static Digest? OptionalKey(IReadOnlyDictionary<string, string> pairs, string name) => Text(pairs, name) switch
    {
        "" => null,
        var text when SnapshotKey.TryParse(text, out var key) => key.Value,
        _ => throw new FormatException($"'{name}' is no hash"),
    };
}
