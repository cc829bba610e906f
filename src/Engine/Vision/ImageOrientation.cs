using SkiaSharp;

namespace RwkvSk.Engine.Vision;

/// <summary>Turns stored pixels the way the camera was held (EXIF tag 0x0112) and drops their alpha.</summary>
internal static class ImageOrientation
{
    /// <summary>Copies [height, width, 4] RGBA to an upright RGB picture; the four orientations that lie on their side swap width and height.</summary>
    public static RgbImage Upright(ReadOnlySpan<byte> rgba, int width, int height, SKEncodedOrigin origin)
    {
        // Where the stored pixel (0, 0) goes, and how far one stored column and one stored row move in the target.
        var sideways = origin is SKEncodedOrigin.LeftTop or SKEncodedOrigin.RightTop or SKEncodedOrigin.RightBottom or SKEncodedOrigin.LeftBottom;
        var (targetWidth, targetHeight) = sideways ? (height, width) : (width, height);
        var (right, down) = (1, targetWidth);
        var (lastColumn, lastRow) = (targetWidth - 1, (targetHeight - 1) * targetWidth);
        var (start, perColumn, perRow) = origin switch
        {
            SKEncodedOrigin.TopRight => (lastColumn, -right, down),
            SKEncodedOrigin.BottomRight => (lastRow + lastColumn, -right, -down),
            SKEncodedOrigin.BottomLeft => (lastRow, right, -down),
            SKEncodedOrigin.LeftTop => (0, down, right),
            SKEncodedOrigin.RightTop => (lastColumn, down, -right),
            SKEncodedOrigin.RightBottom => (lastRow + lastColumn, -down, -right),
            SKEncodedOrigin.LeftBottom => (lastRow, -down, right),
            _ => (0, right, down),
        };

        var rgb = new byte[checked(width * height * 3)];
        var source = 0;
        for (var y = 0; y < height; y++)
        {
            var target = start + (y * perRow);
            for (var x = 0; x < width; x++, source += 4, target += perColumn)
            {
                rgb[target * 3] = rgba[source];
                rgb[(target * 3) + 1] = rgba[source + 1];
                rgb[(target * 3) + 2] = rgba[source + 2];
            }
        }

        return new RgbImage(targetWidth, targetHeight, rgb);
    }
}
