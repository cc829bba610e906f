using System.Security.Cryptography;
using RwkvSk.Engine.Vision;
using Xunit;

namespace RwkvSk.Engine.Tests.Vision;

public class PilResizeTests
{
    [Theory]
    [MemberData(nameof(PreprocessGolden.Names), MemberType = typeof(PreprocessGolden))]
    public void Bicubic_resizes_equal_Pillow_to_the_byte(string name)
    {
        var image = PreprocessGolden.Stored(name);

        Assert.Equal(PreprocessGolden.Fact(name, "dino_resized_448_uint8_hwc_sha256"), Hash(PilResize.Resize(image, 448, 448, ResizeFilter.Bicubic)));
        Assert.Equal(PreprocessGolden.Fact(name, "sam_resized_1024_uint8_hwc_sha256"), Hash(PilResize.Resize(image, 1024, 1024, ResizeFilter.Bicubic)));
    }

    [Theory]
    [InlineData(nameof(ResizeFilter.Bilinear))]
    [InlineData(nameof(ResizeFilter.Bicubic))]
    [InlineData(nameof(ResizeFilter.Lanczos3))]
    public void Vectors_agree_with_the_plain_formula(string filterName)
    {
        var filter = Enum.Parse<ResizeFilter>(filterName);
        var random = new Random(3);
        foreach (var (width, height, newWidth, newHeight) in new[] { (1, 1, 5, 7), (17, 3, 4, 9), (50, 40, 23, 81), (64, 64, 64, 20), (7, 90, 33, 11), (300, 2, 16, 2) })
        {
            var image = RandomImage(random, width, height);

            Assert.Equal(Plain(image, newWidth, newHeight, filter), PilResize.Resize(image, newWidth, newHeight, filter));
        }
    }

    [Theory]
    [InlineData(nameof(ResizeFilter.Bilinear))]
    [InlineData(nameof(ResizeFilter.Bicubic))]
    [InlineData(nameof(ResizeFilter.Lanczos3))]
    public void A_picture_of_the_wanted_size_does_not_change(string filter)
    {
        var image = RandomImage(new Random(5), 37, 29);

        Assert.Equal(image.Rgb.ToArray(), PilResize.Resize(image, 37, 29, Enum.Parse<ResizeFilter>(filter)));
    }

    [Theory]
    [InlineData(nameof(ResizeFilter.Bilinear))]
    [InlineData(nameof(ResizeFilter.Bicubic))]
    [InlineData(nameof(ResizeFilter.Lanczos3))]
    public void One_colour_stays_that_colour(string filter)
    {
        var image = new RgbImage(13, 41, Enumerable.Range(0, 13 * 41).SelectMany(_ => new byte[] { 255, 0, 77 }).ToArray());

        var resized = PilResize.Resize(image, 50, 20, Enum.Parse<ResizeFilter>(filter));

        Assert.All(Enumerable.Range(0, 1000), i => Assert.Equal((255, 0, 77), (resized[i * 3], resized[(i * 3) + 1], resized[(i * 3) + 2])));
    }

    [Fact]
    public void A_part_equals_the_same_part_of_the_whole()
    {
        var image = RandomImage(new Random(6), 61, 45);
        var whole = PilResize.Resize(image, 100, 80, ResizeFilter.Bicubic);

        var part = PilResize.Resize(image, ResizeAxis.For(61, 100, 31, 24, ResizeFilter.Bicubic), ResizeAxis.For(45, 80, 50, 30, ResizeFilter.Bicubic));

        for (var y = 0; y < 30; y++)
        {
            Assert.Equal(whole.AsSpan((((y + 50) * 100) + 31) * 3, 24 * 3).ToArray(), part.AsSpan(y * 24 * 3, 24 * 3).ToArray());
        }
    }

    [Fact]
    public void A_picture_whose_bytes_do_not_fit_its_size_is_refused()
    {
        var error = Assert.Throws<ArgumentException>(() => PilResize.Resize(new RgbImage(4, 4, new byte[47]), 2, 2, ResizeFilter.Bicubic));

        Assert.Contains("48 bytes", error.Message, StringComparison.Ordinal);
    }

    // Both passes over bytes, straight from the formula, without vectors, cached tables or windows.
    private static byte[] Plain(RgbImage image, int width, int height, ResizeFilter filter)
    {
        var wide = Pass(image.Rgb.ToArray(), image.Width, image.Height, width, filter);
        return Transpose(Pass(Transpose(wide, width, image.Height), image.Height, width, height, filter), height, width);
    }

    private static byte[] Pass(byte[] source, int width, int height, int newWidth, ResizeFilter filter)
    {
        Func<double, double> kernel = filter switch
        {
            ResizeFilter.Bilinear => x => Math.Max(0, 1 - Math.Abs(x)),
            ResizeFilter.Bicubic => Cubic,
            _ => x => Math.Abs(x) >= 3 ? 0 : x == 0 ? 1 : Math.Sin(Math.PI * x) / (Math.PI * x) * (Math.Sin(Math.PI * (x / 3)) / (Math.PI * (x / 3))),
        };
        var target = new byte[newWidth * height * 3];
        var scale = (double)width / newWidth;
        var stretch = Math.Max(1, scale);
        var reach = stretch * (filter == ResizeFilter.Bilinear ? 1 : filter == ResizeFilter.Bicubic ? 2 : 3);
        for (var i = 0; i < newWidth; i++)
        {
            var centre = (i + 0.5) * scale;
            var low = Math.Max(0, (int)(centre - reach + 0.5));
            var high = Math.Min(width, (int)(centre + reach + 0.5));
            var weights = Enumerable.Range(low, high - low).Select(x => kernel((x - centre + 0.5) * (1 / stretch))).ToArray();
            var sum = weights.Sum();
            for (var row = 0; row < height; row++)
            {
                for (var channel = 0; channel < 3; channel++)
                {
                    var total = 1L << 21;
                    for (var x = low; x < high; x++)
                    {
                        total += (long)Math.Round(weights[x - low] / sum * (1 << 22), MidpointRounding.AwayFromZero) * source[(((row * width) + x) * 3) + channel];
                    }

                    target[(((row * newWidth) + i) * 3) + channel] = (byte)Math.Clamp(total >> 22, 0, 255);
                }
            }
        }

        return target;
    }

    private static double Cubic(double x)
    {
        x = Math.Abs(x);
        return x < 1 ? (1.5 * x * x * x) - (2.5 * x * x) + 1 : x < 2 ? (-0.5 * x * x * x) + (2.5 * x * x) - (4 * x) + 2 : 0;
    }

    private static byte[] Transpose(byte[] source, int width, int height)
    {
        var target = new byte[source.Length];
        for (var y = 0; y < height; y++)
        {
            for (var x = 0; x < width; x++)
            {
                source.AsSpan(((y * width) + x) * 3, 3).CopyTo(target.AsSpan(((x * height) + y) * 3));
            }
        }

        return target;
    }

    private static RgbImage RandomImage(Random random, int width, int height)
    {
        var rgb = new byte[width * height * 3];
        random.NextBytes(rgb);
        return new RgbImage(width, height, rgb);
    }

    private static string Hash(byte[] bytes) => Convert.ToHexStringLower(SHA256.HashData(bytes));
}
