using System.Buffers.Binary;
using System.Security.Cryptography;
using RwkvSk.Engine.Vision;
using SkiaSharp;
using Xunit;

namespace RwkvSk.Engine.Tests.Vision;

public class SkiaImageDecoderTests
{
    private readonly SkiaImageDecoder _decoder = new();

    [Theory]
    [MemberData(nameof(PreprocessGolden.Names), MemberType = typeof(PreprocessGolden))]
    public void Decoded_pixels_equal_the_reference_decoder_to_the_byte(string name)
    {
        var image = PreprocessGolden.Stored(name);

        Assert.Equal(PreprocessGolden.Fact(name, "decoded_rgb_sha256"), Convert.ToHexStringLower(SHA256.HashData(image.Rgb.Span)));
    }

    [Fact]
    public void A_rotated_photo_is_turned_upright()
    {
        var stored = PreprocessGolden.Stored("exif6_96x64.jpg");

        var upright = _decoder.Decode(PreprocessGolden.Encoded("exif6_96x64.jpg"), 10_000);

        Assert.Equal((64, 96), (upright.Width, upright.Height));
        for (var y = 0; y < upright.Height; y++)
        {
            for (var x = 0; x < upright.Width; x++)
            {
                // Orientation 6: what the camera stored as its left column belongs on top.
                Assert.Equal(Pixel(stored, y, stored.Height - 1 - x), Pixel(upright, x, y));
            }
        }
    }

    [Theory]
    [InlineData(SKEncodedOrigin.TopLeft, "ABCDEF", 3)]
    [InlineData(SKEncodedOrigin.TopRight, "CBAFED", 3)]
    [InlineData(SKEncodedOrigin.BottomRight, "FEDCBA", 3)]
    [InlineData(SKEncodedOrigin.BottomLeft, "DEFABC", 3)]
    [InlineData(SKEncodedOrigin.LeftTop, "ADBECF", 2)]
    [InlineData(SKEncodedOrigin.RightTop, "DAEBFC", 2)]
    [InlineData(SKEncodedOrigin.RightBottom, "FCEBDA", 2)]
    [InlineData(SKEncodedOrigin.LeftBottom, "CFBEAD", 2)]
    public void Each_orientation_puts_each_pixel_in_its_place(SKEncodedOrigin origin, string expected, int expectedWidth)
    {
        // Stored: A B C above D E F.
        var rgba = "ABCDEF".SelectMany(letter => new byte[] { (byte)letter, 1, 2, 99 }).ToArray();

        var image = ImageOrientation.Upright(rgba, 3, 2, origin);

        Assert.Equal((expectedWidth, 6 / expectedWidth), (image.Width, image.Height));
        Assert.Equal(expected, string.Concat(Enumerable.Range(0, 6).Select(i => (char)image.Rgb.Span[i * 3])));
        Assert.DoesNotContain((byte)99, image.Rgb.ToArray());
    }

    [Fact]
    public void A_header_of_huge_size_is_refused_before_anything_is_allocated()
    {
        var file = PngWithSize(50_000, 50_000);
        var before = GC.GetAllocatedBytesForCurrentThread();

        var error = Assert.Throws<ImageFormatException>(() => _decoder.Decode(file, 64_000_000));

        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 1_000_000);
        Assert.Contains("50000 x 50000", error.Message, StringComparison.Ordinal);
        Assert.Contains("64000000", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_line_of_pixels_without_end_is_refused()
    {
        var error = Assert.Throws<ImageFormatException>(() => _decoder.Decode(PngWithSize(70_000, 1), 64_000_000));

        Assert.Contains("70000 x 1", error.Message, StringComparison.Ordinal);
        Assert.Contains("65535", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_picture_as_large_as_the_limit_is_accepted_and_one_pixel_more_is_not()
    {
        var file = PreprocessGolden.Encoded("rgb_64x48.png");

        Assert.Equal(64, _decoder.Decode(file, 64 * 48).Width);
        Assert.Throws<ImageFormatException>(() => _decoder.Decode(file, (64 * 48) - 1));
    }

    [Theory]
    [MemberData(nameof(PreprocessGolden.Names), MemberType = typeof(PreprocessGolden))]
    public void A_truncated_file_is_refused_with_a_sentence(string name)
    {
        var whole = PreprocessGolden.Encoded(name);
        foreach (var length in new[] { 0, 1, 7, 20, whole.Length / 2, whole.Length * 9 / 10 }.Where(length => length < whole.Length - 12))
        {
            var error = Assert.Throws<ImageFormatException>(() => _decoder.Decode(whole.AsMemory(0, length), 1_000_000));
            Assert.False(string.IsNullOrWhiteSpace(error.Message));
        }
    }

    [Theory]
    [InlineData("")]
    [InlineData("hello, I am a text file and no picture at all")]
    [InlineData("%PDF-1.7 ...........................................")]
    [InlineData("<svg xmlns='http://www.w3.org/2000/svg' width='10' height='10'/>")]
    public void Foreign_bytes_are_refused(string content)
    {
        Assert.Throws<ImageFormatException>(() => _decoder.Decode(System.Text.Encoding.UTF8.GetBytes(content), 1_000_000));
    }

    [Fact]
    public void Flipped_bytes_never_end_in_anything_but_a_picture_or_an_error()
    {
        var random = new Random(11);
        foreach (var name in PreprocessGolden.Names.Select(row => row.Data))
        {
            for (var round = 0; round < 40; round++)
            {
                var file = PreprocessGolden.Encoded(name);
                for (var i = 0; i < 3; i++)
                {
                    file[random.Next(file.Length)] = (byte)random.Next(256);
                }

                try
                {
                    var image = _decoder.Decode(file, 1_000_000);
                    Assert.Equal(image.Width * image.Height * 3, image.Rgb.Length);
                }
                catch (ImageFormatException error)
                {
                    Assert.NotEmpty(error.Message);
                }
            }
        }
    }

    [Fact]
    public void Of_an_animation_the_first_frame_is_taken()
    {
        // A GIF of two frames, 1 x 1 each: red, then green.
        byte[] gif =
        [
            .. "GIF89a"u8, 1, 0, 1, 0, 0x80, 0, 0, 255, 0, 0, 0, 255, 0,
            0x21, 0xF9, 4, 0, 10, 0, 0, 0, 0x2C, 0, 0, 0, 0, 1, 0, 1, 0, 0, 2, 2, 0x44, 1, 0,
            0x21, 0xF9, 4, 0, 10, 0, 0, 0, 0x2C, 0, 0, 0, 0, 1, 0, 1, 0, 0, 2, 2, 0x4C, 1, 0,
            0x3B,
        ];

        var image = _decoder.Decode(gif, 100);

        Assert.Equal([255, 0, 0], image.Rgb.ToArray());
    }

    [Fact]
    public void A_slice_of_a_larger_buffer_is_decoded_alone()
    {
        var file = PreprocessGolden.Encoded("rgb_64x48.png");
        byte[] framed = [.. new byte[33], .. file, .. new byte[50]];

        var image = _decoder.Decode(framed.AsMemory(33, file.Length), 10_000);

        Assert.Equal(_decoder.Decode(file, 10_000).Rgb.ToArray(), image.Rgb.ToArray());
    }

    private static (byte R, byte G, byte B) Pixel(RgbImage image, int x, int y)
    {
        var at = ((y * image.Width) + x) * 3;
        return (image.Rgb.Span[at], image.Rgb.Span[at + 1], image.Rgb.Span[at + 2]);
    }

    // A PNG that claims a size: signature, IHDR with a right checksum, and an empty IDAT.
    private static byte[] PngWithSize(int width, int height)
    {
        var header = new byte[13];
        BinaryPrimitives.WriteInt32BigEndian(header, width);
        BinaryPrimitives.WriteInt32BigEndian(header.AsSpan(4), height);
        header[8] = 8;
        header[9] = 2;
        return [0x89, .. "PNG\r\n"u8, 0x1A, 0x0A, .. Chunk("IHDR"u8, header), .. Chunk("IDAT"u8, [0x78, 0x9C]), .. Chunk("IEND"u8, [])];
    }

    private static byte[] Chunk(ReadOnlySpan<byte> type, ReadOnlySpan<byte> content)
    {
        byte[] body = [.. type, .. content];
        var framed = new byte[body.Length + 8];
        BinaryPrimitives.WriteInt32BigEndian(framed, content.Length);
        body.CopyTo(framed, 4);
        BinaryPrimitives.WriteUInt32BigEndian(framed.AsSpan(body.Length + 4), Checksum(body));
        return framed;
    }

    private static uint Checksum(ReadOnlySpan<byte> bytes)
    {
        var crc = uint.MaxValue;
        foreach (var value in bytes)
        {
            crc ^= value;
            for (var bit = 0; bit < 8; bit++)
            {
                crc = (crc >> 1) ^ (0xEDB88320 & (0 - (crc & 1)));
            }
        }

        return ~crc;
    }
}
