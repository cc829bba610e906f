namespace RwkvSk.Trainer.Data;

/// <summary>Sentences around an imperative such as "turn on the lamp".</summary>
internal static class RequestWordings
{
    public static readonly SplitTable<string> Frames = new(
        "{request}.", "{request}.", "{request}!", "Please {request}.", "Kindly {request}.",
        "Can you {request}?", "Could you {request}?", "Would you {request}?", "{request}, please.", "Would you please {request}?",
        "I want you to {request}.", "Can you please {request}?", "{request} please.", "Now {request}.", "Be so kind and {request}.",
        "I'd like you to {request}.", "Could you please {request}?", "Hey, {request}.", "Will you {request}?", "You should {request}.",
        "Go and {request}.", "OK, {request}.", "{request} now.", "I need you to {request}.", "Let us {request}.");

    /// <summary>The half of a pattern's templates that a side may use; short lists are shared whole, the frames around them are not.</summary>
    public static IReadOnlyList<string> Of(string[] templates, Split split) =>
        templates.Length >= 5 ? new SplitTable<string>(templates)[split] : templates;

    /// <summary>Capital or not, full stop or not. The words stay as they are: a call may have to spell them.</summary>
    public static string Casual(string text, Random random)
    {
        text = random.Chance(0.12) ? text : char.ToUpperInvariant(text[0]) + text[1..];
        return random.Chance(0.15) ? text.TrimEnd('.', '?', '!') : text;
    }
}
