namespace RwkvSk.Trainer.Data;

/// <summary>Words that exist nowhere, so that a model has to read them letter by letter.</summary>
internal static class Invented
{
    private static readonly string[] Onsets =
    [
        "b", "bl", "br", "c", "ch", "cl", "cr", "d", "dr", "f", "fl", "fr", "g", "gl", "gr", "h", "j", "k", "kl", "l", "m", "n", "p", "pl", "pr", "qu", "r",
        "s", "sc", "sh", "sk", "sl", "sm", "sn", "sp", "st", "str", "sw", "t", "th", "tr", "tw", "v", "w", "wh", "x", "y", "z", string.Empty,
    ];

    private static readonly string[] Nuclei = ["a", "e", "i", "o", "u", "a", "e", "i", "o", "ai", "ea", "ee", "io", "oo", "ou", "y", "ie", "au", "oa"];

    private static readonly string[] Codas =
    [
        string.Empty, string.Empty, string.Empty, "b", "ck", "d", "g", "l", "ll", "m", "n", "nd", "ng", "nt", "p", "r", "rd", "rk", "rm", "rt", "s", "sk", "ss", "st", "t", "th", "x", "z", "ft", "lt", "mp",
    ];

    /// <summary>One to three syllables, lower case.</summary>
    public static string Word(Random random)
    {
        var word = string.Empty;
        var syllables = random.Weighted([(0.25, 1), (0.5, 2), (0.25, 3)]);
        for (var i = 0; i < syllables || word.Length < 3; i++)
        {
            word += random.Pick(Onsets) + random.Pick(Nuclei) + random.Pick(Codas);
        }

        return word.Length > 11 ? word[..11] : word;
    }

    /// <summary>A word with a capital.</summary>
    public static string Name(Random random)
    {
        var word = Word(random);
        return char.ToUpperInvariant(word[0]) + word[1..];
    }
}
