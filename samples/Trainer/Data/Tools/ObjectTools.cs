namespace RwkvSk.Trainer.Data;

/// <summary>A fact about an object of the picture that a tool takes.</summary>
internal sealed record ObjectFact(string[] Names, Func<SceneObject, string> Value, IReadOnlyList<string> Choices);

/// <summary>A tool that takes a whole object, fact by fact, and its call for any object.</summary>
internal sealed class ObjectTool(Tool tool, IReadOnlyList<(string Name, ObjectFact Fact)> facts, string verb)
{
    public Tool Tool { get; } = tool;

    /// <summary>"log", for requests and for the closing sentence.</summary>
    public string Verb { get; } = verb;

    public ToolCall Call(SceneObject o) => new(Tool.Name, [.. facts.Select(f => (f.Name, ValueSource.Json(f.Fact.Value(o))))]);
}

/// <summary>Makes tools such as log_object(color, shape, place).</summary>
internal static class ObjectTools
{
    public static readonly SplitTable<string> Verbs = new("log", "record", "save", "store", "archive", "report", "register", "add", "note", "catalog", "mark", "list", "tag", "send", "submit");

    private static readonly SplitTable<string> Nouns = new("object", "shape", "item", "thing", "finding", "figure", "object", "part", "object", "observation");
    private static readonly string[] Plugins = ["log", "logger", "journal", "inventory", "store", "notes", "book", "vision", "lab", "picture"];
    private static readonly string[] Descriptions = ["{verbs} one {noun} of the picture.", "{verbs} a {noun}.", "{verbs} an object with what is known about it.", "{verbs} one {noun}.", "{verbs} a {noun} that was seen."];

    private static readonly ObjectFact Colour = new(["color", "colour", "color"], o => o.Colour.Name(), [.. SceneWords.Colours.Select(c => c.Name())]);
    private static readonly ObjectFact Shape = new(["shape", "kind", "shape", "form", "type"], o => o.Shape.Name(), [.. SceneWords.Shapes.Select(s => s.Name())]);
    private static readonly ObjectFact Place = new(["place", "position", "location", "where"], o => SceneWords.Places[o.Cell], []);
    private static readonly ObjectFact Size = new(["size"], o => o.Size.Name(), ["small", "large"]);
    private static readonly ObjectFact Short = new(["object", "name", "item", "text"], o => $"{o.Colour.Name()} {o.Shape.Name()}", []);
    private static readonly ObjectFact Long = new(["description", "details"], o => $"{o.Size.Name()} {o.Colour.Name()} {o.Shape.Name()}", []);

    private static readonly (double Weight, ObjectFact[] Facts)[] Signatures =
    [
        (4, [Colour, Shape]), (3, [Colour, Shape, Place]), (2, [Colour, Shape, Size]), (2, [Colour, Shape, Size, Place]), (1, [Shape]), (1, [Colour]),
        (1, [Shape, Place]), (1, [Short]), (0.6, [Short, Place]), (0.7, [Long]), (0.5, [Place]), (0.5, [Colour, Place]),
    ];

    public static ObjectTool Next(Random random, Split split)
    {
        var style = NameStyle.Draw(random);
        var verb = random.Pick(Verbs[split]);
        var noun = random.Pick(Nouns[split]);
        var words = random.Pick([$"{verb} {noun}", $"{verb} {noun}", $"{random.Pick(Plugins)}.{verb}", $"{random.Pick(Plugins)}.{verb} {noun}", $"{noun} {verb}"]);
        var facts = random.Shuffled(random.Weighted(Signatures)).Select(f => (Name: random.Pick(f.Names), Fact: f)).ToList();
        var parameters = facts.Select(f => new ToolParameter(
            f.Name, f.Fact.Choices.Count > 0 && random.Chance(0.2) ? string.Join(" | ", random.Shuffled(f.Fact.Choices).Select(c => $"\"{c}\"")) : "string")).ToList();
        if (random.Chance(0.1))
        {
            parameters.Add(new(random.Pick(["comment", "note", "tag"]), "string", IsOptional: true));
        }

        var description = random.Pick(Descriptions).Replace("{verbs}", Inflection.ThirdPerson(verb), StringComparison.Ordinal).Replace("{noun}", noun, StringComparison.Ordinal);
        description = Inflection.Articles(char.ToUpperInvariant(description[0]) + description[1..]);
        return new(new(style.Tool(words, random), parameters, random.Chance(0.9) ? description : null), facts, verb);
    }
}
