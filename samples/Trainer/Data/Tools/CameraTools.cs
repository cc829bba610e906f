namespace RwkvSk.Trainer.Data;

/// <summary>Tools that give back a picture: take a photo, look somewhere, open one that was kept.</summary>
internal static class CameraTools
{
    private static readonly SplitTable<string> Verbs = new("take", "get", "capture", "show", "fetch", "make", "load", "open", "shoot", "grab");
    private static readonly SplitTable<string> Nouns = new("photo", "picture", "image", "snapshot", "frame", "camera picture", "view", "drawing", "shot", "camera image");
    private static readonly string[] Plugins = ["camera", "album", "webcam", "gallery", "vision", "scanner", "phone"];
    private static readonly string[] Descriptions = ["{verbs} a {noun}.", "{verbs} one {noun} and shows it.", "Returns a {noun}.", "{verbs} a {noun} to look at.", "{verbs} the next {noun}.", "Gives back a {noun}."];
    private static readonly string[] NameParameters = ["name", "file", "place", "which", "id", "title"];

    private static readonly SplitTable<string> Requests = new(
        "{verb} a {noun} and describe it", "{verb} a {noun} and tell me what is on it", "describe a new {noun}", "look at a {noun}", "{verb} a {noun}",
        "{verb} a {noun} and say what you see", "{verb} the next {noun} and describe what it shows", "{verb} another {noun}", "tell me what is on the next {noun}", "{verb} a {noun} and describe everything");

    /// <summary>One tool, and a request for its picture; <paramref name="values"/> names it where the tool wants a name.</summary>
    public static (Tool Tool, ToolRequest Request) Next(Random random, Split words, Split split, ValueSource values)
    {
        var style = NameStyle.Draw(random);
        var (verb, noun) = (random.Pick(Verbs[words]), random.Pick(Nouns[words]));
        var name = random.Pick([$"{verb} {noun}", $"{verb} {noun}", $"{random.Pick(Plugins)}.{verb}", $"{random.Pick(Plugins)}.{verb} {noun}"]);
        var parameter = random.Chance(0.4) ? style.Parameter(random.Pick(NameParameters)) : null;
        var description = random.Pick(Descriptions).Replace("{verbs}", Inflection.ThirdPerson(verb), StringComparison.Ordinal).Replace("{noun}", noun, StringComparison.Ordinal);
        var tool = new Tool(
            style.Tool(name, random),
            parameter is null ? [] : [new(parameter, "string")],
            random.Chance(0.9) ? Inflection.Articles(char.ToUpperInvariant(description[0]) + description[1..]) : null);

        var value = parameter is null ? null : values.Draw(new("name", NameParameters, ValueKind.Word), random, scene: null);
        var said = random.Pick(Requests[split]).Replace("{verb}", verb, StringComparison.Ordinal)
            .Replace("{noun}", value is null ? noun : random.Pick([$"{noun} of {value.Spoken}", $"{noun} {value.Spoken}", $"{noun} named {value.Spoken}"]), StringComparison.Ordinal);
        var text = random.Pick(RequestWordings.Frames[split]).Replace("{request}", Inflection.Articles(said), StringComparison.Ordinal);
        return (tool, new(RequestWordings.Casual(text, random), new(tool.Name, value is null ? [] : [(parameter!, value.Json)])));
    }

    /// <summary>What comes with the picture.</summary>
    public static string Caption(Random random) => random.Pick([string.Empty, string.Empty, "ok", "image/png", "photo.png", "{\"status\":\"ok\"}", Invented.Word(random)]);
}
