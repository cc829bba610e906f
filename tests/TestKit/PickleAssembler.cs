using System.Buffers.Binary;
using System.Text;

namespace RwkvSk.TestKit;

/// <summary>Writes pickles instruction by instruction, sound and unsound ones, for tests of their reader.</summary>
internal sealed class PickleAssembler
{
    private readonly List<byte> _bytes = [0x80, 2];

    /// <summary>The pickle with its STOP.</summary>
    public byte[] Finish() => [.. _bytes, (byte)'.'];

    /// <summary>Raw bytes.</summary>
    public PickleAssembler Raw(params ReadOnlySpan<byte> bytes)
    {
        _bytes.AddRange(bytes);
        return this;
    }

    /// <summary>One-byte instructions, as their characters.</summary>
    public PickleAssembler Code(string codes) => Raw(Encoding.Latin1.GetBytes(codes));

    /// <summary>GLOBAL.</summary>
    public PickleAssembler Global(string module, string name) => Code($"c{module}\n{name}\n");

    /// <summary>BINUNICODE.</summary>
    public PickleAssembler Text(string text)
    {
        var utf8 = Encoding.UTF8.GetBytes(text);
        var length = new byte[4];
        BinaryPrimitives.WriteInt32LittleEndian(length, utf8.Length);
        return Code("X").Raw(length).Raw(utf8);
    }

    /// <summary>LONG1 of eight bytes.</summary>
    public PickleAssembler Integer(long value) => Raw(0x8a, 8).Raw(BitConverter.GetBytes(value));

    /// <summary>A tuple of integers.</summary>
    public PickleAssembler Integers(params ReadOnlySpan<long> values)
    {
        Code("(");
        foreach (var value in values)
        {
            Integer(value);
        }

        return Code("t");
    }

    /// <summary>A persistent id.</summary>
    public PickleAssembler Storage(string type, string key, long count) =>
        Code("(").Text("storage").Global("torch", type).Text(key).Text("cpu").Integer(count).Code("tQ");

    /// <summary>A tensor over a storage.</summary>
    public PickleAssembler Tensor(string type, string key, long count, long offset, ReadOnlySpan<long> shape, ReadOnlySpan<long> strides) =>
        Global("torch._utils", "_rebuild_tensor_v2").Code("(").Storage(type, key, count).Integer(offset).Integers(shape).Integers(strides)
            .Raw(0x89).Global("collections", "OrderedDict").Code(")RtR");
}
