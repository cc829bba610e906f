using RwkvSk.Engine.Prompts;
using RwkvSk.Engine.States;

namespace RwkvSk.Connector;

/// <summary>
/// What the operator has had read beforehand. The states are held here, whatever the engine's cache evicts, and requests of every tenant go on from them: they
/// hold the operator's own words alone, and what is read after them belongs to the tenant.
/// </summary>
internal sealed class PrimedPrefixes
{
    private readonly Lock _gate = new();
    private Primed[] _primed = [];

    /// <summary>Holds a state; one of an equal prefix is replaced.</summary>
    /// <param name="from">What the prefix begins with; null begins with nothing.</param>
    /// <param name="prefix">What was read. Its last turn may be the beginning of a turn.</param>
    /// <param name="state">The state after it.</param>
    public void Hold(StateSnapshot? from, Prompt prefix, StateSnapshot state)
    {
        lock (_gate)
        {
            _primed = [.. _primed.Where(primed => !primed.IsSameAs(from, prefix)), new Primed(from, prefix, state)];
        }
    }

    /// <summary>Whether the state of an equal prefix is held.</summary>
    public bool Holds(StateSnapshot? from, Prompt prefix) => Volatile.Read(ref _primed).Any(primed => primed.IsSameAs(from, prefix));

    /// <summary>The state that spares most of a prompt, and what is left to read after it.</summary>
    /// <param name="from">What the prompt begins with; null begins with nothing.</param>
    /// <param name="prompt">The whole prompt; something of it is always left.</param>
    public (StateSnapshot? From, Prompt Unread) Resume(StateSnapshot? from, Prompt prompt)
    {
        var (best, rest) = (from, prompt);
        foreach (var primed in Volatile.Read(ref _primed))
        {
            if (primed.State.Position > (best?.Position ?? 0) && primed.RestOf(from, prompt) is { } left)
            {
                (best, rest) = (primed.State, left);
            }
        }

        return (best, rest);
    }

    private sealed record Primed(StateSnapshot? From, Prompt Prefix, StateSnapshot State)
    {
        public bool IsSameAs(StateSnapshot? from, Prompt prefix) =>
            ReferenceEquals(From, from) && prefix.Turns.Count == Prefix.Turns.Count && prefix.Turns.Zip(Prefix.Turns).All(static pair => pair.First.Segments.Count == pair.Second.Segments.Count && Begins(pair.First, pair.Second));

        /// <summary>What follows the prefix; null where the prompt does not begin with it, or has nothing more.</summary>
        public Prompt? RestOf(StateSnapshot? from, Prompt prompt)
        {
            var last = Prefix.Turns.Count - 1;
            if (!ReferenceEquals(From, from) || prompt.Turns.Count <= last)
            {
                return null;
            }

            for (var i = 0; i <= last; i++)
            {
                if (!Begins(prompt.Turns[i], Prefix.Turns[i]) || (i < last && prompt.Turns[i].Segments.Count != Prefix.Turns[i].Segments.Count))
                {
                    return null;
                }
            }

            var begun = prompt.Turns[last].Segments.Skip(Prefix.Turns[last].Segments.Count).ToList();
            var turns = prompt.Turns.Skip(last + 1);
            Turn[] rest = begun.Count > 0 ? [new Turn(begun), .. turns] : [.. turns];
            return rest.Length > 0 ? new Prompt(rest) : null;
        }

        // Segments are tokenised by themselves, so a turn may be left off and gone on with after any of them.
        private static bool Begins(Turn turn, Turn beginning) =>
            turn.Segments.Count >= beginning.Segments.Count && beginning.Segments.Zip(turn.Segments).All(static pair => (pair.First, pair.Second) switch
            {
                (TextSegment a, TextSegment b) => a.Text == b.Text,
                (ImageSegment a, ImageSegment b) => a.Encoded.Span.SequenceEqual(b.Encoded.Span),
                _ => false,
            });
    }
}
