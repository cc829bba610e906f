using RwkvSk.Engine.Prompts;
using RwkvSk.Engine.Scheduling;
using RwkvSk.Engine.States;

namespace RwkvSk.TestKit;

/// <summary>Any runner, as one that gives logits and chooses no tokens: the engine samples all of them itself.</summary>
/// <param name="inner">Disposed with this one.</param>
/// <param name="onDispose">Called before.</param>
internal sealed class LogitsRunner(IModelRunner inner, Action? onDispose = null) : IModelRunner
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

    public void Recycle(StateSnapshot snapshot) => inner.Recycle(snapshot);

    public void Restore(int slot, StateSnapshot snapshot) => inner.Restore(slot, snapshot);

    public void Dispose()
    {
        onDispose?.Invoke();
        inner.Dispose();
    }
}
