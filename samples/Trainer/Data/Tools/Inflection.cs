using System.Text.RegularExpressions;

namespace RwkvSk.Trainer.Data;

/// <summary>The little English that templates need.</summary>
internal static partial class Inflection
{
    /// <summary>"turn on" to "turns on", "push" to "pushes", "carry" to "carries".</summary>
    public static string ThirdPerson(string verb)
    {
        var space = verb.IndexOf(' ', StringComparison.Ordinal);
        return space < 0 ? WithS(verb) : WithS(verb[..space]) + verb[space..];
    }

    public static string Plural(string noun) => WithS(noun);

    /// <summary>"log" to "logged", "save" to "saved", "copy" to "copied"; a few irregular ones.</summary>
    public static string Past(string verb) => verb switch
    {
        "send" => "sent",
        "write" => "wrote",
        "tell" => "told",
        "draw" => "drew",
        "log" => "logged",
        "tag" => "tagged",
        "submit" => "submitted",
        _ when verb.EndsWith('e') => verb + "d",
        _ when verb.EndsWith('y') && !Vowel(verb[^2]) => verb[..^1] + "ied",
        _ => verb + "ed",
    };

    /// <summary>"a alarm" to "an alarm".</summary>
    public static string Articles(string text) => BeforeVowel().Replace(text, "$1n $2");

    private static string WithS(string word) => word switch
    {
        _ when word.EndsWith('y') && word.Length > 1 && !Vowel(word[^2]) => word[..^1] + "ies",
        _ when word.EndsWith('s') || word.EndsWith('x') || word.EndsWith('z') || word.EndsWith('o') || word.EndsWith("sh", StringComparison.Ordinal) || word.EndsWith("ch", StringComparison.Ordinal) => word + "es",
        _ => word + "s",
    };

    private static bool Vowel(char c) => "aeiou".Contains(c, StringComparison.Ordinal);

    [GeneratedRegex(@"\b([aA]) ([aeio])")]
    private static partial Regex BeforeVowel();
}
