using System.Buffers.Binary;
using System.Text;

namespace RwkvSk.Engine.Weights;

/// <summary>The bytes of a pickle and a place in them. Every read checks that the bytes are there.</summary>
internal ref struct PickleInput(string path, ReadOnlySpan<byte> bytes)
{
    private static readonly UTF8Encoding StrictUtf8 = new(false, throwOnInvalidBytes: true);

    private readonly ReadOnlySpan<byte> _bytes = bytes;
    private int _at;

    /// <summary>Whether nothing is left.</summary>
    public readonly bool IsAtEnd => _at == _bytes.Length;

    /// <summary>The error for something that is not as it should be here.</summary>
    public readonly ModelFormatException Refusal(string finding) => new($"'{path}': the pickle {finding} (at byte {_at} of {_bytes.Length}).");

    public byte Byte() => Take(1)[0];

    public ushort UInt16() => BinaryPrimitives.ReadUInt16LittleEndian(Take(2));

    public int Int32() => BinaryPrimitives.ReadInt32LittleEndian(Take(4));

    public long Int64() => BinaryPrimitives.ReadInt64LittleEndian(Take(8));

    public double Double() => BinaryPrimitives.ReadDoubleBigEndian(Take(8));

    /// <summary>A two's complement integer of up to eight bytes, least significant first.</summary>
    public long Integer(int length)
    {
        if (length > sizeof(long))
        {
            throw Refusal($"has an integer of {length} bytes; no size needs more than {sizeof(long)}");
        }

        var bytes = Take(length);
        var value = length > 0 && bytes[^1] >= 0x80 ? -1L : 0L;
        for (var i = length - 1; i >= 0; i--)
        {
            value = (value << 8) | bytes[i];
        }

        return value;
    }

    public string Text(int length)
    {
        if (length is < 0 or > WeightLimits.NameLength)
        {
            throw Refusal($"has a string of {(uint)length} bytes; at most {WeightLimits.NameLength} are accepted");
        }

        return Decode(Take(length));
    }

    /// <summary>Text up to a newline.</summary>
    public string Line()
    {
        var rest = _bytes[_at..];
        var length = rest[..Math.Min(rest.Length, WeightLimits.NameLength)].IndexOf((byte)'\n');
        if (length < 0)
        {
            throw Refusal("has a name without an end");
        }

        var text = Decode(rest[..length]);
        _at += length + 1;
        return text;
    }

    private readonly string Decode(ReadOnlySpan<byte> utf8)
    {
        try
        {
            return StrictUtf8.GetString(utf8);
        }
        catch (DecoderFallbackException)
        {
            throw Refusal("has a string that is not UTF-8");
        }
    }

    private ReadOnlySpan<byte> Take(int count)
    {
        if (count > _bytes.Length - _at)
        {
            throw Refusal("ends too early");
        }

        var taken = _bytes.Slice(_at, count);
        _at += count;
        return taken;
    }
}
