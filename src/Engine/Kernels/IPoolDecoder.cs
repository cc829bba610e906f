using RwkvSk.Engine.Scheduling;

namespace RwkvSk.Engine.Kernels;

/// <summary>
/// The language model for a few positions at a time, without libtorch, over the states where they lie. A position's numbers do not depend on which others are in the step.
/// One thread at a time; when a call returns, the states are advanced and the logits are there.
/// </summary>
internal interface IPoolDecoder : IDisposable
{
    /// <summary>Most positions of a step.</summary>
    int Capacity { get; }

    /// <summary>Bytes of its weights, which are copies of the checkpoint's.</summary>
    long WeightBytes { get; }

    /// <summary>Whether a row of a prefill step is read here: tokens, and few of them.</summary>
    bool Takes(BatchRow row);

    /// <summary>Reads one token of every row.</summary>
    /// <param name="rows">Different slots.</param>
    /// <param name="logits">Receives [rows that want them, V], in row order.</param>
    void Decode(IReadOnlyList<BatchRow> rows, Span<float> logits);

    /// <summary>Reads the tokens of one row that <see cref="Takes"/> accepts.</summary>
    /// <param name="row">The row.</param>
    /// <param name="logits">Receives [V] if the row wants them.</param>
    void Prefill(BatchRow row, Span<float> logits);
}
