using System.Buffers.Binary;
using System.IO.Compression;
using RwkvSk.Engine.Weights;
using RwkvSk.TestKit;
using Xunit;

namespace RwkvSk.Engine.Tests.Weights;

public sealed class ZipDirectoryTests
{
    private static readonly byte[] Payload = [.. Enumerable.Repeat((byte)7, 300)];

    [Fact]
    public void Members_are_found_where_they_lie()
    {
        using var folder = new TemporaryFolder();
        using var file = MappedFile.Open(folder.Write("a.zip", PthBuilder.Zip(CompressionLevel.NoCompression, ("x/a", [1, 2, 3]), ("x/b", Payload), ("x/empty", []))));
        var members = ZipDirectory.Read(file).Members;
        Assert.Equal(["x/a", "x/b", "x/empty"], members.Keys);
        Assert.Equal([1, 2, 3], file.Span(members["x/a"].Offset, (int)members["x/a"].Length).ToArray());
        Assert.Equal(Payload, file.Span(members["x/b"].Offset, (int)members["x/b"].Length).ToArray());
        Assert.Equal(0, members["x/empty"].Length);
    }

    [Fact]
    public void An_archive_comment_does_not_hide_the_end()
    {
        var bytes = PthBuilder.Zip(CompressionLevel.NoCompression, ("x/a", [1]));
        BinaryPrimitives.WriteUInt16LittleEndian(bytes.AsSpan(bytes.Length - 2), 5);
        using var folder = new TemporaryFolder();
        using var file = MappedFile.Open(folder.Write("a.zip", [.. bytes, .. "hello"u8]));
        Assert.Single(ZipDirectory.Read(file).Members);
    }

    [Fact]
    public void Compressed_members_are_refused() => AssertRefused(PthBuilder.Zip(CompressionLevel.Optimal, ("x/a", Payload)), "compressed member 'x/a'");

    [Theory]
    [InlineData("../a")]
    [InlineData("x/../../a")]
    [InlineData("/a")]
    [InlineData("x\\a")]
    public void Names_that_lead_elsewhere_are_refused(string name) => AssertRefused(PthBuilder.Zip(CompressionLevel.NoCompression, (name, [1])), "unusable name");

    [Fact]
    public void Two_members_of_one_name_are_refused() => AssertRefused(PthBuilder.Zip(CompressionLevel.NoCompression, ("x/a", [1]), ("x/a", [2])), "two members 'x/a'");

    [Fact]
    public void Overlapping_members_are_refused()
    {
        // Both directory entries are made to point at the first member; its local header then contradicts the second's name.
        var bytes = PthBuilder.Zip(CompressionLevel.NoCompression, ("x/a", [1]), ("x/b", [2]));
        var second = Find(bytes, "PK\u0001\u0002"u8, 1);
        BinaryPrimitives.WriteUInt32LittleEndian(bytes.AsSpan(second + 42), 0);
        AssertRefused(bytes, "contradicts");
        bytes[second + 46 + 2] = (byte)'c';
        bytes[30 + 2] = (byte)'c';
        AssertRefused(bytes, "contradicts");
    }

    [Fact]
    public void Sizes_past_the_end_are_refused()
    {
        var bytes = PthBuilder.Zip(CompressionLevel.NoCompression, ("x/a", Payload));
        var entry = Find(bytes, "PK\u0001\u0002"u8, 0);
        BinaryPrimitives.WriteUInt32LittleEndian(bytes.AsSpan(entry + 20), 1 << 30);
        BinaryPrimitives.WriteUInt32LittleEndian(bytes.AsSpan(entry + 24), 1 << 30);
        AssertRefused(bytes, "past the end");
    }

    [Fact]
    public void Zip64_sizes_are_read_from_their_extra_field_and_end_record()
    {
        using var folder = new TemporaryFolder();
        using var file = MappedFile.Open(folder.Write("a.zip", Zip64(wideCount: 1)));
        var member = Assert.Single(ZipDirectory.Read(file).Members.Values);
        Assert.Equal([9, 8, 7], file.Span(member.Offset, (int)member.Length).ToArray());
    }

    [Fact]
    public void Contradicting_end_records_are_refused() => AssertRefused(Zip64(wideCount: 2), "contradict");

    // One stored member "a" of three bytes whose sizes and offset are all in the ZIP64 fields; the classic end record states the count.
    private static byte[] Zip64(long wideCount)
    {
        using var buffer = new MemoryStream();
        using var writer = new BinaryWriter(buffer);
        writer.Write([.. "PK\u0003\u0004"u8, 45, 0, 0, 0, 0, 0, 0, 0, 0, 0, .. new byte[12], 1, 0, 0, 0, (byte)'a', 9, 8, 7]);
        var directory = buffer.Position;
        writer.Write([.. "PK\u0001\u0002"u8, 45, 0, 45, 0, 0, 0, 0, 0, 0, 0, 0, 0, .. new byte[4], .. Enumerable.Repeat((byte)0xff, 8), 1, 0, 28, 0, .. new byte[10]]);
        writer.Write([0xff, 0xff, 0xff, 0xff, (byte)'a', 1, 0, 24, 0]);
        writer.Write(3L);
        writer.Write(3L);
        writer.Write(0L);
        var end = buffer.Position;
        writer.Write([.. "PK\u0006\u0006"u8]);
        writer.Write(44L);
        writer.Write([45, 0, 45, 0, .. new byte[8]]);
        writer.Write(wideCount);
        writer.Write(wideCount);
        writer.Write(end - directory);
        writer.Write(directory);
        writer.Write([.. "PK\u0006\u0007"u8, 0, 0, 0, 0]);
        writer.Write(end);
        writer.Write([1, 0, 0, 0, .. "PK\u0005\u0006"u8, 0, 0, 0, 0, 1, 0, 1, 0, .. Enumerable.Repeat((byte)0xff, 8), 0, 0]);
        return buffer.ToArray();
    }

    private static int Find(byte[] bytes, ReadOnlySpan<byte> pattern, int skip)
    {
        var at = bytes.AsSpan().IndexOf(pattern);
        return skip == 0 ? at : at + 1 + Find(bytes[(at + 1)..], pattern, skip - 1);
    }

    private static void AssertRefused(byte[] content, string finding)
    {
        using var folder = new TemporaryFolder();
        using var file = MappedFile.Open(folder.Write("bad.zip", content));
        var refusal = Assert.Throws<ModelFormatException>(() => ZipDirectory.Read(file));
        Assert.Contains("bad.zip", refusal.Message, StringComparison.Ordinal);
        Assert.Contains(finding, refusal.Message, StringComparison.Ordinal);
    }
}
