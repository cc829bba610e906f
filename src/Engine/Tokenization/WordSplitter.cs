using System.Globalization;
using System.Text;

namespace RwkvSk.Engine.Tokenization;

/// <summary>
/// Cuts text into the pieces within which GPT-2's byte-level BPE merges. In order of preference: an English contraction ('s 't 're 've 'm 'll 'd);
/// letters, numbers, or other signs, each with one space before them; white space, of which the last character is left to what follows.
/// Works on code points: letters outside of the basic plane are letters.
/// </summary>
internal static class WordSplitter
{
    private enum Kind
    {
        Space,
        Letter,
        Number,
        Sign,
    }

    /// <summary>The length in bytes of the first piece.</summary>
    /// <param name="text">Not empty, valid UTF-8. Its end counts as the end of all text.</param>
    public static int FirstPiece(ReadOnlySpan<byte> text)
    {
        var contraction = Contraction(text);
        if (contraction > 0)
        {
            return contraction;
        }

        // One space in front belongs to a word, not to white space.
        var lead = text[0] == ' ' && text.Length > 1 ? 1 : 0;
        var kind = KindOf(text[lead..], out _);
        return kind == Kind.Space ? WhiteSpace(text) : lead + RunOf(kind, text[lead..], out _);
    }

    // A run that something follows gives up its last character, unless that is all it has.
    private static int WhiteSpace(ReadOnlySpan<byte> text)
    {
        var run = RunOf(Kind.Space, text, out var last);
        return run == text.Length || run == last ? run : run - last;
    }

    private static int RunOf(Kind kind, ReadOnlySpan<byte> text, out int last)
    {
        last = 0;
        var run = 0;
        while (run < text.Length && KindOf(text[run..], out var length) == kind)
        {
            run += length;
            last = length;
        }

        return run;
    }

    private static int Contraction(ReadOnlySpan<byte> text)
    {
        if (text.Length < 2 || text[0] != '\'')
        {
            return 0;
        }

        return text[1] is (byte)'s' or (byte)'t' or (byte)'m' or (byte)'d' ? 2
            : text[1..] is [(byte)'r', (byte)'e', ..] or [(byte)'v', (byte)'e', ..] or [(byte)'l', (byte)'l', ..] ? 3
            : 0;
    }

    private static Kind KindOf(ReadOnlySpan<byte> text, out int length)
    {
        if (text[0] < 0x80)
        {
            length = 1;
            var character = (char)text[0];
            return char.IsAsciiLetter(character) ? Kind.Letter
                : char.IsAsciiDigit(character) ? Kind.Number
                : char.IsWhiteSpace(character) ? Kind.Space
                : Kind.Sign;
        }

        Rune.DecodeFromUtf8(text, out var rune, out length);
        return Rune.IsWhiteSpace(rune) ? Kind.Space : Rune.GetUnicodeCategory(rune) switch
        {
            UnicodeCategory.UppercaseLetter or UnicodeCategory.LowercaseLetter or UnicodeCategory.TitlecaseLetter
                or UnicodeCategory.ModifierLetter or UnicodeCategory.OtherLetter => Kind.Letter,
            UnicodeCategory.DecimalDigitNumber or UnicodeCategory.LetterNumber or UnicodeCategory.OtherNumber => Kind.Number,
            _ => Kind.Sign,
        };
    }
}
