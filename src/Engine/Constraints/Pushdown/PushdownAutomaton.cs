using RwkvSk.Engine.Constraints.Grammars;
using RwkvSk.Engine.Constraints.Masks;

namespace RwkvSk.Engine.Constraints.Pushdown;

/// <summary>
/// A grammar over one vocabulary. States come into being as answers reach them and are kept, with their masks, up to a limit; past it everything
/// is forgotten at once, and what a cursor still holds goes on working. Safe from any thread.
/// </summary>
internal sealed class PushdownAutomaton
{
    /// <summary>Most kept states; a mask of 65,536 tokens takes 8 KiB.</summary>
    private const int MaximumStates = 4096;

    private const int MaximumContinuations = 200_000;
    private const int MaximumSuccessors = 1024;

    private readonly Lock _lock = new();
    private readonly VocabularyTrie _vocabulary;
    private readonly ContinuationTable _continuations = new();
    private readonly HashSet<AutomatonState> _states = [];
    private readonly List<int> _exits = [];
    private BranchSet _current;
    private BranchSet _next;

    public PushdownAutomaton(GrammarNode root, VocabularyTrie vocabulary)
    {
        _vocabulary = vocabulary;
        (_current, _next) = (new(_continuations), new(_continuations));
        var start = _continuations.Push(root, 0, Continuation.End).Expand(_continuations);
        Start = Intern(start.Branches, start.MayEnd);
    }

    public AutomatonState Start { get; }

    /// <summary>The state behind <paramref name="token"/>; null where the token is not allowed.</summary>
    public AutomatonState? Next(AutomatonState state, int token)
    {
        lock (_lock)
        {
            if (state.Successors.TryGetValue(token, out var known))
            {
                return known;
            }

            var bytes = _vocabulary.BytesOf(token);
            if (bytes.IsEmpty || !TryRead(state, bytes))
            {
                return null;
            }

            var next = Intern(_current.Items, _current.MayEnd);
            if (state.Successors.Count < MaximumSuccessors)
            {
                state.Successors.Add(token, next);
            }

            return next;
        }
    }

    /// <summary>The tokens that may come next: exactly those after which the grammar can still be fulfilled.</summary>
    public TokenMask MaskOf(AutomatonState state)
    {
        lock (_lock)
        {
            return state.Mask ??= ComputeMask(state);
        }
    }

    /// <summary>
    /// The tokens that must come next, whatever the answer will be; empty where there is a choice. They are the ones the tokenizer makes of the text, and
    /// the last bytes are left open where what follows could make other tokens of them.
    /// </summary>
    public ReadOnlySpan<int> ForcedOf(AutomatonState state)
    {
        lock (_lock)
        {
            return state.Forced ??= ComputeForced(state);
        }
    }

    private bool TryRead(AutomatonState state, ReadOnlySpan<byte> bytes)
    {
        _current.Clear();
        foreach (var branch in state.Branches)
        {
            _current.AddStep(branch, bytes[0]);
        }

        foreach (var value in bytes[1..])
        {
            Advance(value);
        }

        return _current.Items.Count > 0 || _current.MayEnd;
    }

    private void Advance(byte value)
    {
        _next.Clear();
        foreach (var branch in _current.Items)
        {
            _next.AddStep(branch, value);
        }

        (_current, _next) = (_next, _current);
    }

    private AutomatonState Intern(IReadOnlyList<Branch> branches, bool mayEnd)
    {
        if (_states.Count >= MaximumStates || _continuations.Count >= MaximumContinuations)
        {
            _states.Clear();
            _continuations.Clear();
        }

        var state = new AutomatonState(branches, mayEnd);
        if (_states.TryGetValue(state, out var known))
        {
            return known;
        }

        _states.Add(state);
        return state;
    }

    private TokenMask ComputeMask(AutomatonState state)
    {
        var mask = new TokenMask(_vocabulary.VocabularySize);
        foreach (var branch in state.Branches)
        {
            var partial = _vocabulary.MasksOf(branch.Terminal.Table).For(branch.Terminal, branch.Place);
            partial.AddTo(mask);
            foreach (var exit in partial.Exits)
            {
                Follow(exit, branch.Rest, mask);
            }
        }

        return mask;
    }

    /// <summary>Adds the tokens under a trie node, from where the grammar goes on with <paramref name="rest"/>.</summary>
    private void Follow(int node, Continuation rest, TokenMask mask)
    {
        foreach (var branch in rest.Expand(_continuations).Branches)
        {
            var begin = _exits.Count;
            TrieWalk.Run(_vocabulary, branch.Terminal, branch.Place, node, mask, _exits);
            for (var i = begin; i < _exits.Count; i++)
            {
                Follow(_exits[i], branch.Rest, mask);
            }

            _exits.RemoveRange(begin, _exits.Count - begin);
        }
    }

    private int[] ComputeForced(AutomatonState state)
    {
        const int Longest = 4096;
        var bytes = new List<byte>();
        _current.Clear();
        foreach (var branch in state.Branches)
        {
            _current.Add(branch);
        }

        _current.MayEnd = state.MayEnd;
        while (bytes.Count < Longest && ForcedByte(_current) is var value and >= 0)
        {
            bytes.Add((byte)value);
            Advance((byte)value);
        }

        var isWhole = _current.Items.Count == 0;
        byte[] text = [.. bytes];
        return _vocabulary.SettledLength(text) is { } settled ? Written(text, isWhole ? text.Length : settled) : Spell(text, isWhole);
    }

    private static int ForcedByte(BranchSet branches)
    {
        var forced = -1;
        if (branches.MayEnd)
        {
            return forced;
        }

        foreach (var branch in branches.Items)
        {
            var (table, place) = (branch.Terminal.Table, branch.Place);
            var isFull = place.State == table.BodyState && place.Count >= branch.Terminal.MaximumLength;
            var value = isFull ? '"' : table.ForcedByte(place.State);
            if (value < 0 || (forced >= 0 && forced != value))
            {
                return -1;
            }

            forced = value;
        }

        return forced;
    }

    /// <summary>The tokenizer's own way, as far as the tokens lie in the first <paramref name="settled"/> bytes and stand for just these.</summary>
    private int[] Written(ReadOnlySpan<byte> bytes, int settled)
    {
        var ids = new List<int>();
        _vocabulary.Encode(bytes, ids);
        var (count, end) = (0, 0);
        while (count < ids.Count && _vocabulary.BytesOf(ids[count]) is { IsEmpty: false } token && end + token.Length <= settled && bytes[end..].StartsWith(token))
        {
            (count, end) = (count + 1, end + token.Length);
        }

        return [.. ids.Take(count)];
    }

    /// <summary>Greedy longest match. Unless nothing comes after them, the bytes at the end that a token could reach beyond are left out.</summary>
    private int[] Spell(ReadOnlySpan<byte> bytes, bool isWhole)
    {
        var ids = new List<int>();
        while (!bytes.IsEmpty)
        {
            var (node, id, length, depth) = (0, -1, 0, 0);
            while (depth < bytes.Length && _vocabulary.Child(node, bytes[depth]) is var child and >= 0)
            {
                (node, depth) = (child, depth + 1);
                if (_vocabulary.Tokens[node] >= 0)
                {
                    (id, length) = (_vocabulary.Tokens[node], depth);
                }
            }

            var mayReachBeyond = depth == bytes.Length && _vocabulary.Ends[node] > node + 1;
            if (id < 0 || (mayReachBeyond && !isWhole))
            {
                break;
            }

            ids.Add(id);
            bytes = bytes[length..];
        }

        return [.. ids];
    }
}
