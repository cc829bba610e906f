namespace RwkvSk.Engine.Tokenization;

/// <summary>
/// Byte strings with ids, searched for the longest that begins a text. A double-array trie: the child of node n by byte b lies in cell
/// Base[n] ^ b if that cell names n as its parent, so a step costs one array access. All children of a node lie in one block of 256 cells.
/// </summary>
internal sealed class ByteTrie
{
    private const int BlockSize = 256;

    // Placing a node tries this many free cells before it opens a new block: bounds the time to build, at a few percent of unused cells.
    private const int PlacementTries = 48;

    private const int Root = 0;
    private const int None = -1;

    private readonly Cell[] _cells;

    private ByteTrie(Cell[] cells) => _cells = cells;

    /// <summary>Builds the trie.</summary>
    /// <param name="entries">Non-empty byte strings and their ids, sorted by bytes, without duplicates.</param>
    public static ByteTrie Build(IReadOnlyList<(ReadOnlyMemory<byte> Bytes, int Id)> entries) => new(new Builder().Build(entries));

    /// <summary>The longest entry that <paramref name="text"/> begins with.</summary>
    /// <param name="text">What to look at.</param>
    /// <param name="length">Its length in bytes; 0 when there is none.</param>
    /// <returns>Its id; -1 when there is none.</returns>
    public int LongestMatch(ReadOnlySpan<byte> text, out int length)
    {
        var cells = _cells;
        var node = Root;
        var id = None;
        length = 0;
        for (var i = 0; i < text.Length; i++)
        {
            var child = cells[node].Base ^ text[i];
            if ((uint)child >= (uint)cells.Length || cells[child].Parent != node)
            {
                break;
            }

            node = child;
            if (cells[node].Id != None)
            {
                // Many entries have prefixes that are no entries themselves: the last one seen counts.
                id = cells[node].Id;
                length = i + 1;
            }
        }

        return id;
    }

    private struct Cell
    {
        public int Base;
        public int Parent;
        public int Id;
    }

    private sealed class Builder
    {
        private const int Free = -2;

        private Cell[] _cells = new Cell[BlockSize];
        private int _count;

        // Free cells form a ring, in which the root's cell stays as its fixed point. The search goes on where the last one ended (next fit),
        // so cells that fit nothing are not tried again and again.
        private int[] _next = new int[BlockSize];
        private int[] _previous = new int[BlockSize];
        private int _cursor = Root;

        public Builder()
        {
            AddBlock();
            _cells[Root].Parent = None;
        }

        public Cell[] Build(IReadOnlyList<(ReadOnlyMemory<byte> Bytes, int Id)> entries)
        {
            // Breadth first: the wide nodes near the root are placed while there is room, the long thin tails fill the gaps.
            var open = new Queue<(int Node, int First, int End, int Depth)>();
            open.Enqueue((Root, 0, entries.Count, 0));
            Span<byte> labels = stackalloc byte[BlockSize];
            while (open.TryDequeue(out var range))
            {
                var (node, first, end, depth) = range;
                if (first < end && entries[first].Bytes.Length == depth)
                {
                    _cells[node].Id = entries[first].Id;
                    first++;
                }

                var count = 0;
                for (var i = first; i < end; i++)
                {
                    var label = entries[i].Bytes.Span[depth];
                    if (count == 0 || labels[count - 1] != label)
                    {
                        labels[count++] = label;
                    }
                }

                if (count == 0)
                {
                    continue;
                }

                var origin = Place(labels[..count]);
                _cells[node].Base = origin;
                for (int i = first, child = 0; i < end; child++)
                {
                    var start = i;
                    while (i < end && entries[i].Bytes.Span[depth] == labels[child])
                    {
                        i++;
                    }

                    Take(origin ^ labels[child], node);
                    open.Enqueue((origin ^ labels[child], start, i, depth + 1));
                }
            }

            return _cells[.._count];
        }

        // A base under which every label falls on a free cell.
        private int Place(ReadOnlySpan<byte> labels)
        {
            for (var tries = 0; tries < PlacementTries; tries++)
            {
                var origin = _cursor ^ labels[0];
                if (_cursor != Root && IsFree(origin, labels))
                {
                    return origin;
                }

                _cursor = _next[_cursor];
            }

            // A new block is free as a whole, whatever the labels.
            return AddBlock();
        }

        private bool IsFree(int origin, ReadOnlySpan<byte> labels)
        {
            foreach (var label in labels)
            {
                if (_cells[origin ^ label].Parent != Free)
                {
                    return false;
                }
            }

            return true;
        }

        private int AddBlock()
        {
            var first = _count;
            _count += BlockSize;
            if (_count > _cells.Length)
            {
                Array.Resize(ref _cells, _cells.Length * 2);
                Array.Resize(ref _next, _cells.Length);
                Array.Resize(ref _previous, _cells.Length);
            }

            Array.Fill(_cells, new Cell { Base = 0, Parent = Free, Id = None }, first, BlockSize);
            for (var cell = Math.Max(first, 1); cell < _count; cell++)
            {
                var last = _previous[Root];
                (_next[cell], _previous[cell]) = (Root, last);
                (_next[last], _previous[Root]) = (cell, cell);
            }

            _cursor = Math.Max(first, 1);
            return first;
        }

        private void Take(int cell, int parent)
        {
            _cells[cell].Parent = parent;
            (_next[_previous[cell]], _previous[_next[cell]]) = (_next[cell], _previous[cell]);
            if (_cursor == cell)
            {
                _cursor = _next[cell];
            }
        }
    }
}
