using System.Buffers.Binary;
using System.Text.Json;

namespace RwkvSk.Engine.Weights;

/// <summary>
/// Writes safetensors files. The file appears under its name only when it is complete: it is written beside it and renamed, so a reader sees the old one or the new one.
/// </summary>
internal static class SafetensorsWriter
{
    // Tensors follow each other without gaps, largest elements first, so a multiple of 8 here keeps every one aligned to its own element size.
    private const int HeaderAlignment = 8;

    /// <summary>Writes a file, replacing one that is there.</summary>
    /// <param name="path">Where to; the folder must exist.</param>
    /// <param name="tensors">The tensors; their data is asked for one after the other.</param>
    /// <param name="metadata">Free text pairs for the header's <c>__metadata__</c>; null writes none.</param>
    public static void Write(string path, IEnumerable<SafetensorsTensor> tensors, IReadOnlyDictionary<string, string>? metadata = null)
    {
        var temporary = $"{path}.{Guid.NewGuid():N}.tmp";
        try
        {
            using (var stream = new FileStream(temporary, FileMode.CreateNew, FileAccess.Write, FileShare.None, bufferSize: 1 << 16))
            {
                Write(stream, tensors, metadata);
                stream.Flush(flushToDisk: true);
            }

            File.Move(temporary, path, overwrite: true);
        }
        catch
        {
            File.Delete(temporary);
            throw;
        }
    }

    /// <summary>Writes to a stream that can tell its position.</summary>
    public static void Write(Stream stream, IEnumerable<SafetensorsTensor> tensors, IReadOnlyDictionary<string, string>? metadata = null)
    {
        var ordered = tensors.OrderByDescending(static tensor => tensor.Type.ItemSize()).ToArray();
        var header = Header(ordered, metadata);
        Span<byte> length = stackalloc byte[8];
        BinaryPrimitives.WriteUInt64LittleEndian(length, (ulong)header.Length);
        stream.Write(length);
        stream.Write(header);
        foreach (var tensor in ordered)
        {
            var start = stream.Position;
            tensor.Write(stream);
            var (written, expected) = (stream.Position - start, Bytes(tensor));
            if (written != expected)
            {
                throw new ArgumentException($"'{tensor.Name}' {tensor.Type} {WeightTypes.Describe(tensor.Shape)} has {expected} bytes, but {written} were written.", nameof(tensors));
            }
        }
    }

    private static byte[] Header(SafetensorsTensor[] tensors, IReadOnlyDictionary<string, string>? metadata)
    {
        using var buffer = new MemoryStream();
        using (var json = new Utf8JsonWriter(buffer))
        {
            json.WriteStartObject();
            if (metadata is not null)
            {
                json.WriteStartObject("__metadata__");
                foreach (var (key, value) in metadata)
                {
                    json.WriteString(key, value);
                }

                json.WriteEndObject();
            }

            WriteTensors(json, tensors);
            json.WriteEndObject();
        }

        while (buffer.Length % HeaderAlignment != 0)
        {
            buffer.WriteByte((byte)' ');
        }

        return buffer.ToArray();
    }

    private static void WriteTensors(Utf8JsonWriter json, SafetensorsTensor[] tensors)
    {
        var names = new HashSet<string>(StringComparer.Ordinal);
        var offset = 0L;
        foreach (var tensor in tensors)
        {
            if (tensor.Name == "__metadata__" || !names.Add(tensor.Name))
            {
                throw new ArgumentException($"'{tensor.Name}' cannot be a tensor's name: it is reserved or already used.", nameof(tensors));
            }

            json.WriteStartObject(tensor.Name);
            json.WriteString("dtype", tensor.Type.SafetensorsName());
            json.WriteStartArray("shape");
            foreach (var size in tensor.Shape)
            {
                json.WriteNumberValue(size);
            }

            json.WriteEndArray();
            json.WriteStartArray("data_offsets");
            json.WriteNumberValue(offset);
            json.WriteNumberValue(offset += Bytes(tensor));
            json.WriteEndArray();
            json.WriteEndObject();
        }
    }

    private static long Bytes(SafetensorsTensor tensor) =>
        WeightLimits.Bytes(tensor.Type, tensor.Shape)
        ?? throw new ArgumentException($"'{tensor.Name}' has the shape {WeightTypes.Describe(tensor.Shape)}, which no reader accepts.", nameof(tensor));
}
