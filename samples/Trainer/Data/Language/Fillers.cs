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

    private static readonly string[] Before =
    [
        "When you have time, ", "If it is not too much, ", "Since I am tired, ", "I am in the kitchen now. ", "It is late. ", "My dog is hungry. ", "We are nearly done. ", "One more thing. ",
        "Here is what I need: ", "I was thinking: ", "What I want is this: ", "It is cold outside, so ", "My hands are full, so ", "Before we leave, ", "While I read, ", "I have no time, ",
        "There is work to do: ", "You know what to do: ", "I have not done it yet: ", "My brother said: ", "It was a long day. ", "That is fine. ", "I changed my mind: ",
        "To begin with, ", "As a test, ", "In any case, ", "On second thought, ", "By the way, ", "Listen: ", "Attention: ", "Oh, ", "Well then, ", "Ah yes, ", "No, wait: ", "Hm, ",
    ];

    private static readonly string[] Behind =
    [
        ", that is all I need", " and then we are done", " so that I can go home", " because it is late", " like before", ", and be careful", ", it would help", " before we leave", " if you have time",
        ", I am in a hurry", ", my friend is waiting", " without a word", ", that would be great", " or tell me why not", ", no more", " while I wait here", " when you are ready", ", it is important",
    ];

    private static readonly string[] Links = [" ", ", ", ": ", " and ", " to ", " then ", " that ", " if you "];

    /// <summary>The text with words before it, behind it, or as it was.</summary>
    /// <param name="text">A request or a question.</param>
    /// <param name="split">Only training wraps: what is asked otherwise has words of its own.</param>
    /// <param name="random">The draw.</param>
    /// <param name="isOpenEnded">Whether the text ends with words that somebody made up, so that more words would belong to them.</param>
    public static string Around(string text, Split split, Random random, bool isOpenEnded = false)
    {
        if (split != Split.Training || !random.Chance(0.45))
        {
            return text;
        }

        var end = text[^1] is '.' or '?' or '!' ? text[^1].ToString() : string.Empty;
        var core = end.Length > 0 ? text[..^1] : text;
        if (random.Chance(0.3))
        {
            return random.Chance(0.6) || isOpenEnded ? random.Pick(Before) + char.ToLowerInvariant(core[0]) + core[1..] + end : core + random.Pick(Behind) + end;
        }

        return random.NextDouble() switch
        {
            < 0.7 => Words(random) + random.Pick(Links) + char.ToLowerInvariant(core[0]) + core[1..] + end,
            _ when isOpenEnded => Words(random) + random.Pick(Links) + char.ToLowerInvariant(core[0]) + core[1..] + end,
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
