using RwkvSk.Engine.Constraints.Grammars;

namespace RwkvSk.Engine.Constraints.Pushdown;

/// <summary>Makes continuations, equal ones once. Not safe from several threads: its automaton locks.</summary>
internal sealed class ContinuationTable
{
    private readonly Dictionary<(GrammarNode, int, Continuation), Continuation> _pushed = [];
    private readonly Dictionary<UnionKey, Continuation> _unions = [];
    private readonly Dictionary<(Continuation, Continuation), Continuation> _pairs = [];
    private long _nextId = 1;

    public int Count => _pushed.Count + _pairs.Count;

    /// <summary><paramref name="node"/>, of which <paramref name="count"/> items were read, and then <paramref name="rest"/>.</summary>
    public Continuation Push(GrammarNode node, int count, Continuation rest)
    {
        if (!_pushed.TryGetValue((node, count, rest), out var pushed))
        {
            _pushed.Add((node, count, rest), pushed = new(node, count, rest, [], _nextId++));
        }

        return pushed;
    }

    /// <summary>
    /// Either of two continuations. What begins alike is taken together, node · a or node · b = node · (a or b), so that every part begins
    /// differently and ambiguity at one depth does not multiply with that at the next.
    /// </summary>
    public Continuation Union(Continuation a, Continuation b)
    {
        if (ReferenceEquals(a, b))
        {
            return a;
        }

        var pair = a.Id < b.Id ? (a, b) : (b, a);
        if (_pairs.TryGetValue(pair, out var known))
        {
            return known;
        }

        var parts = new List<Continuation>();
        foreach (var part in PartsOf(a).Concat(PartsOf(b)))
        {
            var alike = parts.FindIndex(other => ReferenceEquals(other.Node, part.Node) && other.Count == part.Count);
            if (alike < 0)
            {
                parts.Add(part);
            }
            else if (!ReferenceEquals(parts[alike], part))
            {
                parts[alike] = Push(part.Node!, part.Count, Union(parts[alike].Rest!, part.Rest!));
            }
        }

        var union = parts.Count == 1 ? parts[0] : UnionOf([.. parts.OrderBy(static part => part.Id)]);
        _pairs.Add(pair, union);
        return union;
    }

    /// <summary>Forgets everything made; what is still referred to goes on working, it is only no longer shared.</summary>
    public void Clear()
    {
        _pushed.Clear();
        _unions.Clear();
        _pairs.Clear();
    }

    /// <summary>The terminals <paramref name="continuation"/> may begin with.</summary>
    internal Expansion Expand(Continuation continuation)
    {
        var branches = new BranchSet(this);
        var seen = new HashSet<Continuation>();
        var pending = new Stack<Continuation>();
        Visit(continuation);
        while (pending.TryPop(out var next))
        {
            foreach (var part in next.Parts)
            {
                Visit(part);
            }

            Open(next);
        }

        return new([.. branches.Items], branches.MayEnd);

        void Visit(Continuation place)
        {
            if (ReferenceEquals(place, Continuation.End))
            {
                branches.MayEnd = true;
            }
            else if (seen.Add(place))
            {
                pending.Push(place);
            }
        }

        void Open(Continuation place)
        {
            var rest = place.Rest!;
            switch (place.Node)
            {
                case Terminal terminal:
                    branches.Add(new(terminal, default, rest));
                    break;
                case Rule rule:
                    Visit(Push(rule.Body, 0, rest));
                    break;
                case Choice choice:
                    foreach (var option in choice.Options)
                    {
                        Visit(Push(option, 0, rest));
                    }

                    break;
                case Sequence sequence:
                    Visit(PushAll(sequence.Parts, rest));
                    break;
                case Repeat repeat:
                    OpenRepeat(repeat, place.Count, rest);
                    break;
            }
        }

        void OpenRepeat(Repeat repeat, int count, Continuation rest)
        {
            if (count >= repeat.Minimum)
            {
                Visit(rest);
            }

            if (count < repeat.Maximum)
            {
                var item = Push(repeat.Item, 0, Push(repeat, repeat.Following(count), rest));
                Visit(repeat.NeedsSeparator(count) ? Push(repeat.Separator, 0, item) : item);
            }
        }
    }

    private static IEnumerable<Continuation> PartsOf(Continuation continuation) => continuation.Parts.Count > 0 ? continuation.Parts : [continuation];

    private Continuation UnionOf(Continuation[] parts)
    {
        var key = new UnionKey(parts);
        if (!_unions.TryGetValue(key, out var union))
        {
            _unions.Add(key, union = new(null, 0, null, parts, _nextId++));
        }

        return union;
    }

    private Continuation PushAll(IReadOnlyList<GrammarNode> parts, Continuation rest)
    {
        for (var i = parts.Count - 1; i >= 0; i--)
        {
            rest = Push(parts[i], 0, rest);
        }

        return rest;
    }

    private sealed class UnionKey(Continuation[] parts) : IEquatable<UnionKey>
    {
        private readonly Continuation[] _parts = parts;

        public bool Equals(UnionKey? other) => other is not null && _parts.AsSpan().SequenceEqual(other._parts);

        public override bool Equals(object? obj) => Equals(obj as UnionKey);

        public override int GetHashCode()
        {
            var hash = default(HashCode);
            foreach (var part in _parts)
            {
                hash.Add(part.Id);
            }

            return hash.ToHashCode();
        }
    }
}
