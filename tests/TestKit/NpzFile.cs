using System.Globalization;
using System.IO.Compression;
using System.Runtime.InteropServices;
using System.Text;
using System.Text.RegularExpressions;

namespace RwkvSk.TestKit;

/// <summary>One array of an .npz file: its shape and its elements in C order.</summary>
internal sealed record NpzArray<T>(int[] Shape, T[] Data);

/// <summary>Reads numpy's .npz archives: a zip of .npy files, little endian, C order, of fp32 or uint8.</summary>
internal sealed partial class NpzFile
{
    private readonly Dictionary<string, byte[]> _entries = [];
    private readonly string _path;

    /// <summary>Reads the whole archive into memory.</summary>
    public NpzFile(string path)
    {
        _path = path;
        using var zip = ZipFile.OpenRead(path);
        foreach (var entry in zip.Entries)
        {
            using var stream = entry.Open();
            using var copy = new MemoryStream();
            stream.CopyTo(copy);
            _entries[entry.FullName[..^".npy".Length]] = copy.ToArray();
        }
    }

    /// <summary>The names of the arrays.</summary>
    public IReadOnlyCollection<string> Names => _entries.Keys;

    /// <summary>One array; <typeparamref name="T"/> is float or byte and must be what the file holds.</summary>
    public NpzArray<T> Read<T>(string name)
        where T : unmanaged
    {
        var bytes = _entries.TryGetValue(name, out var found) ? found : throw new KeyNotFoundException($"{_path} has no array '{name}'");
        var wide = bytes[6] >= 2;
        var headerStart = wide ? 12 : 10;
        var headerLength = wide ? BitConverter.ToInt32(bytes, 8) : BitConverter.ToUInt16(bytes, 8);
        var header = Encoding.Latin1.GetString(bytes, headerStart, headerLength);
        var expected = typeof(T) == typeof(float) ? "<f4" : typeof(T) == typeof(byte) ? "|u1" : throw new NotSupportedException(typeof(T).Name);
        if (!header.Contains($"'{expected}'", StringComparison.Ordinal) || !header.Contains("'fortran_order': False", StringComparison.Ordinal))
        {
            throw new InvalidDataException($"{_path}: '{name}' is {header.Trim()}, expected {expected} in C order");
        }

        var shape = Shape().Match(header).Groups[1].Value
            .Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries)
            .Select(text => int.Parse(text, CultureInfo.InvariantCulture)).ToArray();
        var data = MemoryMarshal.Cast<byte, T>(bytes.AsSpan(headerStart + headerLength)).ToArray();
        return data.Length == shape.Aggregate(1, (a, b) => a * b)
            ? new NpzArray<T>(shape, data)
            : throw new InvalidDataException($"{_path}: '{name}' has {data.Length} elements for the shape [{string.Join(',', shape)}]");
    }

    [GeneratedRegex(@"'shape': \(([^)]*)\)")]
    private static partial Regex Shape();
}
