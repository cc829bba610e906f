namespace RwkvSk.Trainer.Data;

/// <summary>The words for what a scene shows, as the answers use them.</summary>
internal static class SceneWords
{
    public static readonly IReadOnlyList<Shape> Shapes = Enum.GetValues<Shape>();
    public static readonly IReadOnlyList<Colour> Colours = Enum.GetValues<Colour>();

    /// <summary>The nine cells' names without a preposition.</summary>
    public static readonly IReadOnlyList<string> Places =
        ["top left", "top center", "top right", "middle left", "center", "middle right", "bottom left", "bottom center", "bottom right"];

    public const int CenterCell = 4;

    private static readonly string[] ShapeNames = ["circle", "square", "triangle", "star", "cross", "diamond"];
    private static readonly string[] ColourNames = ["red", "green", "blue", "yellow", "purple", "orange"];

    public static string Name(this Shape shape) => ShapeNames[(int)shape];

    public static string Plural(this Shape shape) => shape == Shape.Cross ? "crosses" : shape.Name() + "s";

    public static string Name(this Colour colour) => ColourNames[(int)colour];

    public static string Name(this ObjectSize size) => size == ObjectSize.Large ? "large" : "small";

    /// <summary>"at the top left", "in the center".</summary>
    public static string AtPlace(int cell) => cell == CenterCell ? "in the center" : "at the " + Places[cell];

    /// <summary>"red circle", "small circle", "red object", "object".</summary>
    public static string Singular(ObjectFilter filter) => Join(filter, filter.Shape?.Name() ?? "object");

    /// <summary>"red circles", "objects".</summary>
    public static string Plural(ObjectFilter filter) => Join(filter, filter.Shape?.Plural() ?? "objects");

    /// <summary>"There are 3 objects." "There is 1 red circle." "There are no stars."</summary>
    public static string Count(ObjectFilter filter, int count) => count switch
    {
        0 => $"There are no {Plural(filter)}.",
        1 => $"There is 1 {Singular(filter)}.",
        _ => $"There are {count} {Plural(filter)}.",
    };

    /// <summary>"a large red circle".</summary>
    public static string Phrase(SceneObject o) => $"a {o.Size.Name()} {o.Colour.Name()} {o.Shape.Name()}";

    /// <summary>The whole picture in one sentence, row by row.</summary>
    public static string Describe(Scene scene)
    {
        var parts = scene.Objects.Select(o => $"{Phrase(o)} {AtPlace(o.Cell)}").ToList();
        return parts.Count == 0 ? "There are no objects." : $"There is {JoinWithAnd(parts)}.";
    }

    /// <summary>"x", "x and y", "x, y and z".</summary>
    public static string JoinWithAnd(IReadOnlyList<string> parts) =>
        parts.Count <= 1 ? string.Concat(parts) : $"{string.Join(", ", parts.Take(parts.Count - 1))} and {parts[^1]}";

    private static string Join(ObjectFilter filter, string noun) =>
        string.Join(' ', new[] { filter.Size?.Name(), filter.Colour?.Name(), noun }.Where(w => w is not null));
}
