namespace RwkvSk.Engine.Tokenization;

/// <summary>Byte-pair encoding of one piece: while any neighbours have a merge, the earliest learnt merge is applied, leftmost first.</summary>
/// <param name="byteIds">The id of every single byte; <see cref="None"/> for bytes without one.</param>
/// <param name="merges">For two neighbouring ids: the merge's rank (smaller was learnt earlier) and the id they become.</param>
internal sealed class BpeMerges(int[] byteIds, IReadOnlyDictionary<(int Left, int Right), (int Rank, int Id)> merges)
{
    /// <summary>Stands for no id.</summary>
    public const int None = -1;

    /// <summary>Memory for one encoding, reused from piece to piece.</summary>
    public sealed class Workspace
    {
        internal List<Symbol> Symbols { get; } = [];

        // Ordered by rank, then by place; entries are not removed when a symbol changes but recognised as stale.
        internal PriorityQueue<(int Left, int Right, int LeftId, int RightId), (int Rank, int Place)> Open { get; } = new();
    }

    /// <summary>A symbol in the doubly linked list of what is left; merged ones have the id -1.</summary>
    internal struct Symbol
    {
        public int Id;
        public int Previous;
        public int Next;
    }

    /// <summary>Whether a byte alone is a token; only such bytes can be encoded.</summary>
    public bool Knows(byte value) => byteIds[value] != None;

    /// <summary>Appends the ids of one piece.</summary>
    public void Encode(ReadOnlySpan<byte> piece, Workspace workspace, ICollection<int> ids)
    {
        var symbols = workspace.Symbols;
        symbols.Clear();
        for (var i = 0; i < piece.Length; i++)
        {
            symbols.Add(new Symbol { Id = byteIds[piece[i]], Previous = i - 1, Next = i + 1 < piece.Length ? i + 1 : None });
        }

        for (var i = 0; i + 1 < symbols.Count; i++)
        {
            Offer(workspace, i, i + 1);
        }

        // A merge costs log n, so a megabyte without spaces takes seconds and not days.
        while (workspace.Open.TryDequeue(out var pair, out _))
        {
            var (left, right) = (symbols[pair.Left], symbols[pair.Right]);
            if (left.Id != pair.LeftId || right.Id != pair.RightId || left.Next != pair.Right)
            {
                continue;
            }

            symbols[pair.Left] = left with { Id = merges[(left.Id, right.Id)].Id, Next = right.Next };
            symbols[pair.Right] = right with { Id = None };
            if (right.Next != None)
            {
                symbols[right.Next] = symbols[right.Next] with { Previous = pair.Left };
                Offer(workspace, pair.Left, right.Next);
            }

            if (left.Previous != None)
            {
                Offer(workspace, left.Previous, pair.Left);
            }
        }

        for (var i = 0; i < symbols.Count; i++)
        {
            if (symbols[i].Id != None)
            {
                ids.Add(symbols[i].Id);
            }
        }
    }

    private void Offer(Workspace workspace, int left, int right)
    {
        var (leftId, rightId) = (workspace.Symbols[left].Id, workspace.Symbols[right].Id);
        if (merges.TryGetValue((leftId, rightId), out var merge))
        {
            workspace.Open.Enqueue((left, right, leftId, rightId), (merge.Rank, left));
        }
    }
}
