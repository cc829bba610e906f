using System.Security.Cryptography;
using RwkvSk.Engine.Prompts;
using RwkvSk.Engine.Scheduling;
using RwkvSk.Engine.States;

namespace RwkvSk.TestKit;

/// <summary>
/// A tiny recurrent model over integers. Its logits depend on everything that was read, in order, and also on where steps were cut and whether a step was
/// prefill or decode (as rounding does in a real model), so a wrong slot, a wrong state or a moved cut shows at once. Exact and fast. Counts what it did.
/// </summary>
internal sealed class FakeModelRunner : IModelRunner
{
    private static readonly byte[] Hash = SHA256.HashData("a fake model"u8);

    private readonly float[][] _slots;
    private int _thread;

    public FakeModelRunner(int slots = 4, int positionsPerImage = 5, int vocabularySize = ByteTokenizer.Size)
    {
        VocabularySize = vocabularySize;
        SlotCount = slots;
        PositionsPerImage = positionsPerImage;
        _slots = [.. Enumerable.Range(0, slots).Select(_ => new float[Layout.Length])];
    }

    public StateLayout Layout { get; } = new(2, 3, 4);

    public int VocabularySize { get; }

    public int SlotCount { get; }

    public int PositionsPerImage { get; }

    public ReadOnlySpan<byte> Fingerprint => Hash;

    /// <summary>What was done, a line each: "prefill 0:12", "image 1", "decode 0,2", "encode", "reset 0", "capture 0@12", "restore 0@12".</summary>
    public List<string> Calls { get; } = [];

    /// <summary>Positions read by prefill steps.</summary>
    public long PrefillPositions { get; private set; }

    /// <summary>Decode steps, whatever their size.</summary>
    public int DecodeSteps { get; private set; }

    /// <summary>Snapshots that were taken back.</summary>
    public int Recycled { get; private set; }

    /// <summary>Whether <see cref="Calls"/> is written; off where allocations are measured.</summary>
    public bool IsRecording { get; init; } = true;

    /// <summary>Called on the loop's thread before a step; may block or throw.</summary>
    public Action<Batch>? BeforeStep { get; set; }

    /// <summary>The logits' last say; a test may put its own there.</summary>
    public LogitsFilter? Filter { get; set; }

    public bool IsDisposed { get; private set; }

    public IImageEmbeddings EncodeImage(ImageSegment image)
    {
        CheckThread();
        Record("encode");
        var hash = 17u;
        foreach (var value in image.Encoded.Span)
        {
            hash = Mix(hash, value);
        }

        return image.Encoded.Length > 0 ? new FakeImageEmbeddings(PositionsPerImage, hash) : throw new Engine.ImageFormatException("an empty file is no picture");
    }

    public void Step(Batch batch, Span<float> logits)
    {
        CheckThread();
        BeforeStep?.Invoke(batch);
        if (IsRecording)
        {
            Record(batch.Phase == Phase.Decode
                ? "decode " + string.Join(',', batch.Rows.Select(static r => r.Slot))
                : batch.Rows[0].Image is not null ? $"image {batch.Rows[0].Slot}" : $"prefill {batch.Rows[0].Slot}:{batch.Rows[0].Positions}");
        }

        var wanted = 0;
        for (var i = 0; i < batch.Rows.Count; i++)
        {
            var row = batch.Rows[i];
            Read(_slots[row.Slot], row, batch.Phase);
            PrefillPositions += batch.Phase == Phase.Prefill ? row.Positions : 0;
            if (row.WantLogits)
            {
                var line = logits.Slice(wanted++ * VocabularySize, VocabularySize);
                Project(_slots[row.Slot], line);
                Filter?.Invoke(row.Slot, line);
            }
        }

        Assert(logits.Length == wanted * VocabularySize, $"{wanted} rows want logits, room for {logits.Length} numbers");
        DecodeSteps += batch.Phase == Phase.Decode ? 1 : 0;
    }

    public void Reset(int slot)
    {
        CheckThread();
        Record($"reset {slot}");
        Array.Clear(_slots[slot]);
    }

    public StateSnapshot Capture(int slot, long position)
    {
        CheckThread();
        Record($"capture {slot}@{position}");
        return new StateSnapshot(Layout, position, [.. _slots[slot]]);
    }

    // Whoever still reads a snapshot that was taken back shall notice.
    public void Recycle(StateSnapshot snapshot)
    {
        CheckThread();
        Recycled++;
        snapshot.Numbers.AsSpan().Fill(float.NaN);
    }

    public void Restore(int slot, StateSnapshot snapshot)
    {
        CheckThread();
        Record($"restore {slot}@{snapshot.Position}");
        snapshot.Data.CopyTo(_slots[slot]);
    }

    public void Dispose()
    {
        CheckThread();
        Assert(!IsDisposed, "disposed twice");
        IsDisposed = true;
    }

    /// <summary>Sees and changes a row of logits.</summary>
    public delegate void LogitsFilter(int slot, Span<float> logits);

    private static void Read(float[] state, in BatchRow row, Phase phase)
    {
        if (row.Image is FakeImageEmbeddings image)
        {
            Absorb(state, image.Content);
        }

        foreach (var token in row.Tokens.Span)
        {
            Absorb(state, (uint)token);
        }

        Absorb(state, (uint)row.Positions + (phase == Phase.Decode ? 100_000u : 0));
    }

    // Every number of the state takes part in every step; values stay whole numbers below 2^24, which floats hold exactly.
    private static void Absorb(float[] state, uint input)
    {
        var carry = Mix(0x9E3779B9u, input);
        for (var i = 0; i < state.Length; i++)
        {
            carry = Mix(carry, (uint)state[i]);
            state[i] = carry & 0xFFFFFF;
        }
    }

    private static void Project(float[] state, Span<float> logits)
    {
        var hash = 1u;
        foreach (var value in state)
        {
            hash = Mix(hash, (uint)value);
        }

        logits[0] = -20;   // answers rarely end by themselves
        for (var id = 1; id < logits.Length; id++)
        {
            logits[id] = (Mix(hash, (uint)id) & 0xFFFF) / 8192f;   // [0, 8)
        }
    }

    private static uint Mix(uint a, uint b)
    {
        var x = (a ^ (b * 0x85EBCA6Bu)) + 0x7F4A7C15u;
        x = (x ^ (x >> 16)) * 0x45D9F3Bu;
        x = (x ^ (x >> 15)) * 0xC2B2AE35u;
        return x ^ (x >> 16);
    }

    private void Record(string call)
    {
        if (IsRecording)
        {
            Calls.Add(call);
        }
    }

    private void CheckThread()
    {
        _thread = _thread == 0 ? Environment.CurrentManagedThreadId : _thread;
        Assert(_thread == Environment.CurrentManagedThreadId, "the model was touched by a second thread");
        Assert(!IsDisposed, "the model was touched after it was disposed");
    }

    private static void Assert(bool condition, string message)
    {
        if (!condition)
        {
            throw new InvalidOperationException(message);
        }
    }
}
