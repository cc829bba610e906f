using System.Buffers.Binary;
using SkiaSharp;

namespace RwkvSk.TestKit;

/// <summary>Picture files for tests.</summary>
internal static class TestPictures
{
    /// <summary>A filled circle of one colour on white, in a format without loss (WebP: at quality 100).</summary>
    public static byte[] Circle(uint rgb = 0xDC2828, int size = 96, SKEncodedImageFormat format = SKEncodedImageFormat.Png)
    {
        using var bitmap = new SKBitmap(size, size);
        using (var canvas = new SKCanvas(bitmap))
        using (var paint = new SKPaint { Color = new SKColor(0xFF000000 | rgb), IsAntialias = true })
        {
            canvas.Clear(SKColors.White);
            canvas.DrawCircle(size / 3f, size / 3f, size / 5f, paint);
        }

        using var encoded = bitmap.Encode(format, 100);
        return encoded.ToArray();
    }

    /// <summary>A PNG of a few bytes whose header promises this size.</summary>
    public static byte[] Promising(int width, int height)
    {
        var header = new byte[13];
        BinaryPrimitives.WriteInt32BigEndian(header, width);
        BinaryPrimitives.WriteInt32BigEndian(header.AsSpan(4), height);
        (header[8], header[9]) = (8, 2);   // 8 bits, RGB
        return [0x89, .. "PNG\r\n"u8, 0x1A, 0x0A, .. Chunk("IHDR"u8, header), .. Chunk("IDAT"u8, [0x78, 0x9C, 0x03, 0, 0, 0, 0, 1]), .. Chunk("IEND"u8, [])];
    }

    private static byte[] Chunk(ReadOnlySpan<byte> type, ReadOnlySpan<byte> data)
    {
        byte[] body = [.. type, .. data];
        var (length, check) = (new byte[4], new byte[4]);
        BinaryPrimitives.WriteInt32BigEndian(length, data.Length);
        BinaryPrimitives.WriteUInt32BigEndian(check, Crc(body));
        return [.. length, .. body, .. check];
    }

    private static uint Crc(ReadOnlySpan<byte> data)
    {
        var crc = uint.MaxValue;
        foreach (var value in data)
        {
            crc ^= value;
            for (var bit = 0; bit < 8; bit++)
            {
                crc = (crc & 1) == 0 ? crc >> 1 : (crc >> 1) ^ 0xEDB88320;
            }
        }

        return ~crc;
    }
}
