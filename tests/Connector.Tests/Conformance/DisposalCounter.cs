using RwkvSk.Engine.Prompts;
using RwkvSk.Engine.Scheduling;
using RwkvSk.Engine.States;

namespace RwkvSk.Connector.Tests.Conformance;

/// <summary>A runner that tells when it is disposed.</summary>
internal sealed class DisposalCounter(IModelRunner inner, Action onDispose) : IModelRunner
{
    public StateLayout Layout => inner.Layout;

    public int VocabularySize => inner.VocabularySize;

    public int SlotCount => inner.SlotCount;

    public int PositionsPerImage => inner.PositionsPerImage;

    public ReadOnlySpan<byte> Fingerprint => inner.Fingerprint;

    public Digest ContentOf(ImageSegment image) => inner.ContentOf(image);

    public IImageEmbeddings EncodeImage(ImageSegment image) => inner.EncodeImage(image);

    public void Step(Batch batch, Span<float> logits) => inner.Step(batch, logits);

    public void Reset(int slot) => inner.Reset(slot);

    public StateSnapshot Capture(int slot, long position) => inner.Capture(slot, position);

    public void Restore(int slot, StateSnapshot snapshot) => inner.Restore(slot, snapshot);

    public void Dispose()
    {
        onDispose();
        inner.Dispose();
    }
}
