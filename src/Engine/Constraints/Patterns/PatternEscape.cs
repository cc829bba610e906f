using System.Globalization;
using System.Text;
using RwkvSk.Engine.Constraints.Automata;

namespace RwkvSk.Engine.Constraints.Patterns;

/// <summary>What follows a backslash.</summary>
internal static class PatternEscape
{
    /// <summary>Reads one escape, from behind the backslash, and moves past it.</summary>
    public static SymbolSet Read(int[] pattern, ref int at, bool inClass)
    {
        if (at >= pattern.Length)
        {
            throw new PatternException("the pattern ends in a backslash");
        }

        var symbol = pattern[at++];
        switch (symbol)
        {
            case 'd':
                return PatternClasses.Digit;
            case 'D':
                return SymbolSet.Scalars.Except(PatternClasses.Digit);
            case 'w':
                return PatternClasses.Word;
            case 'W':
                return SymbolSet.Scalars.Except(PatternClasses.Word);
            case 's':
                return PatternClasses.Space;
            case 'S':
                return SymbolSet.Scalars.Except(PatternClasses.Space);
            case 't':
                return SymbolSet.Single('\t');
            case 'n':
                return SymbolSet.Single('\n');
            case 'r':
                return SymbolSet.Single('\r');
            case 'f':
                return SymbolSet.Single('\f');
            case 'v':
                return SymbolSet.Single('\v');
            case 'b' when inClass:
                return SymbolSet.Single('\b');
            case '0' when at >= pattern.Length || pattern[at] is < '0' or > '9':
                return SymbolSet.Single(0);
            case 'x':
                return SymbolSet.Single(Hex(pattern, ref at, 2));
            case 'u':
                return SymbolSet.Single(CodePoint(pattern, ref at));
            case 'p' or 'P':
                var category = PatternClasses.Category(Braced(pattern, ref at));
                return symbol == 'p' ? category : SymbolSet.Scalars.Except(category);
            case 'b' or 'B':
                throw new PatternException("word boundaries are not supported");
            case >= '1' and <= '9' or 'k':
                throw new PatternException("back-references are not regular");
            case (>= 'a' and <= 'z') or (>= 'A' and <= 'Z') or '0':
                throw new PatternException($"'\\{char.ConvertFromUtf32(symbol)}' is not a known escape");
            default:
                return SymbolSet.Single(symbol);
        }
    }

    private static int CodePoint(int[] pattern, ref int at)
    {
        if (at < pattern.Length && pattern[at] == '{')
        {
            var text = Braced(pattern, ref at);
            return int.TryParse(text, NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var value) && Rune.IsValid(value)
                ? value
                : throw new PatternException($"'\\u{{{text}}}' is not a character");
        }

        var unit = Hex(pattern, ref at, 4);
        if (char.IsHighSurrogate((char)unit) && at + 1 < pattern.Length && pattern[at] == '\\' && pattern[at + 1] == 'u')
        {
            at += 2;
            var low = Hex(pattern, ref at, 4);
            if (char.IsLowSurrogate((char)low))
            {
                return char.ConvertToUtf32((char)unit, (char)low);
            }
        }

        return Rune.IsValid(unit) ? unit : throw new PatternException($"'\\u{unit:x4}' is half a character");
    }

    private static int Hex(int[] pattern, ref int at, int digits)
    {
        var value = 0;
        for (var i = 0; i < digits; i++)
        {
            if (at >= pattern.Length || pattern[at] > 'f' || !char.IsAsciiHexDigit((char)pattern[at]))
            {
                throw new PatternException($"an escape needs {digits} hexadecimal digits");
            }

            value = (value * 16) + int.Parse(((char)pattern[at++]).ToString(), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture);
        }

        return value;
    }

    private static string Braced(int[] pattern, ref int at)
    {
        var close = at < pattern.Length && pattern[at] == '{' ? Array.IndexOf(pattern, '}', at) : -1;
        if (close < 0)
        {
            throw new PatternException("an escape needs a name in braces");
        }

        var text = string.Concat(pattern[(at + 1)..close].Select(char.ConvertFromUtf32));
        at = close + 1;
        return text;
    }
}
