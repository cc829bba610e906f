namespace RwkvSk.Engine.Constraints.Automata;

/// <summary>Symbols (bytes or code points) from <paramref name="First"/> to <paramref name="Last"/>, both included.</summary>
internal readonly record struct SymbolRange(int First, int Last);

/// <summary>An immutable set of symbols, kept as sorted ranges that neither touch nor overlap.</summary>
internal sealed class SymbolSet
{
    /// <summary>One more than the largest Unicode code point.</summary>
    public const int CodePointCount = 0x110000;

    private readonly SymbolRange[] _ranges;

    private SymbolSet(SymbolRange[] ranges) => _ranges = ranges;

    /// <summary>Every code point that UTF-8 can hold: all but the surrogates.</summary>
    public static SymbolSet Scalars { get; } = Of(new(0, 0xD7FF), new(0xE000, CodePointCount - 1));

    public ReadOnlySpan<SymbolRange> Ranges => _ranges;

    public bool IsEmpty => _ranges.Length == 0;

    /// <summary>The union of <paramref name="ranges"/>, in any order.</summary>
    public static SymbolSet Of(params ReadOnlySpan<SymbolRange> ranges)
    {
        var sorted = ranges.ToArray();
        Array.Sort(sorted, static (a, b) => a.First.CompareTo(b.First));
        var merged = new List<SymbolRange>(sorted.Length);
        foreach (var range in sorted)
        {
            if (merged.Count > 0 && range.First <= merged[^1].Last + 1)
            {
                merged[^1] = new(merged[^1].First, Math.Max(merged[^1].Last, range.Last));
            }
            else
            {
                merged.Add(range);
            }
        }

        return new([.. merged]);
    }

    public static SymbolSet Single(int symbol) => Of(new SymbolRange(symbol, symbol));

    public SymbolSet Union(SymbolSet other) => Of([.. _ranges, .. other._ranges]);

    /// <summary>The members of this set that are not in <paramref name="other"/>.</summary>
    public SymbolSet Except(SymbolSet other)
    {
        var left = new List<SymbolRange>();
        foreach (var range in _ranges)
        {
            var first = range.First;
            foreach (var cut in other._ranges)
            {
                if (cut.Last < first || cut.First > range.Last)
                {
                    continue;
                }

                if (cut.First > first)
                {
                    left.Add(new(first, cut.First - 1));
                }

                first = cut.Last + 1;
            }

            if (first <= range.Last)
            {
                left.Add(new(first, range.Last));
            }
        }

        return new([.. left]);
    }
}
