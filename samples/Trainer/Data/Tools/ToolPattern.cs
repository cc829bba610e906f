namespace RwkvSk.Trainer.Data;

/// <summary>An argument of a pattern, before its name, its type and its value are drawn.</summary>
/// <param name="Slot">Stands in braces in the requests.</param>
/// <param name="Names">What it may be called, as words with spaces.</param>
/// <param name="Kind">What it holds.</param>
internal sealed record ParameterForm(string Slot, string[] Names, ValueKind Kind)
{
    /// <summary>Words added to a request that mentions this argument; an argument with a mention is optional.</summary>
    public string? Mention { get; init; }

    /// <summary>The values of a <see cref="ValueKind.Choice"/>.</summary>
    public string[] Choices { get; init; } = [];
}

/// <summary>What a tool answers with.</summary>
internal enum ResultKind
{
    /// <summary>It did something: a sentence, "ok", nothing.</summary>
    Action,

    /// <summary>It knows something: a number, a word, an object.</summary>
    Value,
}

/// <summary>
/// A family of tools that do the same to different things: how they are named and described, and how people ask for them. {noun} is the thing,
/// {verb} and {verbs} ("set", "sets") are drawn separately for the name, the description and the request, so that they agree only mostly.
/// </summary>
internal sealed record ToolPattern
{
    /// <summary>Verbs that mean the same here, base form first word.</summary>
    public required string[] Verbs { get; init; }

    /// <summary>Whether the verbs mean different things, so that name, description and request share one; a fifth of them is held out then.</summary>
    public bool OneVerb { get; init; }

    /// <summary>What it is done to; null for patterns that name their thing themselves.</summary>
    public SplitTable<string>? Nouns { get; init; }

    /// <summary>Words of the name; a dot is where a plugin's name ends.</summary>
    public required string[] Names { get; init; }

    public required string[] Descriptions { get; init; }

    /// <summary>What people tell the model to do, as an imperative without its closing.</summary>
    public string[] Requests { get; init; } = [];

    /// <summary>What people ask instead, with its closing.</summary>
    public string[] Questions { get; init; } = [];

    public ParameterForm[] Parameters { get; init; } = [];

    public ResultKind Result { get; init; } = ResultKind.Action;

    /// <summary>How often the pattern is drawn, relative to the others.</summary>
    public double Weight { get; init; } = 1;
}
