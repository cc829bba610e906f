using System.Buffers.Binary;
using System.Text;

namespace RwkvSk.Engine.Weights;

/// <summary>The bytes of a GGUF header and a place in them. Every read checks that the bytes are there.</summary>
internal ref struct GgufCursor(string path, ReadOnlySpan<byte> bytes)
{
    // Longest array in use: the 65,536 tokens of a vocabulary.
    private const int MaximumArray = 1 << 22, MaximumText = 1 << 20;

    private static readonly UTF8Encoding StrictUtf8 = new(false, throwOnInvalidBytes: true);

    private readonly ReadOnlySpan<byte> _bytes = bytes;

    /// <summary>Bytes read so far.</summary>
    public int Position { get; private set; }

    /// <summary>The error for something that is not as it should be here.</summary>
    public readonly ModelFormatException Refusal(string finding) => new($"'{path}': the GGUF header {finding} (at byte {Position}).");

    public uint UInt32() => BinaryPrimitives.ReadUInt32LittleEndian(Take(4));

    public ulong UInt64() => BinaryPrimitives.ReadUInt64LittleEndian(Take(8));

    /// <summary>A count or size, at most <paramref name="most"/>.</summary>
    public long Count(long most, string what)
    {
        var value = UInt64();
        return value <= (ulong)most ? (long)value : throw Refusal($"claims {value} {what}; at most {most} are accepted");
    }

    public string Text(int most = MaximumText)
    {
        var length = (int)Count(most, "bytes of text");
        try
        {
            return StrictUtf8.GetString(Take(length));
        }
        catch (DecoderFallbackException)
        {
            throw Refusal("has a text that is not UTF-8");
        }
    }

    /// <summary>A value of a type code: long, double, bool, string or an array of one of these.</summary>
    public object Value(uint type) => type == 9 ? Array() : Scalar(type);

    private object Scalar(uint type) => type switch
    {
        0 => (long)Take(1)[0],
        1 => (long)(sbyte)Take(1)[0],
        2 => (long)BinaryPrimitives.ReadUInt16LittleEndian(Take(2)),
        3 => (long)BinaryPrimitives.ReadInt16LittleEndian(Take(2)),
        4 => (long)UInt32(),
        5 => (long)BinaryPrimitives.ReadInt32LittleEndian(Take(4)),
        6 => (double)BinaryPrimitives.ReadSingleLittleEndian(Take(4)),
        7 => Take(1)[0] != 0,
        8 => Text(),
        10 => Count(long.MaxValue, "as a value"),
        11 => BinaryPrimitives.ReadInt64LittleEndian(Take(8)),
        12 => BinaryPrimitives.ReadDoubleLittleEndian(Take(8)),
        _ => throw Refusal($"has a value of the unknown type {type}"),
    };

    private object Array()
    {
        var type = UInt32();
        var count = (int)Count(MaximumArray, "values in an array");
        return type switch
        {
            6 or 12 => Fill<double>(type, count),
            7 => Fill<bool>(type, count),
            8 => Fill<string>(type, count),
            9 => throw Refusal("has an array of arrays, which no RWKV file needs"),
            _ => Fill<long>(type, count),
        };
    }

    private T[] Fill<T>(uint type, int count)
    {
        // Grown as it is read, so that a false count costs nothing.
        var values = new List<T>();
        for (var i = 0; i < count; i++)
        {
            values.Add((T)Scalar(type));
        }

        return [.. values];
    }

    private ReadOnlySpan<byte> Take(int count)
    {
        if (count > _bytes.Length - Position)
        {
            throw Refusal("ends too early");
        }

        var taken = _bytes.Slice(Position, count);
        Position += count;
        return taken;
    }
}
