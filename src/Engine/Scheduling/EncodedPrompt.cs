using System.Collections.Immutable;
using RwkvSk.Engine.Prompts;
using RwkvSk.Engine.States;

namespace RwkvSk.Engine.Scheduling;

/// <summary>What one prefill step reads: up to a chunk length of tokens, or one whole picture.</summary>
/// <param name="Tokens">Token ids; empty for a picture.</param>
/// <param name="Image">The picture, or null.</param>
/// <param name="Content">The hash of what the picture shows, within the prompt's scope; meaningless for tokens.</param>
/// <param name="Turn">The turn it belongs to, counted from 0.</param>
/// <param name="Boundary">Where it leads; a place where a state may stand.</param>
/// <param name="IsKept">Whether the state there is kept: a turn or a picture ends.</param>
internal sealed record PromptStep(ReadOnlyMemory<int> Tokens, ImageSegment? Image, Digest Content, int Turn, Boundary Boundary, bool IsKept);

/// <summary>A place between two prefill steps.</summary>
/// <param name="Position">Positions before it, from the very beginning.</param>
/// <param name="Key">What lies before it.</param>
internal readonly record struct Boundary(long Position, PrefixKey Key);

/// <summary>
/// A prompt ready to be read. Its steps are cut at the same places whether a prefix of it is kept or not (where segments end, and at multiples of the chunk length
/// counted from a segment's start), which is why a state that was kept and one that was read again are equal bit for bit.
/// </summary>
/// <param name="From">The state to begin with, or null for an empty one.</param>
/// <param name="Root">The key of having read nothing, in the scope the prompt belongs to.</param>
/// <param name="Steps">In reading order; at least one, and the last one ends a turn.</param>
internal sealed record EncodedPrompt(StateSnapshot? From, PrefixKey Root, ImmutableArray<PromptStep> Steps)
{
    /// <summary>Positions from the very beginning to the end, those behind <see cref="From"/> included.</summary>
    public long Positions => Steps[^1].Boundary.Position;

    /// <summary>Who may share what is kept of it; null is everybody without a scope.</summary>
    public string? Scope { get; init; }

    /// <summary>Whose budget its kept states count against; null for nobody's in particular.</summary>
    public PrefixKey? QuotaScope => Scope is null ? null : Root;

    /// <summary>Positions before the first step.</summary>
    public long Start => From?.Position ?? 0;
}
