using System.Security.Cryptography;
using RwkvSk.Engine.Prompts;
using RwkvSk.Engine.Scheduling;
using RwkvSk.Engine.States;

namespace RwkvSk.Engine.Models;

/// <summary>
/// Runs a model as VisualRWKV v7.00's published evaluation does: whenever logits are asked for, everything is read again from the beginning, behind as much padding as
/// that length wants (<see cref="EvaluationPadding"/>). A token more wants a position of padding less, so no state can be gone on from, and none can be kept.
/// </summary>
internal sealed class EvaluationRunner(IModelRunner inner) : IModelRunner
{
    // What every slot has read: runs of tokens, and pictures.
    private readonly List<BatchRow>[] _read = [.. Enumerable.Range(0, inner.SlotCount).Select(static _ => new List<BatchRow>())];
    private readonly byte[] _fingerprint = SHA256.HashData([.. inner.Fingerprint, .. "evaluation padding"u8]);

    /// <inheritdoc/>
    public StateLayout Layout => inner.Layout;

    /// <inheritdoc/>
    public int VocabularySize => inner.VocabularySize;

    /// <inheritdoc/>
    public int SlotCount => inner.SlotCount;

    /// <inheritdoc/>
    public int PositionsPerImage => inner.PositionsPerImage;

    /// <inheritdoc/>
    public ReadOnlySpan<byte> Fingerprint => _fingerprint;

    /// <inheritdoc/>
    public IImageEmbeddings EncodeImage(ImageSegment image) => inner.EncodeImage(image);

    /// <inheritdoc/>
    public void Step(Batch batch, Span<float> logits)
    {
        foreach (var row in batch.Rows)
        {
            Remember(row);
            if (row.WantLogits)
            {
                Pass(row.Slot, logits[..VocabularySize]);
                logits = logits[VocabularySize..];
            }
        }
    }

    /// <inheritdoc/>
    public void Reset(int slot) => _read[slot].Clear();

    /// <inheritdoc/>
    public StateSnapshot Capture(int slot, long position) => throw NoStates();

    /// <inheritdoc/>
    public void Restore(int slot, StateSnapshot snapshot) => throw NoStates();

    /// <inheritdoc/>
    public void Dispose() => inner.Dispose();

    private static NotSupportedException NoStates() => new($"With {nameof(EngineOptions.EvaluationPadding)} everything is read from the beginning; there are no states to keep or to go on from.");

    // Tokens are copied (the caller uses its buffer again) and joined to those before them.
    private void Remember(BatchRow row)
    {
        var read = _read[row.Slot];
        if (row.Image is null && read is [.., { Image: null } last])
        {
            read[^1] = last with { Tokens = (int[])[.. last.Tokens.Span, .. row.Tokens.Span] };
            return;
        }

        read.Add(row with { Tokens = row.Tokens.ToArray(), WantLogits = false });
    }

    private void Pass(int slot, Span<float> logits)
    {
        inner.Reset(slot);
        var read = _read[slot];
        var padding = EvaluationPadding.Count(read.Sum(static row => (long)row.Positions));
        if (padding > 0)
        {
            inner.Step(new Batch(Phase.Prefill, [new BatchRow(slot, Enumerable.Repeat(EvaluationPadding.Token, padding).ToArray(), null, WantLogits: false)]), []);
        }

        for (var i = 0; i < read.Count; i++)
        {
            var isLast = i == read.Count - 1;
            inner.Step(new Batch(Phase.Prefill, [read[i] with { WantLogits = isLast }]), isLast ? logits : []);
        }
    }
}
