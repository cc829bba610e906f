namespace RwkvSk.Engine.Sampling;

/// <summary>
/// RWKV's penalties: the logit of every token generated before loses presence + occurrences * frequency. Occurrences fade by the decay with every
/// token, presence does not. Prompt tokens do not count.
/// </summary>
/// <param name="options">The three numbers.</param>
/// <param name="vocabulary">Says whose repetition is free.</param>
internal sealed class RepetitionPenalty(SamplingOptions options, SamplingVocabulary vocabulary)
{
    private readonly Dictionary<int, int> _places = [];
    private readonly List<(int Id, double Occurrences)> _seen = [];

    /// <summary>Whether it ever changes a logit.</summary>
    public bool IsUsed { get; } = options.PresencePenalty != 0 || options.FrequencyPenalty != 0;

    /// <summary>Tables and numbers consist of these, and a penalty would garble them. They only escape the count, not the presence.</summary>
    /// <param name="token">A token's bytes; the rule asks for a run that occurs in " \t0123456789" as it stands, such as "12" but not "21".</param>
    public static bool IsExempt(ReadOnlySpan<byte> token) => " \t0123456789"u8.IndexOf(token) >= 0;

    /// <summary>Lowers the logits of what was generated before.</summary>
    public void Apply(Span<float> logits)
    {
        foreach (var (id, occurrences) in _seen)
        {
            logits[id] -= (float)(options.PresencePenalty + (occurrences * options.FrequencyPenalty));
        }
    }

    /// <summary>Counts the next token, after fading the earlier ones.</summary>
    public void Observe(int id)
    {
        if (!IsUsed)
        {
            return;
        }

        foreach (ref var seen in System.Runtime.InteropServices.CollectionsMarshal.AsSpan(_seen))
        {
            seen.Occurrences *= options.PenaltyDecay;
        }

        var weight = vocabulary.IsExempt(id) ? 0 : 1;
        if (_places.TryGetValue(id, out var place))
        {
            _seen[place] = (id, _seen[place].Occurrences + weight);
        }
        else
        {
            _places.Add(id, _seen.Count);
            _seen.Add((id, weight));
        }
    }
}
