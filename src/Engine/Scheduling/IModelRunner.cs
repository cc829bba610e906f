using RwkvSk.Engine.Prompts;
using RwkvSk.Engine.Sampling;
using RwkvSk.Engine.States;

namespace RwkvSk.Engine.Scheduling;

/// <summary>What a step does.</summary>
internal enum Phase
{
    /// <summary>Reads a chunk of one or more prompts, or of an answer's tokens that had no alternative.</summary>
    Prefill,

    /// <summary>Reads one generated token for each sequence.</summary>
    Decode,
}

/// <summary>Image positions ready to be read: [positions, C] in the runner's own form. Immutable; kept by content hash.</summary>
internal interface IImageEmbeddings
{
    /// <summary>How many positions the image takes.</summary>
    int Positions { get; }

    /// <summary>Memory held, for budgets.</summary>
    long Bytes { get; }
}

/// <summary>One sequence's part of a step: either tokens or one whole image.</summary>
/// <param name="Slot">The row of the state pool that is read and advanced.</param>
/// <param name="Tokens">Token ids; empty when <paramref name="Image"/> is set.</param>
/// <param name="Image">A whole image span, read in one step.</param>
/// <param name="WantLogits">Whether the logits after the last position are needed.</param>
/// <param name="Choice">How the token after the last position is chosen where an <see cref="ITokenChooser"/> does that; such a row wants no logits.</param>
internal readonly record struct BatchRow(int Slot, ReadOnlyMemory<int> Tokens, IImageEmbeddings? Image, bool WantLogits, TokenChoice? Choice = null)
{
    /// <summary>Positions this row reads.</summary>
    public int Positions => Image?.Positions ?? Tokens.Length;
}

/// <summary>One unit of work for the model. Rows are independent sequences in different slots.</summary>
internal sealed record Batch(Phase Phase, IReadOnlyList<BatchRow> Rows);

/// <summary>
/// The only door to the model. Every call but <see cref="ContentOf"/> comes from the engine's one loop thread. A step that throws leaves the touched slots undefined and the
/// runner usable: the caller resets or restores the slots.
/// </summary>
internal interface IModelRunner : IDisposable
{
    /// <summary>The state's shape.</summary>
    StateLayout Layout { get; }

    /// <summary>V: the length of one row of logits.</summary>
    int VocabularySize { get; }

    /// <summary>How many sequences can be live at once.</summary>
    int SlotCount { get; }

    /// <summary>Positions per image; 0 when the model has no eyes.</summary>
    int PositionsPerImage { get; }

    /// <summary>SHA-256 over whatever decides the numbers: weights, configuration, precision, vision preprocessing. Roots every prefix key.</summary>
    ReadOnlySpan<byte> Fingerprint { get; }

    /// <summary>What a picture shows, as a hash; its bytes where nobody looks deeper. The one member that is safe from any thread.</summary>
    Digest ContentOf(ImageSegment image) => Digest.Of(image.Encoded.Span);

    /// <summary>Bytes of memory by kind, for metrics; kinds are named as in plans ("slots", "scratch", ...).</summary>
    IReadOnlyList<KeyValuePair<string, long>> Memory => [];

    /// <summary>Decodes and chooses tokens where the logits are; null where that is the host, and nobody asks for it then.</summary>
    ITokenChooser? Chooser => null;

    /// <summary>Decodes, preprocesses and encodes one picture.</summary>
    /// <exception cref="ImageFormatException">The bytes are no picture, or one past the limits.</exception>
    IImageEmbeddings EncodeImage(ImageSegment image);

    /// <summary>Advances every row's slot. <paramref name="logits"/> receives [rows that want them, V], in row order.</summary>
    void Step(Batch batch, Span<float> logits);

    /// <summary>Puts a slot at the start: nothing read.</summary>
    void Reset(int slot);

    /// <summary>Copies a slot out.</summary>
    StateSnapshot Capture(int slot, long position);

    /// <summary>Takes back a snapshot that was captured here and that nobody will look at again: its memory may serve the next one.</summary>
    void Recycle(StateSnapshot snapshot)
    {
    }

    /// <summary>Copies a snapshot into a slot.</summary>
    void Restore(int slot, StateSnapshot snapshot);
}
