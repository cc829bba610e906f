using RwkvSk.Engine.Constraints.Automata;

namespace RwkvSk.Engine.Constraints.Grammars;

/// <summary>Collects states and byte edges and lays them out as a <see cref="ByteTable"/>. State 0 is the start.</summary>
internal sealed class ByteTableBuilder
{
    private readonly List<int[]> _rows = [NewRow()];
    private readonly HashSet<int> _accepting = [];

    public int AddState()
    {
        if (_rows.Count >= Nfa.MaximumStates)
        {
            throw new AutomatonTooLargeException(Nfa.MaximumStates);
        }

        _rows.Add(NewRow());
        return _rows.Count - 1;
    }

    public void Set(int from, int first, int last, int to) => _rows[from].AsSpan(first, last - first + 1).Fill(to);

    public void Set(int from, int value, int to) => _rows[from][value] = to;

    public void Accept(int state) => _accepting.Add(state);

    /// <summary>Adds one text to those accepted; shared beginnings share states.</summary>
    public void AddLiteral(ReadOnlySpan<byte> bytes)
    {
        var state = 0;
        foreach (var value in bytes)
        {
            if (_rows[state][value] == ByteTable.Dead)
            {
                _rows[state][value] = AddState();
            }

            state = _rows[state][value];
        }

        Accept(state);
    }

    /// <param name="bodyState">See <see cref="ByteTable.BodyState"/>.</param>
    public ByteTable Build(int bodyState = -1)
    {
        // Bytes that behave alike in every state share a class.
        var classes = new byte[256];
        var representatives = new List<int>();
        for (var value = 0; value < 256; value++)
        {
            var known = representatives.FindIndex(other => _rows.TrueForAll(row => row[other] == row[value]));
            if (known < 0)
            {
                known = representatives.Count;
                representatives.Add(value);
            }

            classes[value] = (byte)known;
        }

        var next = new int[_rows.Count * representatives.Count];
        for (var state = 0; state < _rows.Count; state++)
        {
            for (var c = 0; c < representatives.Count; c++)
            {
                next[(state * representatives.Count) + c] = _rows[state][representatives[c]];
            }
        }

        var accepting = new bool[_rows.Count];
        foreach (var state in _accepting)
        {
            accepting[state] = true;
        }

        return new ByteTable(classes, next, representatives.Count, accepting, bodyState);
    }

    private static int[] NewRow()
    {
        var row = new int[256];
        Array.Fill(row, ByteTable.Dead);
        return row;
    }
}
