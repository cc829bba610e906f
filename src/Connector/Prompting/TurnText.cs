using System.Text.RegularExpressions;

namespace RwkvSk.Connector.Prompting;

/// <summary>Makes any text fit into one turn.</summary>
internal static partial class TurnText
{
    /// <summary>
    /// Collapses runs of blank lines to one line end, makes all line ends "\n" and trims. A turn begins only after a blank line, so cleaned text
    /// can neither end its own turn nor begin another one.
    /// </summary>
    public static string Clean(string? text) => string.IsNullOrEmpty(text) ? "" : BlankLines().Replace(text.ReplaceLineEndings("\n"), "\n").Trim();

    /// <summary>Drops a leading thinking span: what a model thought is not read again in later turns.</summary>
    public static string WithoutThinking(string text) => Thinking().Replace(text, "");

    [GeneratedRegex(@"\n(\s*\n)+", RegexOptions.CultureInvariant)]
    private static partial Regex BlankLines();

    [GeneratedRegex(@"^\s*<think>.*?</think>\s*", RegexOptions.CultureInvariant | RegexOptions.Singleline)]
    private static partial Regex Thinking();
}
