using System.Buffers.Binary;
using System.Text.Json;

namespace RwkvSk.TestKit;

/// <summary>Reads an <c>X.expected.safetensors</c>. A second, plain reader of its own, so that the engine's reader can be tested against it.</summary>
internal sealed class GoldenTensors
{
    private readonly Dictionary<string, (string Type, long[] Shape, ReadOnlyMemory<byte> Data)> _tensors = new(StringComparer.Ordinal);
    private readonly string _path;

    private GoldenTensors(string path)
    {
        _path = path;
        var file = System.IO.File.ReadAllBytes(path);
        var start = 8 + checked((int)BinaryPrimitives.ReadUInt64LittleEndian(file));
        using var header = JsonDocument.Parse(file.AsMemory(8, start - 8));
        foreach (var entry in header.RootElement.EnumerateObject().Where(entry => entry.Name != "__metadata__"))
        {
            var shape = entry.Value.GetProperty("shape").EnumerateArray().Select(size => size.GetInt64()).ToArray();
            var offsets = entry.Value.GetProperty("data_offsets").EnumerateArray().Select(offset => offset.GetInt32()).ToArray();
            _tensors.Add(entry.Name, (entry.Value.GetProperty("dtype").GetString()!, shape, file.AsMemory(start + offsets[0], offsets[1] - offsets[0])));
        }
    }

    /// <summary>Reads a whole file.</summary>
    public static GoldenTensors Read(string path) => new(path);

    /// <summary>The tensors' names.</summary>
    public IReadOnlyCollection<string> Names => _tensors.Keys;

    /// <summary>Whether there is a tensor of that name.</summary>
    public bool Contains(string name) => _tensors.ContainsKey(name);

    /// <summary>Its element type as the file says it: F32, BF16, I64, ...</summary>
    public string Type(string name) => Find(name).Type;

    /// <summary>Its sizes.</summary>
    public long[] Shape(string name) => Find(name).Shape;

    /// <summary>Its bytes.</summary>
    public ReadOnlySpan<byte> Bytes(string name) => Find(name).Data.Span;

    /// <summary>Its elements as fp32, row-major; only floating-point tensors.</summary>
    public float[] Floats(string name)
    {
        var (type, shape, memory) = Find(name);
        var data = memory.ToArray();
        return Elements<float>(shape, type switch
        {
            "F32" => i => BinaryPrimitives.ReadSingleLittleEndian(data.AsSpan(4 * i)),
            "F64" => i => (float)BinaryPrimitives.ReadDoubleLittleEndian(data.AsSpan(8 * i)),
            "F16" => i => (float)BinaryPrimitives.ReadHalfLittleEndian(data.AsSpan(2 * i)),
            "BF16" => i => BitConverter.Int32BitsToSingle(BinaryPrimitives.ReadInt16LittleEndian(data.AsSpan(2 * i)) << 16),
            _ => throw new InvalidDataException($"'{name}' in '{_path}' is {type}, not a floating-point tensor"),
        });
    }

    /// <summary>Its elements as integers, row-major; only integer tensors.</summary>
    public long[] Longs(string name)
    {
        var (type, shape, memory) = Find(name);
        var data = memory.ToArray();
        return Elements<long>(shape, type switch
        {
            "I64" => i => BinaryPrimitives.ReadInt64LittleEndian(data.AsSpan(8 * i)),
            "I32" => i => BinaryPrimitives.ReadInt32LittleEndian(data.AsSpan(4 * i)),
            "I16" => i => BinaryPrimitives.ReadInt16LittleEndian(data.AsSpan(2 * i)),
            "I8" => i => (sbyte)data[i],
            "U8" or "BOOL" => i => data[i],
            _ => throw new InvalidDataException($"'{name}' in '{_path}' is {type}, not an integer tensor"),
        });
    }

    /// <summary>Its elements as int32: token ids.</summary>
    public int[] Ints(string name) => Array.ConvertAll(Longs(name), static value => checked((int)value));

    private static T[] Elements<T>(long[] shape, Func<int, T> read) =>
        [.. Enumerable.Range(0, checked((int)shape.Aggregate(1L, static (product, size) => product * size))).Select(read)];

    private (string Type, long[] Shape, ReadOnlyMemory<byte> Data) Find(string name) =>
        _tensors.TryGetValue(name, out var tensor)
            ? tensor
            : throw new KeyNotFoundException($"'{_path}' has no '{name}'; it has {string.Join(", ", _tensors.Keys.Take(40))}");
}
