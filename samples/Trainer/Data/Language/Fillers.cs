namespace RwkvSk.Trainer.Data;

/// <summary>
/// Words around a request that say nothing about it, made up on the way. People wrap a request in phrases without end; a model that has seen a list of
/// them knows the list, one that has seen new ones every time learns to look for the request inside.
/// </summary>
internal static class Fillers
{
    private static readonly string[] Little =
    [
        "my", "me", "we", "you", "us", "it", "this", "that", "to", "for", "a", "the", "is", "be", "do", "have", "will", "would", "can", "if", "so", "and", "as", "at", "once", "first",
        "good", "kind", "soon", "now", "please", "ask", "want", "wish", "like", "let", "must", "may", "here", "then", "but", "just", "all", "more", "time", "one",
    ];

    private static readonly string[] Links = [" ", ", ", ": ", " and ", " to ", " then ", " that ", " if you "];

    /// <summary>The text with words before it, behind it, or as it was.</summary>
    /// <param name="text">A request or a question.</param>
    /// <param name="split">Only training wraps: what is asked otherwise has words of its own.</param>
    /// <param name="random">The draw.</param>
    public static string Around(string text, Split split, Random random)
    {
        if (split != Split.Training || !random.Chance(0.4))
        {
            return text;
        }

        var end = text[^1] is '.' or '?' or '!' ? text[^1].ToString() : string.Empty;
        var core = end.Length > 0 ? text[..^1] : text;
        return random.NextDouble() switch
        {
            < 0.7 => Words(random) + random.Pick(Links) + char.ToLowerInvariant(core[0]) + core[1..] + end,
            < 0.85 => $"{core}{random.Pick([" ", ", "])}{Words(random)}{end}",
            _ => $"{Words(random)}{random.Pick(Links)}{char.ToLowerInvariant(core[0])}{core[1..]} {Words(random)}{end}",
        };
    }

    // Half of a filler is made of the little words that phrases of politeness are made of, in any order.
    private static string Words(Random random) =>
        string.Join(' ', Enumerable.Range(0, random.Next(1, 6)).Select(_ => random.NextDouble() switch
        {
            < 0.3 => Invented.Word(random),
            < 0.5 => random.Pick(Things.Words[Split.Training]),
            _ => random.Pick(Little),
        }));
}
