using System.Buffers.Binary;
using System.Text.Json;

namespace RwkvSk.Engine.Weights;

/// <summary>The checked header of a safetensors file.</summary>
/// <param name="DataStart">Where the data begins, in bytes from the start of the file.</param>
/// <param name="Entries">The tensors in the order of their data.</param>
/// <param name="Metadata">The free text pairs.</param>
internal sealed record SafetensorsHeader(long DataStart, IReadOnlyList<SafetensorsEntry> Entries, IReadOnlyDictionary<string, string> Metadata)
{
    private const string MetadataName = "__metadata__";

    /// <summary>Reads and checks the header of a mapped file.</summary>
    public static SafetensorsHeader Read(MappedFile file)
    {
        const int PrefixBytes = 8;
        if (file.Length < PrefixBytes)
        {
            throw new ModelFormatException($"'{file.Path}' has {file.Length} bytes; a safetensors file has at least {PrefixBytes}.");
        }

        var length = BinaryPrimitives.ReadUInt64LittleEndian(file.Span(0, PrefixBytes));
        if (length > WeightLimits.HeaderBytes)
        {
            throw new ModelFormatException($"'{file.Path}': the safetensors header claims {length} bytes; at most {WeightLimits.HeaderBytes} are accepted. It is probably another kind of file.");
        }

        if ((long)length > file.Length - PrefixBytes)
        {
            throw new ModelFormatException($"'{file.Path}' is cut short: its header needs {length} bytes, {file.Length - PrefixBytes} follow.");
        }

        var start = PrefixBytes + (long)length;
        var (entries, metadata) = Parse(file.Path, file.Span(PrefixBytes, (int)length));
        CheckLayout(file.Path, entries, file.Length - start);
        return new SafetensorsHeader(start, entries, metadata);
    }

    private static (List<SafetensorsEntry> Entries, Dictionary<string, string> Metadata) Parse(string path, ReadOnlySpan<byte> json)
    {
        try
        {
            var reader = new Utf8JsonReader(json, new JsonReaderOptions { MaxDepth = 4 });
            return ParseTensors(path, ref reader);
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException or FormatException)
        {
            // InvalidOperationException: a value of another kind than asked for, or a string that is no UTF-8.
            throw new ModelFormatException($"'{path}': the safetensors header is not the expected JSON ({e.Message})", e);
        }
    }

    private static (List<SafetensorsEntry> Entries, Dictionary<string, string> Metadata) ParseTensors(string path, ref Utf8JsonReader reader)
    {
        var entries = new List<SafetensorsEntry>();
        var names = new HashSet<string>(StringComparer.Ordinal);
        var metadata = new Dictionary<string, string>(StringComparer.Ordinal);
        reader.Read();
        Expect(reader.TokenType is JsonTokenType.StartObject, path, "the header", "an object");
        while (reader.Read() && reader.TokenType is JsonTokenType.PropertyName)
        {
            var name = reader.GetString()!;
            Expect(names.Add(name), path, $"'{name}'", "one entry; it has two");
            Expect(name.Length <= WeightLimits.NameLength, path, $"'{name[..Math.Min(name.Length, 40)]}...'", $"a name of at most {WeightLimits.NameLength} characters");
            Expect(entries.Count < WeightLimits.Tensors, path, "the header", $"at most {WeightLimits.Tensors} tensors");
            reader.Read();
            Expect(reader.TokenType is JsonTokenType.StartObject, path, $"'{name}'", "an object");
            if (name == MetadataName)
            {
                ReadMetadata(ref reader, metadata);
            }
            else
            {
                entries.Add(SafetensorsEntry.Read(path, name, ref reader));
            }
        }

        Expect(!reader.Read(), path, "the header", "one object and nothing after it");
        return (entries, metadata);
    }

    private static void ReadMetadata(ref Utf8JsonReader reader, Dictionary<string, string> metadata)
    {
        while (reader.Read() && reader.TokenType is JsonTokenType.PropertyName)
        {
            var key = reader.GetString()!;
            reader.Read();
            metadata[key] = reader.GetString() ?? "";
        }
    }

    private static void CheckLayout(string path, List<SafetensorsEntry> entries, long dataBytes)
    {
        entries.Sort(static (a, b) => (a.Begin, a.End).CompareTo((b.Begin, b.End)));
        var end = 0L;
        foreach (var entry in entries)
        {
            Expect(entry.End <= dataBytes, path, $"'{entry.Info.Name}' at bytes {entry.Begin}..{entry.End}", $"data within the {dataBytes} bytes of the file");
            Expect(entry.Begin == end, path, $"'{entry.Info.Name}' at byte {entry.Begin}", $"data right after the tensor before it, at byte {end}");
            end = entry.End;
        }

        Expect(end == dataBytes, path, "the last tensor", $"data that ends with the file at byte {dataBytes}, but it ends at {end}");
    }

    private static void Expect(bool holds, string path, string what, string expected)
    {
        if (!holds)
        {
            throw new ModelFormatException($"'{path}': {what}: expected {expected}.");
        }
    }
}
