namespace RwkvSk.Engine.Constraints.Grammars;

/// <summary>
/// A deterministic automaton over bytes, laid out for speed. State 0 is the start and is never entered again; every state can be completed.
/// Immutable; made by <see cref="ByteTableBuilder"/>.
/// </summary>
internal sealed class ByteTable
{
    /// <summary>The successor that means "no".</summary>
    public const int Dead = -1;

    /// <summary>Set in a successor's entry where the text may end.</summary>
    public const int AcceptsFlag = 1;

    /// <summary>Set in a successor's entry where the text may go on.</summary>
    public const int ContinuesFlag = 2;

    private readonly byte[] _classes;
    private readonly int[] _entries;
    private readonly bool[] _accepting;
    private readonly bool[] _continuing;
    private readonly int[] _forced;

    internal ByteTable(byte[] classes, int[] next, int classCount, bool[] accepting, int bodyState)
    {
        (_classes, ClassCount, _accepting, BodyState) = (classes, classCount, accepting, bodyState);
        _continuing = new bool[accepting.Length];
        for (var state = 0; state < accepting.Length; state++)
        {
            _continuing[state] = next.AsSpan(state * classCount, classCount).ContainsAnyExcept(Dead);
        }

        _entries = Array.ConvertAll(next, to => to == Dead ? Dead : (to << 2) | (accepting[to] ? AcceptsFlag : 0) | (_continuing[to] ? ContinuesFlag : 0));
        var sizes = new int[classCount];
        foreach (var c in classes)
        {
            sizes[c]++;
        }

        _forced = new int[accepting.Length];
        for (var state = 0; state < accepting.Length; state++)
        {
            _forced[state] = OnlyByteOf(state, sizes);
        }
    }

    /// <summary>Byte -> class, 256 entries.</summary>
    public ReadOnlySpan<byte> Classes => _classes;

    /// <summary>[state * <see cref="ClassCount"/> + class]: the successor times four, plus flags; <see cref="Dead"/> where there is none.</summary>
    public ReadOnlySpan<int> Entries => _entries;

    public int ClassCount { get; }

    public int StateCount => _accepting.Length;

    /// <summary>Between two characters of a string whose characters are counted; -1 in every other table.</summary>
    public int BodyState { get; }

    public int Next(int state, byte value) => _entries[(state * ClassCount) + _classes[value]] >> 2;   // Dead stays Dead

    /// <summary>The text may end here.</summary>
    public bool Accepts(int state) => _accepting[state];

    /// <summary>The text may go on here.</summary>
    public bool Continues(int state) => _continuing[state];

    /// <summary>The one byte that can follow, or -1 when there are several or none.</summary>
    public int ForcedByte(int state) => _forced[state];

    /// <summary>Whether any text contains <paramref name="value"/>.</summary>
    public bool Uses(byte value)
    {
        for (var at = (int)_classes[value]; at < _entries.Length; at += ClassCount)
        {
            if (_entries[at] != Dead)
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>Whether exactly <paramref name="bytes"/> is accepted.</summary>
    public bool Matches(ReadOnlySpan<byte> bytes)
    {
        var state = 0;
        foreach (var value in bytes)
        {
            state = Next(state, value);
            if (state == Dead)
            {
                return false;
            }
        }

        return _accepting[state];
    }

    private int OnlyByteOf(int state, int[] classSizes)
    {
        var only = -1;
        for (var c = 0; c < ClassCount; c++)
        {
            if (_entries[(state * ClassCount) + c] != Dead)
            {
                if (only >= 0 || classSizes[c] > 1)
                {
                    return -1;
                }

                only = c;
            }
        }

        return only < 0 ? -1 : Array.IndexOf(_classes, (byte)only);
    }
}
