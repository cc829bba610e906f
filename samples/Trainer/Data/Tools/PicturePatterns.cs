namespace RwkvSk.Trainer.Data;

/// <summary>Tools that take what a picture shows, one fact at a time; whole objects are <see cref="ObjectTools"/>.</summary>
internal static class PicturePatterns
{
    private static readonly string[] KeepingVerbs = ["save", "store", "record", "report", "send", "note", "submit", "remember", "publish", "enter"];
    private static readonly SplitTable<string> Places = new("log", "table", "sheet", "journal", "register", "file", "form", "book", "diary", "archive");

    public static readonly IReadOnlyList<ToolPattern> All =
    [
        Keeping(1.5, "color", new("value", ["color", "colour", "value", "name", "hue"], ValueKind.Colour)),
        Keeping(1.2, "shape", new("value", ["shape", "kind", "value", "name", "form"], ValueKind.Shape)),
        Keeping(1.2, "count", new("value", ["count", "number", "value", "n", "total"], ValueKind.Count)),
        Keeping(1.2, "place", new("value", ["place", "position", "value", "location", "where"], ValueKind.Place)),
        Keeping(0.6, "size", new("value", ["size", "value", "extent"], ValueKind.Size)),
        new()
        {
            Weight = 1.2,
            Verbs = ["draw", "paint", "print", "make", "render", "sketch", "cut", "show"],
            Names = ["{verb} shape", "{verb}", "canvas.{verb}", "canvas.{verb} shape", "{verb} figure"],
            Descriptions = ["{verbs} a shape in a color.", "{verbs} a colored shape.", "{verbs} a figure on the canvas."],
            Requests = ["{verb} a {shape} in {color}", "{verb} one {shape} with the color {color}", "{verb} a {color} {shape}"],
            Parameters = [new("shape", ["shape", "figure", "form", "kind"], ValueKind.ObjectText), new("color", ["color", "colour", "fill"], ValueKind.Colour)],
        },
        new()
        {
            Weight = 1.2,
            Verbs = ["buy", "order", "find", "get", "pick", "choose", "wear", "mix"],
            Nouns = new("paint", "shirt", "flower", "car", "scarf", "hat", "balloon", "pen", "bag", "ribbon", "cloth", "crayon", "wool", "dress", "button"),
            Names = ["{verb} {noun}", "{noun}.{verb}", "{verb} {noun} by color", "shop.{verb} {noun}"],
            Descriptions = ["{verbs} a {noun} in a color.", "{verbs} a {noun} by its color.", "{verbs} a colored {noun}."],
            Requests = ["{verb} a {noun} in {color}", "{verb} a {noun} with {color}", "{verb} me a {noun} in {color}", "I need a {noun} in {color}"],
            Parameters = [new("color", ["color", "colour", "shade", "color name"], ValueKind.Colour)],
        },
    ];

    private static ToolPattern Keeping(double weight, string fact, ParameterForm value) => new()
    {
        Weight = weight,
        Verbs = KeepingVerbs,
        Nouns = Places,
        Names = [$"{{verb}} {fact}", $"{{noun}}.{{verb}} {fact}", $"{{verb}} {fact} in {{noun}}", $"{fact}.{{verb}}", $"{{noun}} {{verb}} {fact}"],
        Descriptions = [$"{{verbs}} a {fact}.", $"{{verbs}} the {fact} in the {{noun}}.", $"{{verbs}} the given {fact}.", $"{{verbs}} one {fact} in the {{noun}}."],
        Requests =
        [
            $"{{verb}} {{value}}", "{verb} {value} in the {noun}", $"{{verb}} the {fact}: {{value}}", "write {value} in the {noun}", "{verb} {value} for me", "put {value} in the {noun}",
        ],
        Parameters = [value],
    };
}
