namespace RwkvSk.Engine.Vision;

/// <summary>How a picture of any shape is brought to a square.</summary>
internal enum ImageFraming
{
    /// <summary>Both sides become the size; the aspect is lost, the borders stay.</summary>
    Stretch,

    /// <summary>The shorter side becomes the size, the longer one keeps the aspect and loses both ends: CLIP.</summary>
    CentreCrop,
}

/// <summary>From RGB bytes to what a vision tower reads: framed, resized, divided by 255, normalised. Equal settings give equal numbers on every machine.</summary>
/// <param name="Size">Side of the square in pixels.</param>
/// <param name="Framing">How other shapes become a square.</param>
/// <param name="Filter">The resize kernel.</param>
/// <param name="Statistics">What is subtracted from and divided into the pixels.</param>
internal sealed record ImagePreprocessor(int Size, ImageFraming Framing, ResizeFilter Filter, PixelStatistics Statistics)
{
    /// <summary>Preprocesses one picture.</summary>
    /// <returns>[3, Size, Size]: all reds, all greens, all blues, each row by row.</returns>
    public float[] Apply(RgbImage image)
    {
        var chw = new float[3 * Size * Size];
        Normalize(Frame(image), chw);
        return chw;
    }

    /// <summary>The picture as a square of <see cref="Size"/>, still in bytes.</summary>
    /// <returns>[Size, Size, 3].</returns>
    internal byte[] Frame(RgbImage image)
    {
        if (Framing == ImageFraming.Stretch)
        {
            return PilResize.Resize(image, Size, Size, Filter);
        }

        // Only the middle square is computed: the resized length of a picture one pixel wide has no bound worth allocating.
        var shorter = Math.Min(image.Width, image.Height);
        return PilResize.Resize(image, Middle(image.Width, shorter), Middle(image.Height, shorter));
    }

    private ResizeAxis Middle(int source, int shorter)
    {
        var resized = (long)Size * source / shorter;
        return ResizeAxis.For(source, resized, (resized - Size) / 2, Size, Filter);
    }

    // A byte has 256 values: one table per channel replaces the arithmetic.
    private void Normalize(ReadOnlySpan<byte> rgb, Span<float> chw)
    {
        var plane = Size * Size;
        Span<float> table = stackalloc float[256];
        ReadOnlySpan<(float Mean, float Deviation)> channels =
            [(Statistics.Mean.R, Statistics.Deviation.R), (Statistics.Mean.G, Statistics.Deviation.G), (Statistics.Mean.B, Statistics.Deviation.B)];
        for (var channel = 0; channel < 3; channel++)
        {
            var (mean, deviation) = channels[channel];
            for (var value = 0; value < table.Length; value++)
            {
                table[value] = ((value / 255f) - mean) / deviation;
            }

            var target = chw.Slice(channel * plane, plane);
            for (int i = 0, x = channel; i < target.Length; i++, x += 3)
            {
                target[i] = table[rgb[x]];
            }
        }
    }
}
