using System.Buffers.Binary;
using System.Text.Json;

namespace RwkvSk.Engine.States;

/// <summary>Reads the header at the start of a snapshot's file. What it returns is a claim until the seal is checked.</summary>
internal static class SnapshotHeaderReader
{
    /// <summary>Most bytes of a header; a written one has about a thousand.</summary>
    public const int MostBytes = 1 << 16;

    private const int PrefixBytes = 8;
    private const string Metadata = "__metadata__";

    /// <summary>Reads a header.</summary>
    /// <param name="file">The file, or as much of its start as holds the header.</param>
    /// <param name="source">Where it comes from, for messages.</param>
    /// <returns>The header, and where the numbers begin.</returns>
    /// <exception cref="SnapshotFormatException">It is no snapshot, or one of another form.</exception>
    public static (SnapshotHeader Header, int Start) Read(ReadOnlySpan<byte> file, string source)
    {
        var length = file.Length < PrefixBytes ? 0 : BinaryPrimitives.ReadUInt64LittleEndian(file);
        if (length is 0 or > MostBytes)
        {
            throw new SnapshotFormatException($"'{source}' is no snapshot of a state.");
        }

        if ((long)length > file.Length - PrefixBytes)
        {
            throw new SnapshotFormatException($"'{source}' was cut short: its header needs {length} bytes, {file.Length - PrefixBytes} follow.");
        }

        try
        {
            var pairs = Pairs(file.Slice(PrefixBytes, (int)length));
            if (!pairs.TryGetValue("format", out var format) || format != SnapshotHeader.Format)
            {
                throw new SnapshotFormatException($"'{source}' is no snapshot of a state.");
            }

            return pairs.GetValueOrDefault("version") == SnapshotHeader.Version
                ? (SnapshotHeader.FromMetadata(pairs), PrefixBytes + (int)length)
                : throw new SnapshotFormatException($"'{source}' is a snapshot of form '{pairs.GetValueOrDefault("version")}'; this engine reads form '{SnapshotHeader.Version}'.");
        }
        catch (Exception error) when (error is JsonException or InvalidOperationException or FormatException)
        {
            throw new SnapshotFormatException($"'{source}' has a damaged header: {error.Message}", error);
        }
    }

    private static Dictionary<string, string> Pairs(ReadOnlySpan<byte> json)
    {
        var pairs = new Dictionary<string, string>(StringComparer.Ordinal);
        var reader = new Utf8JsonReader(json, new JsonReaderOptions { MaxDepth = 4 });
        reader.Read();
        while (reader.Read() && reader.TokenType is JsonTokenType.PropertyName)
        {
            var isMetadata = reader.ValueTextEquals(Metadata);
            reader.Read();
            if (!isMetadata)
            {
                reader.Skip();
                continue;
            }

            while (reader.Read() && reader.TokenType is JsonTokenType.PropertyName)
            {
                var name = reader.GetString()!;
                reader.Read();
                pairs[name] = reader.GetString() ?? "";
            }
        }

        return pairs;
    }
}
