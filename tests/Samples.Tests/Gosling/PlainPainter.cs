using System.Buffers.Binary;
using System.IO.Compression;

namespace RwkvSk.Samples.Tests.Gosling;

/// <summary>An object as the description of the pictures has it: a cell of the 3 x 3 grid, row by row, and what is in it.</summary>
internal sealed record PlainObject(int Cell, string Shape, string Colour, bool IsLarge);

/// <summary>
/// A painter that shares no line with the one the embedded model was trained on: shapes are inequalities, a pixel is the mean of nine samples,
/// and the file is a PNG written by hand.
/// </summary>
internal static class PlainPainter
{
    private const int Samples = 3;

    private static readonly Dictionary<string, (byte R, byte G, byte B)> Colours = new(StringComparer.Ordinal)
    {
        ["red"] = (225, 25, 25), ["green"] = (15, 155, 40), ["blue"] = (25, 60, 225), ["yellow"] = (250, 230, 20), ["purple"] = (135, 35, 160), ["orange"] = (255, 145, 10),
    };

    public static readonly IReadOnlyList<string> Shapes = ["circle", "square", "triangle", "star", "cross", "diamond"];

    public static readonly IReadOnlyList<string> ColourNames = [.. Colours.Keys];

    /// <summary>The picture as a PNG file.</summary>
    public static byte[] Paint(int width, int height, (byte R, byte G, byte B) background, IReadOnlyList<PlainObject> objects, double shiftX, double shiftY)
    {
        var rows = new byte[height * (1 + (3 * width))];
        for (var y = 0; y < height; y++)
        {
            for (var x = 0; x < width; x++)
            {
                var (r, g, b) = (0, 0, 0);
                for (var i = 0; i < Samples * Samples; i++)
                {
                    var at = ((x + ((i % Samples) + 0.5) / Samples) / width * 3, (y + ((i / Samples) + 0.5) / Samples) / height * 3);
                    var c = objects.FirstOrDefault(o => Covers(o, at, shiftX, shiftY, (double)width / height)) is { } hit ? Colours[hit.Colour] : background;
                    (r, g, b) = (r + c.R, g + c.G, b + c.B);
                }

                var pixel = (y * (1 + (3 * width))) + 1 + (3 * x);
                (rows[pixel], rows[pixel + 1], rows[pixel + 2]) = ((byte)(r / 9), (byte)(g / 9), (byte)(b / 9));
            }
        }

        return Png(width, height, rows);
    }

    /// <summary>Whether a point, in cells, lies inside an object.</summary>
    private static bool Covers(PlainObject o, (double X, double Y) at, double shiftX, double shiftY, double aspect)
    {
        // Objects keep their proportions: the longer side of a cell has room to spare.
        var half = (o.IsLarge ? 0.75 : 0.34) / 2;
        var x = (at.X - (o.Cell % 3) - 0.5 - shiftX) / half * Math.Max(1, aspect);
        var y = (at.Y - (o.Cell / 3) - 0.5 - shiftY) / half * Math.Max(1, 1 / aspect);
        if (Math.Abs(x) > 1 || Math.Abs(y) > 1)
        {
            return false;
        }

        return o.Shape switch
        {
            "circle" => (x * x) + (y * y) <= 1,
            "square" => Math.Max(Math.Abs(x), Math.Abs(y)) <= 0.92,
            "triangle" => y <= 0.9 && Math.Abs(x) <= (y + 1) / 1.9,
            "cross" => Math.Min(Math.Abs(x), Math.Abs(y)) <= 0.33,
            "diamond" => Math.Abs(x) + Math.Abs(y) <= 1,
            _ => IsInStar(x, y),
        };
    }

    /// <summary>Five points, one up: a sector of 72 degrees, folded onto its half, ends at the straight edge from tip to notch.</summary>
    private static bool IsInStar(double x, double y)
    {
        const double Sector = 2 * Math.PI / 5, Notch = 0.4;
        var radius = Math.Sqrt((x * x) + (y * y));
        var angle = Math.Abs(Math.IEEERemainder(Math.Atan2(x, -y), Sector));
        var (px, py) = (radius * Math.Cos(angle), radius * Math.Sin(angle));
        var (nx, ny) = (Notch * Math.Cos(Sector / 2), Notch * Math.Sin(Sector / 2));
        return ((1 - px) * ny) - (py * (1 - nx)) >= 0;
    }

    private static byte[] Png(int width, int height, byte[] rows)
    {
        using var file = new MemoryStream();
        file.Write([0x89, (byte)'P', (byte)'N', (byte)'G', 13, 10, 26, 10]);
        var header = new byte[13];
        BinaryPrimitives.WriteInt32BigEndian(header, width);
        BinaryPrimitives.WriteInt32BigEndian(header.AsSpan(4), height);
        (header[8], header[9]) = (8, 2);
        Chunk(file, "IHDR"u8, header);
        using var packed = new MemoryStream();
        using (var deflate = new ZLibStream(packed, CompressionLevel.Fastest, leaveOpen: true))
        {
            deflate.Write(rows);
        }

        Chunk(file, "IDAT"u8, packed.ToArray());
        Chunk(file, "IEND"u8, []);
        return file.ToArray();
    }

    private static void Chunk(MemoryStream file, ReadOnlySpan<byte> kind, ReadOnlySpan<byte> data)
    {
        Span<byte> number = stackalloc byte[4];
        BinaryPrimitives.WriteInt32BigEndian(number, data.Length);
        file.Write(number);
        file.Write(kind);
        file.Write(data);
        BinaryPrimitives.WriteUInt32BigEndian(number, Checksum(kind, data));
        file.Write(number);
    }

    private static uint Checksum(ReadOnlySpan<byte> kind, ReadOnlySpan<byte> data) => ~Fold(Fold(uint.MaxValue, kind), data);

    private static uint Fold(uint value, ReadOnlySpan<byte> bytes)
    {
        foreach (var b in bytes)
        {
            value ^= b;
            for (var bit = 0; bit < 8; bit++)
            {
                value = (value >> 1) ^ (0xEDB88320 & (0 - (value & 1)));
            }
        }

        return value;
    }
}
