namespace RwkvSk.Engine.Constraints.Grammars;

/// <summary>
/// A deterministic automaton over bytes, laid out for speed. State 0 is the start and is never entered again; every state can be completed.
/// Immutable; made by <see cref="ByteTableBuilder"/>.
/// </summary>
internal sealed class ByteTable
{
    /// <summary>The successor that means "no".</summary>
    public const int Dead = -1;

    private readonly byte[] _classes;
    private readonly int[] _next;
    private readonly bool[] _accepting;
    private readonly bool[] _continuing;
    private readonly int[] _forced;

    internal ByteTable(byte[] classes, int[] next, int classCount, bool[] accepting, int bodyState)
    {
        (_classes, _next, ClassCount, _accepting, BodyState) = (classes, next, classCount, accepting, bodyState);
        _continuing = new bool[accepting.Length];
        _forced = new int[accepting.Length];
        for (var state = 0; state < accepting.Length; state++)
        {
            _forced[state] = OnlyByteOf(state);
            _continuing[state] = _next.AsSpan(state * classCount, classCount).ContainsAnyExcept(Dead);
        }
    }

    /// <summary>Byte -> class, 256 entries.</summary>
    public ReadOnlySpan<byte> Classes => _classes;

    /// <summary>Successors, [state * <see cref="ClassCount"/> + class].</summary>
    public ReadOnlySpan<int> NextByClass => _next;

    public int ClassCount { get; }

    public int StateCount => _accepting.Length;

    /// <summary>Between two characters of a string whose characters are counted; -1 in every other table.</summary>
    public int BodyState { get; }

    public int Next(int state, byte value) => _next[(state * ClassCount) + _classes[value]];

    /// <summary>The text may end here.</summary>
    public bool Accepts(int state) => _accepting[state];

    /// <summary>The text may go on here.</summary>
    public bool Continues(int state) => _continuing[state];

    /// <summary>The one byte that can follow, or -1 when there are several or none.</summary>
    public int ForcedByte(int state) => _forced[state];

    /// <summary>Whether any text contains <paramref name="value"/>.</summary>
    public bool Uses(byte value)
    {
        for (var state = 0; state < StateCount; state++)
        {
            if (Next(state, value) != Dead)
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

    private int OnlyByteOf(int state)
    {
        var only = -1;
        for (var value = 0; value < 256; value++)
        {
            if (Next(state, (byte)value) != Dead)
            {
                if (only >= 0)
                {
                    return -1;
                }

                only = value;
            }
        }

        return only;
    }
}
