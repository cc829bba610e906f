namespace RwkvSk.Trainer.Data;

/// <summary>Tools whose verbs and nouns are hardly related, or invented: what fits must be read, not known.</summary>
internal static class GenericPatterns
{
    /// <summary>Verbs of all kinds. Every fifth is kept for evaluation.</summary>
    public static readonly SplitTable<string> Verbs = new(
        "water", "feed", "paint", "clean", "polish", "wash", "fix", "repair", "test", "calibrate", "scan", "copy", "pause", "resume", "rename", "sell", "rent", "lift", "fill", "inspect",
        "empty", "cook", "boil", "bake", "freeze", "play", "skip", "mute", "record", "upload", "share", "like", "rate", "review", "archive", "hide", "sort", "merge", "split", "compress",
        "track", "ship", "pack", "weigh", "label", "mark", "tag", "charge", "refill", "rotate", "update", "install", "restart", "reset", "backup", "vote", "approve", "reject", "assign", "escalate",
        "launch", "land", "park", "tune", "shake", "press", "pull", "drop", "throw", "harvest", "plant", "cut", "mow", "dig", "sweep", "fold", "iron", "sew", "knit", "varnish");

    /// <summary>Nouns of all kinds. Every fifth is kept for evaluation.</summary>
    public static readonly SplitTable<string> Nouns = new(
        "plant", "cat", "dog", "wall", "fence", "car", "bike", "boat", "bus", "tractor", "song", "video", "album", "movie", "podcast", "server", "backup", "network", "router", "firewall",
        "garden", "pool", "roof", "floor", "aquarium", "cake", "soup", "egg", "steak", "omelet", "user", "account", "team", "project", "campaign", "photo", "map", "chart", "logo", "poster",
        "package", "parcel", "letter", "crate", "barrel", "rocket", "satellite", "probe", "wheel", "turbine", "lawn", "tree", "rose", "field", "orchard", "shirt", "coat", "shoe", "blanket", "tapestry",
        "guitar", "piano", "drum", "flute", "trumpet", "game", "puzzle", "quiz", "level", "tournament", "order", "estimate", "contract", "vote", "petition", "horse", "cow", "chicken", "goat", "hamster");

    /// <summary>{verb} and {noun} of these patterns are drawn from the tables above, or invented.</summary>
    public static readonly IReadOnlyList<ToolPattern> All =
    [
        Pattern(2.5, [], [], [], ["{verb} the {noun}", "{verb} the {noun} now", "{verb} my {noun}", "{verb} the {noun} for me"]),
        Pattern(2, [new("name", ["name", "id", "title", "label", "target", "which"], ValueKind.Word)], ["{verb} {noun} by name"], ["{verbs} the {noun} with this name.", "{verbs} one {noun} by name."],
            ["{verb} the {noun} {name}", "{verb} {noun} {name}", "{verb} the {noun} called {name}", "{verb} the {noun} named {name}"]),
        Pattern(2, [new("n", ["count", "number", "amount", "times", "minutes", "level", "percent", "n"], ValueKind.Count)], ["{verb} {noun}s"], ["{verbs} a number of {noun}s.", "{verbs} {noun}s."],
            ["{verb} {n} {noun}s", "{verb} exactly {n} {noun}s", "{verb} {n} of the {noun}s"]),
        Pattern(1.5, [new("code", ["code", "id", "key", "reference", "serial"], ValueKind.Code)], ["{verb} {noun} by code"], ["{verbs} the {noun} with this code."],
            ["{verb} {noun} {code}", "{verb} the {noun} {code}", "{verb} the {noun} with the code {code}"]),
        Pattern(1.5, [new("color", ["color", "colour", "shade"], ValueKind.Colour)], ["{verb} {noun} color"], ["{verbs} the {noun} in a color.", "{verbs} the {noun} with a color."],
            ["{verb} the {noun} in {color}", "{verb} the {noun} with {color}", "{verb} the {noun} using {color}"]),
        Pattern(1, [new("who", ["person", "for", "user", "owner", "name"], ValueKind.Person)], ["{verb} {noun} for"], ["{verbs} the {noun} for someone.", "{verbs} a {noun} for a person."],
            ["{verb} the {noun} for {who}", "{verb} {who}'s {noun}", "{verb} a {noun} for {who}"]),
        Pattern(1, [new("place", ["city", "place", "location", "to", "at"], ValueKind.City)], ["{verb} {noun} in"], ["{verbs} the {noun} in a city.", "{verbs} a {noun} at a place."],
            ["{verb} the {noun} in {place}", "{verb} a {noun} in {place}"]),
        Pattern(1, [new("mode", ["mode", "style", "speed", "way"], ValueKind.Choice) { Choices = ["fast", "slow", "gentle", "full", "quick", "deep", "light", "dry"] }], [], ["{verbs} the {noun} in a mode."],
            ["{verb} the {noun} in {mode} mode", "{verb} the {noun}, mode {mode}", "use {mode} mode to {verb} the {noun}"]),
        Pattern(1,
            [
                new("name", ["name", "title", "label"], ValueKind.Word),
                new("n", ["count", "level", "amount", "size"], ValueKind.Integer) { Mention = " with {n}" },
                new("who", ["user", "person", "by"], ValueKind.Person) { Mention = " for {who}" },
            ],
            [], ["{verbs} the {noun} with this name."], ["{verb} the {noun} {name}", "{verb} the {noun} called {name}"]),
    ];

    private static ToolPattern Pattern(double weight, ParameterForm[] parameters, string[] names, string[] descriptions, string[] requests) => new()
    {
        Weight = weight,
        Verbs = [],
        Names = ["{verb} {noun}", "{noun}.{verb}", "{noun} {verb}", "{noun}.{verb} {noun}", .. names],
        Descriptions = ["{verbs} the {noun}.", "{verbs} a {noun}.", .. descriptions, .. descriptions],
        Requests = requests,
        Parameters = parameters,
    };
}
