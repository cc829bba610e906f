namespace RwkvSk.Trainer.Data;

/// <summary>Sentences around an imperative such as "turn on the lamp".</summary>
internal static class RequestWordings
{
    public static readonly SplitTable<string> Frames = new(
        "{request}.", "{request}.", "{request}!", "Please {request}.", "Kindly {request}.",
        "Can you {request}?", "Could you {request}?", "Would you {request}?", "{request}, please.", "Would you please {request}?",
        "I want you to {request}.", "Can you please {request}?", "{request} please.", "Now {request}.", "Be so kind and {request}.",
        "I'd like you to {request}.", "Could you please {request}?", "Hey, {request}.", "Will you {request}?", "You should {request}.",
        "Go and {request}.", "OK, {request}.", "{request} now.", "I need you to {request}.", "Let us {request}.",
        "Go ahead and {request}.", "Make sure to {request}.", "You must {request}.", "It is time to {request}.", "I ask you to {request}.",
        "Try to {request}.", "Do not forget to {request}.", "Remember to {request}.", "You have to {request}.", "Would it be possible to {request}?",
        "{request} for me.", "{request} right away.", "Next, {request}.", "Then {request}.", "Do me a favor and {request}.",
        "Are you able to {request}?", "Is it possible to {request}?", "You can {request}.", "Why not {request}?", "May I ask you to {request}?",
        "We want to {request}.", "We need to {request}.", "I have to {request}.", "Help me {request}.", "We have to {request} at once.",
        "Be good and {request}.", "Be quick and {request}.", "Your job: {request}.", "The task is to {request}.", "My wish is that you {request}.",
        "Do this: {request}.", "Just {request}.", "Quickly {request}.", "Again, {request}.", "Simply {request}, will you?",
        "It would be nice if you {request}.", "I would be glad if you {request}.", "You may {request}.", "You could {request}.", "You ought to {request}.",
        "Someone has to {request}.", "Time to {request}.", "So {request}.", "And {request}.", "But first {request}.",
        "{request}, can you?", "{request}, would you?", "{request}, OK?", "{request} if you can.", "{request} as soon as you can.",
        "I want to {request}.", "I would like to {request}.", "I wish to {request}.", "Start to {request}.", "Let me {request}.");

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
