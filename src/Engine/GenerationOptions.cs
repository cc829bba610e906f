using RwkvSk.Engine.Constraints;
using RwkvSk.Engine.Sampling;

namespace RwkvSk.Engine;

/// <summary>How one answer is generated.</summary>
public sealed record GenerationOptions
{
    /// <summary>How tokens are chosen.</summary>
    public SamplingOptions Sampling { get; init; } = new();

    /// <summary>Most tokens to generate; the answer then ends with <see cref="FinishReason.Length"/>.</summary>
    /// <value>1024 by default; at least 1.</value>
    public int MaximumTokens { get; init; } = 1024;

    /// <summary>Texts that end the answer; none of them is part of it, even when it is spread over several tokens.</summary>
    public IReadOnlyList<string> StopSequences { get; init; } = [];

    /// <summary>What the answer must look like.</summary>
    /// <value>null by default: free text.</value>
    public Constraint? Constraint { get; init; }

    /// <summary>Who may share kept prefixes: requests with equal scopes do, others never. An application with several tenants names one per tenant.</summary>
    /// <value>null by default: shared by all requests that name none.</value>
    public string? CacheScope { get; init; }

    /// <summary>Who gets a free slot first when requests wait. Nobody waits for ever: who was passed over often enough goes first. Requests of different scopes take turns.</summary>
    /// <value><see cref="RequestPriority.Normal"/> by default.</value>
    public RequestPriority Priority { get; init; } = RequestPriority.Normal;

    /// <summary>Refuses what makes no sense, naming it.</summary>
    internal void Validate()
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(MaximumTokens, 1);
        ArgumentNullException.ThrowIfNull(Sampling);
        Sampling.Validate();
        ArgumentNullException.ThrowIfNull(StopSequences);
        if (!Enum.IsDefined(Priority))
        {
            throw new ArgumentOutOfRangeException(nameof(Priority), Priority, "Expected Low, Normal or High.");
        }

        if (StopSequences.Any(string.IsNullOrEmpty))
        {
            throw new ArgumentException($"A stop sequence needs at least one character, found an empty one among {StopSequences.Count}.");
        }
    }
}

/// <summary>Why an answer ended.</summary>
public enum FinishReason
{
    /// <summary>A stop sequence, the end-of-text token, or a fulfilled constraint.</summary>
    Stop,

    /// <summary><see cref="GenerationOptions.MaximumTokens"/> were generated.</summary>
    Length,
}

/// <summary>What one answer took.</summary>
/// <param name="PromptPositions">Positions of the prompt, reused ones included.</param>
/// <param name="ReusedPositions">Positions that a kept state made unnecessary to read.</param>
/// <param name="GeneratedTokens">Tokens of the answer: those of a stop sequence, and those a constraint left no choice about, included.</param>
/// <param name="TimeToFirstToken">From acceptance to the first token.</param>
/// <param name="TotalTime">From acceptance to the end.</param>
public sealed record GenerationUsage(long PromptPositions, long ReusedPositions, int GeneratedTokens, TimeSpan TimeToFirstToken, TimeSpan TotalTime);

/// <summary>
/// One step of an answer. Text arrives in whole characters and never contains (part of) a stop sequence, so a token may bring no text and a later
/// one more. The last element of every stream has a <see cref="FinishReason"/> and a <see cref="Usage"/>.
/// </summary>
/// <param name="Id">The token; -1 in the last element when it only closes the stream.</param>
/// <param name="Text">New text; may be empty.</param>
/// <param name="FinishReason">Set in the last element alone.</param>
/// <param name="Usage">Set in the last element alone.</param>
public sealed record GeneratedToken(int Id, string Text, FinishReason? FinishReason = null, GenerationUsage? Usage = null);
