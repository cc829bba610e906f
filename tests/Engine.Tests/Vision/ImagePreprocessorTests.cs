using RwkvSk.Engine.Vision;
using RwkvSk.TestKit;
using Xunit;

namespace RwkvSk.Engine.Tests.Vision;

public class ImagePreprocessorTests
{
    private static readonly ImagePreprocessor Clip = new(56, ImageFraming.CentreCrop, ResizeFilter.Bicubic, PixelStatistics.Clip);
    private static readonly ImagePreprocessor Dino = new(56, ImageFraming.Stretch, ResizeFilter.Bicubic, PixelStatistics.ImageNet);
    private static readonly ImagePreprocessor Siglip = new(56, ImageFraming.Stretch, ResizeFilter.Bicubic, PixelStatistics.Half);

    [Theory]
    [MemberData(nameof(PreprocessGolden.Names), MemberType = typeof(PreprocessGolden))]
    public void Clip_pixels_equal_the_reference(string name) => AssertClose(Expected("clip56", name), Clip.Apply(PreprocessGolden.Stored(name)));

    [Fact]
    public void Clip_pixels_at_full_size_equal_the_reference() => AssertClose(
        Expected("clip336", "photo_640x480_q90.jpg"),
        (Clip with { Size = 336 }).Apply(PreprocessGolden.Stored("photo_640x480_q90.jpg")));

    [Theory]
    [MemberData(nameof(PreprocessGolden.Names), MemberType = typeof(PreprocessGolden))]
    public void Dino_pixels_equal_the_reference(string name) => AssertClose(Expected("timm_dino56", name), Dino.Apply(PreprocessGolden.Stored(name)));

    [Theory]
    [MemberData(nameof(PreprocessGolden.Names), MemberType = typeof(PreprocessGolden))]
    public void Siglip_pixels_equal_both_references(string name)
    {
        var pixels = Siglip.Apply(PreprocessGolden.Stored(name));

        AssertClose(Expected("timm_siglip56", name), pixels);
        AssertClose(Expected("siglip_hf56", name), pixels);
    }

    [Theory]
    [MemberData(nameof(PreprocessGolden.Names), MemberType = typeof(PreprocessGolden))]
    public void Large_towers_see_the_reference_pixels(string name)
    {
        var image = PreprocessGolden.Stored(name);

        AssertClose(Expected("timm_large_subsampled", name + ".sam1024_every_32nd_pixel"), Every((Dino with { Size = 1024 }).Apply(image), 1024, 32));
        AssertClose(Expected("timm_large_subsampled", name + ".dino448_every_8th_pixel"), Every((Dino with { Size = 448 }).Apply(image), 448, 8));
    }

    [Fact]
    public void A_line_of_pixels_costs_no_more_than_its_middle()
    {
        // Resized as a whole this picture would be 336 x 336,000,000.
        var line = new RgbImage(1, 1_000_000, new byte[3_000_000]);

        var pixels = (Clip with { Size = 336 }).Apply(line);

        Assert.Equal(3 * 336 * 336, pixels.Length);
        Assert.Equal(-PixelStatistics.Clip.Mean.R / PixelStatistics.Clip.Deviation.R, pixels[0], 1e-6f);
    }

    [Fact]
    public void A_centre_crop_of_a_wide_picture_keeps_its_middle()
    {
        // 8 x 2: columns are numbered by their red value.
        var wide = new RgbImage(8, 2, Enumerable.Range(0, 16).SelectMany(i => new byte[] { (byte)(i % 8 * 10), 0, 0 }).ToArray());

        var framed = new ImagePreprocessor(2, ImageFraming.CentreCrop, ResizeFilter.Bicubic, PixelStatistics.Half).Frame(wide);

        Assert.Equal([30, 0, 0, 40, 0, 0, 30, 0, 0, 40, 0, 0], framed);
    }

    private static float[] Expected(string file, string name) => PreprocessGolden.Arrays(file).Read<float>(name).Data;

    private static float[] Every(float[] chw, int size, int step) =>
        [.. from channel in Enumerable.Range(0, 3)
            from y in Enumerable.Range(0, size / step)
            from x in Enumerable.Range(0, size / step)
            select chw[(((channel * size) + (y * step)) * size) + (x * step)]];

    private static void AssertClose(float[] expected, float[] actual) =>
        Tolerance.AssertClose(expected, actual, "pixels", Tolerance.Pixels);
}
