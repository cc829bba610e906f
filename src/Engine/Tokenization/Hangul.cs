namespace RwkvSk.Engine.Tokenization;

/// <summary>Korean syllables, which Unicode composes by a formula: 19 leading, 21 vowel and 27 optional trailing jamo in one block of 11,172.</summary>
internal static class Hangul
{
    private const int Syllables = 0xAC00;
    private const int Leading = 0x1100;
    private const int Vowels = 0x1161;

    // The trailing jamo start at the next code point: 0 means that there is none.
    private const int Trailing = 0x11A7;

    private const int LeadingCount = 19;
    private const int VowelCount = 21;
    private const int TrailingCount = 28;

    /// <summary>The jamo that may join what stands before them.</summary>
    public static IEnumerable<int> JoiningJamo { get; } = [.. Enumerable.Range(Vowels, VowelCount), .. Enumerable.Range(Trailing + 1, TrailingCount - 1)];

    /// <summary>Whether it is a composed syllable.</summary>
    public static bool IsSyllable(int codePoint) => codePoint is >= Syllables and < Syllables + (LeadingCount * VowelCount * TrailingCount);

    /// <summary>Appends the two or three jamo of a syllable.</summary>
    public static void Decompose(int syllable, List<int> target)
    {
        var index = syllable - Syllables;
        target.Add(Leading + (index / (VowelCount * TrailingCount)));
        target.Add(Vowels + (index / TrailingCount % VowelCount));
        if (index % TrailingCount != 0)
        {
            target.Add(Trailing + (index % TrailingCount));
        }
    }

    /// <summary>What two code points make together; null if nothing.</summary>
    public static int? Compose(int first, int second)
    {
        var (leading, vowel, trailing) = (first - Leading, second - Vowels, second - Trailing);
        if (leading is >= 0 and < LeadingCount && vowel is >= 0 and < VowelCount)
        {
            return Syllables + (((leading * VowelCount) + vowel) * TrailingCount);
        }

        var isOpen = IsSyllable(first) && (first - Syllables) % TrailingCount == 0;
        return isOpen && trailing is > 0 and < TrailingCount ? first + trailing : null;
    }
}
