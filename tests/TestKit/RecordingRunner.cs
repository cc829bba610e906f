using RwkvSk.Engine.Prompts;
using RwkvSk.Engine.Scheduling;
using RwkvSk.Engine.States;

namespace RwkvSk.TestKit;

/// <summary>Any runner, with every row of logits it gave remembered.</summary>
internal sealed class RecordingRunner(IModelRunner inner) : IModelRunner
{
    private readonly List<float[]> _logits = [];
    private long _prefillPositions;

    public StateLayout Layout => inner.Layout;

    public int VocabularySize => inner.VocabularySize;

    public int SlotCount => inner.SlotCount;

    public int PositionsPerImage => inner.PositionsPerImage;

    public ReadOnlySpan<byte> Fingerprint => inner.Fingerprint;

    /// <summary>Positions read by prefill steps.</summary>
    public long PrefillPositions => Interlocked.Read(ref _prefillPositions);

    /// <summary>The rows of logits since the last call, in the order they were given.</summary>
    public IReadOnlyList<float[]> TakeLogits()
    {
        lock (_logits)
        {
            float[][] taken = [.. _logits];
            _logits.Clear();
            return taken;
        }
    }

    public Digest ContentOf(ImageSegment image) => inner.ContentOf(image);

    public IImageEmbeddings EncodeImage(ImageSegment image) => inner.EncodeImage(image);

    public void Step(Batch batch, Span<float> logits)
    {
        inner.Step(batch, logits);
        Interlocked.Add(ref _prefillPositions, batch.Phase == Phase.Prefill ? batch.Rows.Sum(static row => row.Positions) : 0);
        lock (_logits)
        {
            for (var at = 0; at < logits.Length; at += VocabularySize)
            {
                _logits.Add(logits.Slice(at, VocabularySize).ToArray());
            }
        }
    }

    public void Reset(int slot) => inner.Reset(slot);

    public StateSnapshot Capture(int slot, long position) => inner.Capture(slot, position);

    public void Recycle(StateSnapshot snapshot) => inner.Recycle(snapshot);

    public void Restore(int slot, StateSnapshot snapshot) => inner.Restore(slot, snapshot);

    public void Dispose() => inner.Dispose();
}
