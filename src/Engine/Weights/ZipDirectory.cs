using System.Buffers.Binary;
using System.Text;

namespace RwkvSk.Engine.Weights;

/// <summary>
/// Where the members of a zip archive lie in the file, so that they can be used in place. Sizes come from the central directory: PyTorch leaves those of the
/// local headers at zero. Only stored members are accepted. Record layouts: PKWARE's application note, sections 4.3 and 4.5.
/// </summary>
internal sealed class ZipDirectory
{
    private const uint EndSignature = 0x06054b50, Zip64LocatorSignature = 0x07064b50, Zip64EndSignature = 0x06064b50;
    private const uint CentralSignature = 0x02014b50, LocalSignature = 0x04034b50;
    private const int EndBytes = 22, Zip64LocatorBytes = 20, Zip64EndBytes = 56, CentralBytes = 46, LocalBytes = 30;

    private static readonly UTF8Encoding StrictUtf8 = new(false, throwOnInvalidBytes: true);

    private readonly MappedFile _file;
    private readonly Dictionary<string, ZipMember> _members = new(StringComparer.Ordinal);

    private ZipDirectory(MappedFile file)
    {
        _file = file;
        var end = FindEnd();
        var (count, size, offset) = ReadEnd(end);
        Require(count <= WeightLimits.Tensors, $"claims {count} members; at most {WeightLimits.Tensors} are accepted");
        Require(offset <= end && size <= end - offset, $"claims a directory of {size} bytes at {offset}, which is not inside the file");
        ReadMembers(count, offset, offset + size);
        CheckOverlap();
    }

    /// <summary>Reads the directory of a mapped archive.</summary>
    /// <exception cref="ModelFormatException">It is no sound archive of stored members.</exception>
    public static ZipDirectory Read(MappedFile file) => new(file);

    /// <summary>The members by name.</summary>
    public IReadOnlyDictionary<string, ZipMember> Members => _members;

    // The end record is the last thing in the file but for a comment of at most 64 KiB, whose length it states.
    private long FindEnd()
    {
        var first = Math.Max(0, _file.Length - EndBytes - ushort.MaxValue);
        for (var at = _file.Length - EndBytes; at >= first; at--)
        {
            var record = _file.Span(at, EndBytes);
            if (U32(record) == EndSignature && U16(record[20..]) == _file.Length - at - EndBytes)
            {
                return at;
            }
        }

        throw Refusal("is cut short: it begins like a zip archive but has no end record");
    }

    private (long Count, long Size, long Offset) ReadEnd(long at)
    {
        var record = _file.Span(at, EndBytes);
        Require(U16(record[4..]) == 0 && U16(record[6..]) == 0, "is one of several disks");
        var classic = (Count: (long)U16(record[10..]), Size: (long)U32(record[12..]), Offset: (long)U32(record[16..]));
        if (at < Zip64LocatorBytes || U32(_file.Span(at - Zip64LocatorBytes, Zip64LocatorBytes)) != Zip64LocatorSignature)
        {
            return classic;
        }

        var zip64At = I64(_file.Span(at - Zip64LocatorBytes + 8, 8));
        Require(zip64At >= 0 && zip64At <= at - Zip64LocatorBytes - Zip64EndBytes, "has a ZIP64 locator that points outside the file");
        var zip64 = _file.Span(zip64At, Zip64EndBytes);
        Require(U32(zip64) == Zip64EndSignature, "has a ZIP64 locator that points at no ZIP64 end record");
        var wide = (Count: I64(zip64[32..]), Size: I64(zip64[40..]), Offset: I64(zip64[48..]));
        Require(wide is { Count: >= 0, Size: >= 0, Offset: >= 0 }, "has negative numbers in its ZIP64 end record");

        // Both records must tell the same story, or different readers would see different archives.
        Require(
            (classic.Count == ushort.MaxValue || classic.Count == wide.Count)
            && (classic.Size == uint.MaxValue || classic.Size == wide.Size)
            && (classic.Offset == uint.MaxValue || classic.Offset == wide.Offset),
            "has two end records that contradict each other");
        return wide;
    }

    private void ReadMembers(long count, long at, long end)
    {
        for (var i = 0L; i < count; i++)
        {
            Require(end - at >= CentralBytes, $"has a directory that ends at member {i} of {count}");
            var record = _file.Span(at, CentralBytes);
            Require(U32(record) == CentralSignature, $"has no directory entry for member {i} of {count}");
            var (nameBytes, extraBytes, commentBytes) = (U16(record[28..]), U16(record[30..]), U16(record[32..]));
            Require(end - at - CentralBytes >= nameBytes + extraBytes + commentBytes, $"has a directory that ends inside member {i} of {count}");

            var rawName = _file.Span(at + CentralBytes, nameBytes);
            var name = Name(rawName);
            Require((U16(record[8..]) & 1) == 0, $"has an encrypted member '{name}'");
            Require(U16(record[10..]) == 0, $"has a compressed member '{name}' (method {U16(record[10..])}); a checkpoint's members are stored");
            var (size, local) = Sizes(name, record, _file.Span(at + CentralBytes + nameBytes, extraBytes));
            Require(_members.TryAdd(name, new ZipMember(name, DataOffset(name, rawName, local, size), size)), $"has two members '{name}'");
            at += CentralBytes + nameBytes + extraBytes + commentBytes;
        }
    }

    private string Name(ReadOnlySpan<byte> raw)
    {
        string name;
        try
        {
            name = StrictUtf8.GetString(raw);
        }
        catch (DecoderFallbackException e)
        {
            throw new ModelFormatException($"'{_file.Path}': the archive has a member name that is not UTF-8.", e);
        }

        Require(
            name.Length is > 0 and <= WeightLimits.NameLength && name[0] != '/' && !name.Contains('\\', StringComparison.Ordinal) && !name.Split('/').Contains(".."),
            $"has a member with the unusable name '{name[..Math.Min(name.Length, 80)]}'");
        return name;
    }

    // A saturated 32-bit field has its value in extra field 1, which lists the saturated ones in this order.
    private (long Size, long Local) Sizes(string name, ReadOnlySpan<byte> record, ReadOnlySpan<byte> extra)
    {
        long packed = U32(record[20..]), size = U32(record[24..]), local = U32(record[42..]);
        if (packed == uint.MaxValue || size == uint.MaxValue || local == uint.MaxValue)
        {
            var wide = Zip64Extra(name, extra);
            Widen(name, ref size, ref wide);
            Widen(name, ref packed, ref wide);
            Widen(name, ref local, ref wide);
        }

        Require(size == packed && size >= 0 && local >= 0, $"has a stored member '{name}' of two sizes, {packed} and {size}");
        return (size, local);
    }

    private ReadOnlySpan<byte> Zip64Extra(string name, ReadOnlySpan<byte> extra)
    {
        while (extra.Length >= 4)
        {
            int id = U16(extra), bytes = U16(extra[2..]);
            if (bytes > extra.Length - 4)
            {
                break;
            }

            if (id == 1)
            {
                return extra.Slice(4, bytes);
            }

            extra = extra[(4 + bytes)..];
        }

        throw Refusal($"has no ZIP64 sizes for '{name}'");
    }

    private void Widen(string name, ref long value, ref ReadOnlySpan<byte> wide)
    {
        if (value == uint.MaxValue)
        {
            Require(wide.Length >= 8, $"has incomplete ZIP64 sizes for '{name}'");
            value = I64(wide);
            wide = wide[8..];
        }
    }

    // The local header's name and extra field (PyTorch pads there to align the data) push the data back; only it knows by how much.
    private long DataOffset(string name, ReadOnlySpan<byte> rawName, long local, long size)
    {
        Require(local <= _file.Length - LocalBytes, $"has no local header for '{name}' inside the file");
        var header = _file.Span(local, LocalBytes);
        Require(U32(header) == LocalSignature, $"has no local header for '{name}' at {local}");
        var (nameBytes, extraBytes) = (U16(header[26..]), U16(header[28..]));
        var data = local + LocalBytes + nameBytes + extraBytes;
        Require(data <= _file.Length && size <= _file.Length - data, $"needs {size} bytes for '{name}' at {data}, past the end of the file");
        Require(_file.Span(local + LocalBytes, nameBytes).SequenceEqual(rawName) && U16(header[8..]) == 0, $"has a local header that contradicts the directory about '{name}'");
        return data;
    }

    private void CheckOverlap()
    {
        ZipMember? previous = null;
        foreach (var member in _members.Values.OrderBy(static member => member.Offset))
        {
            Require(
                previous is null || previous.Offset + previous.Length <= member.Offset, $"has overlapping members '{previous?.Name}' and '{member.Name}'");
            previous = member;
        }
    }

    private void Require(bool holds, string finding)
    {
        if (!holds)
        {
            throw Refusal(finding);
        }
    }

    private ModelFormatException Refusal(string finding) => new($"'{_file.Path}': the archive {finding}.");

    private static ushort U16(ReadOnlySpan<byte> bytes) => BinaryPrimitives.ReadUInt16LittleEndian(bytes);

    private static uint U32(ReadOnlySpan<byte> bytes) => BinaryPrimitives.ReadUInt32LittleEndian(bytes);

    private static long I64(ReadOnlySpan<byte> bytes) => BinaryPrimitives.ReadInt64LittleEndian(bytes);
}
