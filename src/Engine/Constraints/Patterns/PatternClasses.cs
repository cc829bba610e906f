using System.Collections.Concurrent;
using System.Globalization;
using RwkvSk.Engine.Constraints.Automata;

namespace RwkvSk.Engine.Constraints.Patterns;

/// <summary>The named character classes, as ECMAScript defines them.</summary>
internal static class PatternClasses
{
    private static readonly ConcurrentDictionary<string, SymbolSet> Categories = new(StringComparer.Ordinal);

    /// <summary>Any character but the line terminators.</summary>
    public static SymbolSet Dot { get; } =
        SymbolSet.Scalars.Except(SymbolSet.Of(new('\n', '\n'), new('\r', '\r'), new(0x2028, 0x2029)));

    public static SymbolSet Digit { get; } = SymbolSet.Of(new SymbolRange('0', '9'));

    public static SymbolSet Word { get; } = SymbolSet.Of(new('0', '9'), new('A', 'Z'), new('_', '_'), new('a', 'z'));

    /// <summary>White space and line terminators.</summary>
    public static SymbolSet Space { get; } = SymbolSet.Of(
        new(9, 13), new(32, 32), new(0xA0, 0xA0), new(0x1680, 0x1680), new(0x2000, 0x200A), new(0x2028, 0x2029),
        new(0x202F, 0x202F), new(0x205F, 0x205F), new(0x3000, 0x3000), new(0xFEFF, 0xFEFF));

    /// <summary>A Unicode general category by its short name: "L" (a whole group), "Lu", ...</summary>
    public static SymbolSet Category(string name) => Categories.GetOrAdd(name, static n =>
    {
        var ranges = new List<SymbolRange>();
        var known = false;
        var wanted = Enum.GetValues<UnicodeCategory>().Select(c => (Category: c, Short: ShortName(c)))
            .Where(c => c.Short == n || c.Short[..1] == n).Select(static c => c.Category).ToHashSet();
        known = wanted.Count > 0;
        foreach (var range in SymbolSet.Scalars.Ranges)
        {
            for (var symbol = range.First; symbol <= range.Last; symbol++)
            {
                if (!wanted.Contains(CharUnicodeInfo.GetUnicodeCategory(symbol)))
                {
                    continue;
                }

                if (ranges.Count > 0 && ranges[^1].Last == symbol - 1)
                {
                    ranges[^1] = new(ranges[^1].First, symbol);
                }
                else
                {
                    ranges.Add(new(symbol, symbol));
                }
            }
        }

        return known ? SymbolSet.Of([.. ranges]) : throw new PatternException($"'\\p{{{n}}}' is not a general category");
    });

    private static string ShortName(UnicodeCategory category) => category switch
    {
        UnicodeCategory.UppercaseLetter => "Lu",
        UnicodeCategory.LowercaseLetter => "Ll",
        UnicodeCategory.TitlecaseLetter => "Lt",
        UnicodeCategory.ModifierLetter => "Lm",
        UnicodeCategory.OtherLetter => "Lo",
        UnicodeCategory.NonSpacingMark => "Mn",
        UnicodeCategory.SpacingCombiningMark => "Mc",
        UnicodeCategory.EnclosingMark => "Me",
        UnicodeCategory.DecimalDigitNumber => "Nd",
        UnicodeCategory.LetterNumber => "Nl",
        UnicodeCategory.OtherNumber => "No",
        UnicodeCategory.SpaceSeparator => "Zs",
        UnicodeCategory.LineSeparator => "Zl",
        UnicodeCategory.ParagraphSeparator => "Zp",
        UnicodeCategory.Control => "Cc",
        UnicodeCategory.Format => "Cf",
        UnicodeCategory.Surrogate => "Cs",
        UnicodeCategory.PrivateUse => "Co",
        UnicodeCategory.ConnectorPunctuation => "Pc",
        UnicodeCategory.DashPunctuation => "Pd",
        UnicodeCategory.OpenPunctuation => "Ps",
        UnicodeCategory.ClosePunctuation => "Pe",
        UnicodeCategory.InitialQuotePunctuation => "Pi",
        UnicodeCategory.FinalQuotePunctuation => "Pf",
        UnicodeCategory.OtherPunctuation => "Po",
        UnicodeCategory.MathSymbol => "Sm",
        UnicodeCategory.CurrencySymbol => "Sc",
        UnicodeCategory.ModifierSymbol => "Sk",
        UnicodeCategory.OtherSymbol => "So",
        _ => "Cn",
    };
}
