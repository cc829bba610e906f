using System.Numerics.Tensors;
using System.Runtime.InteropServices;
using RwkvSk.Engine.Weights;

namespace RwkvSk.Engine.States;

/// <summary>
/// A state as bytes: a safetensors file with the tensors <c>state</c> [L,R,C] and <c>seal</c> [32], which is HMAC-SHA256 over everything before it. Any
/// safetensors reader can open it; this one believes nothing of it before the seal is found to fit.
/// </summary>
internal static class SnapshotFile
{
    private const string State = "state", Seal = "seal";
    private const float LargestHalf = 65504;

    /// <summary>Writes a state.</summary>
    /// <param name="snapshot">The state.</param>
    /// <param name="header">What is said of it; its precision is the wish.</param>
    /// <param name="seal">Authenticates it.</param>
    public static byte[] Write(StateSnapshot snapshot, SnapshotHeader header, SnapshotSeal seal)
    {
        if (header.Precision == SnapshotPrecision.Float16 && !(MathF.Abs(TensorPrimitives.MaxMagnitude(snapshot.Data.Span)) <= LargestHalf))   // so also for a NaN
        {
            header = header with { Precision = SnapshotPrecision.Float32 };
        }

        long[] shape = [snapshot.Layout.LayerCount, snapshot.Layout.RowCount, snapshot.Layout.Width];
        using var buffer = new MemoryStream(checked((int)Bytes(header)) + 4096);
        SafetensorsWriter.Write(
            buffer,
            [
                header.Precision == SnapshotPrecision.Float16
                    ? SafetensorsTensor.From(State, WeightType.Float16, shape, ToHalf(snapshot.Data.Span))
                    : SafetensorsTensor.From(State, shape, snapshot.Data),
                new SafetensorsTensor(Seal, WeightType.UInt8, [SnapshotSeal.Length], stream => stream.Write(seal.Of(buffer.GetBuffer().AsSpan(0, (int)stream.Position)))),
            ],
            header.ToMetadata());
        return buffer.ToArray();
    }

    /// <summary>Reads a state and what is said of it.</summary>
    /// <param name="file">The whole file.</param>
    /// <param name="seal">Has to fit.</param>
    /// <param name="source">Where it comes from, for messages.</param>
    /// <exception cref="SnapshotFormatException">It is no snapshot, one of another form, cut short or changed.</exception>
    public static (StateSnapshot Snapshot, SnapshotHeader Header) Read(ReadOnlySpan<byte> file, SnapshotSeal seal, string source)
    {
        var (header, start) = Open(file, seal, source);
        var numbers = file.Slice(start, (int)Bytes(header));
        var data = new float[header.Layout.Length];
        if (header.Precision == SnapshotPrecision.Float16)
        {
            TensorPrimitives.ConvertToSingle(MemoryMarshal.Cast<byte, Half>(numbers), data);
        }
        else
        {
            MemoryMarshal.Cast<byte, float>(numbers).CopyTo(data);
        }

        // Without a secret anybody can write any origin; such a state is known by its numbers alone.
        var snapshot = new StateSnapshot(header.Layout, header.Position, data);
        return (seal.IsSecret && header.Origin is { } origin ? snapshot.With(origin) : snapshot, header);
    }

    /// <summary>Checks a whole file and returns what it says of its numbers.</summary>
    /// <exception cref="SnapshotFormatException">It is no snapshot, one of another form, cut short or changed.</exception>
    public static SnapshotHeader Verify(ReadOnlySpan<byte> file, SnapshotSeal seal, string source) => Open(file, seal, source).Header;

    private static (SnapshotHeader Header, int Start) Open(ReadOnlySpan<byte> file, SnapshotSeal seal, string source)
    {
        var (header, start) = SnapshotHeaderReader.Read(file, source);
        var expected = start + Bytes(header) + SnapshotSeal.Length;
        if (file.Length != expected)
        {
            throw new SnapshotFormatException($"'{source}' was cut short or added to: it has {file.Length} bytes, its header stands for {expected}.");
        }

        return seal.Matches(file[..^SnapshotSeal.Length], file[^SnapshotSeal.Length..])
            ? (header, start)
            : throw new SnapshotFormatException($"'{source}' does not bear its seal: it was changed, or sealed with another {nameof(EngineOptions.SnapshotSecret)}.");
    }

    private static long Bytes(SnapshotHeader header) => (long)header.Layout.Length * (header.Precision == SnapshotPrecision.Float16 ? 2 : sizeof(float));

    private static byte[] ToHalf(ReadOnlySpan<float> numbers)
    {
        var bytes = new byte[2 * numbers.Length];
        TensorPrimitives.ConvertToHalf(numbers, MemoryMarshal.Cast<byte, Half>(bytes.AsSpan()));
        return bytes;
    }
}
