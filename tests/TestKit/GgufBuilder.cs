using System.Text;

namespace RwkvSk.TestKit;

/// <summary>Writes GGUF files, sound ones for conversions and unsound ones for tests of their reader.</summary>
internal sealed class GgufBuilder(uint version = 3)
{
    private const int Alignment = 32;

    private readonly List<byte> _metadata = [];
    private readonly List<(string Name, uint Code, long[] Shape, byte[] Data)> _tensors = [];
    private int _keys;

    /// <summary>A metadata value: uint, float, bool, string, string[] or int[].</summary>
    public GgufBuilder Add(string key, object value)
    {
        using var entry = new MemoryStream();
        using var writer = new BinaryWriter(entry);
        _keys++;
        Text(writer, key);
        switch (value)
        {
            case uint number:
                writer.Write(4u);
                writer.Write(number);
                break;
            case float number:
                writer.Write(6u);
                writer.Write(number);
                break;
            case bool flag:
                writer.Write(7u);
                writer.Write(flag);
                break;
            case string text:
                writer.Write(8u);
                Text(writer, text);
                break;
            case string[] texts:
                writer.Write(9u);
                writer.Write(8u);
                writer.Write((ulong)texts.Length);
                Array.ForEach(texts, text => Text(writer, text));
                break;
            case int[] numbers:
                writer.Write(9u);
                writer.Write(5u);
                writer.Write((ulong)numbers.Length);
                Array.ForEach(numbers, writer.Write);
                break;
            default:
                throw new ArgumentException($"no GGUF type for {value.GetType().Name}", nameof(value));
        }

        _metadata.AddRange(entry.ToArray());
        return this;
    }

    /// <summary>A tensor; <paramref name="shape"/> slowest axis first, as everywhere else.</summary>
    public GgufBuilder Tensor(string name, uint code, long[] shape, byte[] data)
    {
        _tensors.Add((name, code, shape, data));
        return this;
    }

    /// <summary>The file.</summary>
    public byte[] Build()
    {
        using var stream = new MemoryStream();
        using var writer = new BinaryWriter(stream);
        writer.Write("GGUF"u8);
        writer.Write(version);
        writer.Write((ulong)_tensors.Count);
        writer.Write((ulong)_keys);
        writer.Write([.. _metadata]);
        var offset = 0L;
        foreach (var (name, code, shape, data) in _tensors)
        {
            Text(writer, name);
            writer.Write((uint)shape.Length);
            foreach (var size in shape.Reverse())
            {
                writer.Write((ulong)size);
            }

            writer.Write(code);
            writer.Write((ulong)offset);
            offset += (data.Length + Alignment - 1) / Alignment * Alignment;
        }

        foreach (var (_, _, _, data) in _tensors)
        {
            writer.Write(new byte[(Alignment - (stream.Position % Alignment)) % Alignment]);
            writer.Write(data);
        }

        return stream.ToArray();
    }

    private static void Text(BinaryWriter writer, string text)
    {
        var utf8 = Encoding.UTF8.GetBytes(text);
        writer.Write((ulong)utf8.Length);
        writer.Write(utf8);
    }
}
