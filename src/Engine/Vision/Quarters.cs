namespace RwkvSk.Engine.Vision;

/// <summary>VisualRWKV-UHD's tiles: a picture cut into 2 x 2 of half its width and height; an odd last column or row is left out.</summary>
internal static class Quarters
{
    /// <summary>Top left, top right, bottom left, bottom right. A side of one pixel is in both halves.</summary>
    public static IReadOnlyList<RgbImage> Of(RgbImage image)
    {
        var (width, height) = (Math.Max(1, image.Width / 2), Math.Max(1, image.Height / 2));
        var (right, bottom) = (Math.Min(width, image.Width - width), Math.Min(height, image.Height - height));
        return [Cut(0, 0), Cut(right, 0), Cut(0, bottom), Cut(right, bottom)];

        RgbImage Cut(int left, int top)
        {
            var rgb = new byte[width * height * 3];
            for (var y = 0; y < height; y++)
            {
                image.Rgb.Span.Slice((((top + y) * image.Width) + left) * 3, width * 3).CopyTo(rgb.AsSpan(y * width * 3));
            }

            return new RgbImage(width, height, rgb);
        }
    }
}
