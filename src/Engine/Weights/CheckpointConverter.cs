using System.Buffers;

namespace RwkvSk.Engine.Weights;

/// <summary>
/// Writes a checkpoint of any layout as one safetensors file with the published names, shapes and orientations. Tensor by tensor: what a tensor needed in memory is let go
/// before the next one. Equal checkpoints give equal files, byte for byte.
/// </summary>
internal static class CheckpointConverter
{
    private const int ChunkLength = 1 << 16;

    // What rounds to float16's infinity: its largest number, 65504, and half a step.
    private const float FirstPastHalf = 65520;

    private static readonly Dictionary<string, string> Metadata = new() { ["format"] = "pt" };   // what other libraries expect to find there

    /// <summary>Writes the file, replacing one that is there.</summary>
    /// <param name="weights">The checkpoint under canonical names.</param>
    /// <param name="inputs">The files it was read from; none of them is written over.</param>
    /// <param name="output">The new file.</param>
    /// <param name="type">The type of all floating-point tensors; null leaves each as it is (quantised ones become fp32).</param>
    /// <param name="progress">Told the bytes written so far and the bytes in all.</param>
    /// <returns>Bytes of tensor data.</returns>
    /// <exception cref="ModelFormatException">It is no RWKV checkpoint of a known layout, or a number does not fit the type.</exception>
    /// <exception cref="IOException">The output is one of the inputs, or cannot be written.</exception>
    public static long Write(IWeightFile weights, IEnumerable<string> inputs, string output, WeightType? type, Action<long, long>? progress = null)
    {
        if (inputs.Any(input => Real(input) == Real(output)))
        {
            throw new IOException($"'{output}' is the checkpoint that would be read; give the converted one another name.");
        }

        if (!weights.Tensors.ContainsKey("emb.weight") && !weights.Tensors.ContainsKey("rwkv.emb.weight"))
        {
            throw new ModelFormatException($"'{weights.Path}' has no tensor 'emb.weight' and is in no layout that this program knows; it cannot be converted.");
        }

        var plan = weights.Tensors.Values.OrderBy(static info => info.Name, StringComparer.Ordinal)
            .Select(info => info with { Type = info.Type.IsFloat() ? type ?? info.Type : info.Type }).ToArray();
        var (total, done) = (plan.Sum(static info => (long)info.ByteLength()), 0L);
        SafetensorsWriter.Write(
            output,
            plan.Select(info => new SafetensorsTensor(info.Name, info.Type, info.Shape, stream =>
            {
                Write(weights, info, stream);
                weights.Release(info.Name);
                progress?.Invoke(done += info.ByteLength(), total);
            })),
            Metadata);
        return total;
    }

    private static void Write(IWeightFile weights, WeightInfo wanted, Stream stream)
    {
        var stored = weights.Find(wanted.Name);
        var data = weights.Data(wanted.Name);
        if (stored.Type == wanted.Type)
        {
            stream.Write(data);
            return;
        }

        var (from, to) = (stored.Type.ItemSize(), wanted.Type.ItemSize());
        var floats = ArrayPool<float>.Shared.Rent(ChunkLength);
        var bytes = ArrayPool<byte>.Shared.Rent(ChunkLength * to);
        for (var at = 0; at >= 0 && at < data.Length; at += ChunkLength * from)   // below 0: past the largest tensor's end
        {
            var part = data.Slice(at, Math.Min(data.Length - at, ChunkLength * from));
            var numbers = floats.AsSpan(0, part.Length / from);
            WeightFileExtensions.ToFloats(stored.Type, part, numbers);
            if (wanted.Type == WeightType.Float16 && Overflow(numbers) is { } large)
            {
                throw new ModelFormatException($"'{weights.Path}': '{wanted.Name}' holds {large}, which float16 cannot; choose bfloat16 or float32.");
            }

            WeightFileExtensions.FromFloats(wanted.Type, numbers, bytes.AsSpan(0, numbers.Length * to));
            stream.Write(bytes, 0, numbers.Length * to);
        }

        ArrayPool<float>.Shared.Return(floats);
        ArrayPool<byte>.Shared.Return(bytes);
    }

    private static float? Overflow(ReadOnlySpan<float> numbers)
    {
        foreach (var number in numbers)
        {
            if (float.IsFinite(number) && Math.Abs(number) >= FirstPastHalf)
            {
                return number;
            }
        }

        return null;
    }

    // Links count as what they lead to.
    private static string Real(string path)
    {
        var full = Path.GetFullPath(path);
        return File.Exists(full) ? File.ResolveLinkTarget(full, returnFinalTarget: true)?.FullName ?? full : full;
    }
}
