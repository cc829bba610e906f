namespace RwkvSk.Engine.Sampling;

/// <summary>
/// How the next token is chosen. The order is RWKV's own: penalties, softmax, top-p on the untempered probabilities, top-k, and the temperature last
/// (unlike most transformer stacks, which temper first).
/// </summary>
public sealed record SamplingOptions
{
    /// <summary>Always the most likely token.</summary>
    public static SamplingOptions Greedy { get; } = new() { Temperature = 0 };

    /// <summary>Flattens (above 1) or sharpens (below 1) the choice; 0 takes the most likely token.</summary>
    /// <value>1 by default; not negative.</value>
    public float Temperature { get; init; } = 1;

    /// <summary>Keeps the most likely tokens until their probabilities sum to this.</summary>
    /// <value>0.5 by default; from 0 to 1.</value>
    public float TopP { get; init; } = 0.5f;

    /// <summary>Keeps at most this many tokens; 0 keeps all.</summary>
    /// <value>0 by default; not negative.</value>
    public int TopK { get; init; }

    /// <summary>Subtracted from the logit of every token that was generated before; it does not fade.</summary>
    /// <value>0 by default.</value>
    public float PresencePenalty { get; init; }

    /// <summary>Subtracted once per earlier occurrence, each occurrence fading by <see cref="PenaltyDecay"/> per token.</summary>
    /// <value>0 by default.</value>
    public float FrequencyPenalty { get; init; }

    /// <summary>How much of an occurrence is left after one more token.</summary>
    /// <value>0.996 by default; from 0 to 1.</value>
    public float PenaltyDecay { get; init; } = 0.996f;

    /// <summary>Equal seeds give equal answers to equal prompts.</summary>
    /// <value>null by default: a fresh seed for each request.</value>
    public long? Seed { get; init; }

    /// <summary>Refuses values outside of their ranges.</summary>
    /// <exception cref="ArgumentOutOfRangeException">Names the option, its range and the value.</exception>
    internal void Validate()
    {
        Require(Temperature >= 0 && float.IsFinite(Temperature), nameof(Temperature), "0 or more", Temperature);
        Require(TopP is >= 0 and <= 1, nameof(TopP), "from 0 to 1", TopP);
        Require(TopK >= 0, nameof(TopK), "0 or more", TopK);
        Require(float.IsFinite(PresencePenalty), nameof(PresencePenalty), "a finite number", PresencePenalty);
        Require(float.IsFinite(FrequencyPenalty), nameof(FrequencyPenalty), "a finite number", FrequencyPenalty);
        Require(PenaltyDecay is >= 0 and <= 1, nameof(PenaltyDecay), "from 0 to 1", PenaltyDecay);
    }

    private static void Require(bool holds, string name, string range, object value)
    {
        if (!holds)
        {
            throw new ArgumentOutOfRangeException(name, value, $"{name} must be {range}");
        }
    }
}
