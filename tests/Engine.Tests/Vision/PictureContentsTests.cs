using RwkvSk.Engine.Prompts;
using RwkvSk.Engine.Vision;
using Xunit;

namespace RwkvSk.Engine.Tests.Vision;

/// <summary>Pictures by their pixels, and who decodes them.</summary>
public class PictureContentsTests
{
    [Fact]
    public void What_was_decoded_for_the_name_is_handed_over_once()
    {
        var decoder = new Squares();
        var contents = new PictureContents(decoder, 100, long.MaxValue);
        var (one, same, other) = (new ImageSegment(new byte[] { 1 }), new ImageSegment(new byte[] { 1 }), new ImageSegment(new byte[] { 2 }));
        Assert.Equal(contents.Of(one), contents.Of(same));
        Assert.NotEqual(contents.Of(one), contents.Of(other));
        Assert.Equal(2, decoder.Count);                 // a file that is known is not decoded

        Assert.Equal([1], FirstBytes(contents.Take(one)));
        Assert.Equal([2], FirstBytes(contents.Take(other)));
        Assert.Null(contents.Take(one));
        Assert.Null(contents.Take(same));
    }

    [Fact]
    public void Pixels_that_nobody_takes_make_room()
    {
        var contents = new PictureContents(new Squares { Bytes = (int)(PictureContents.MostHeldBytes / 2) - 5 }, 100, long.MaxValue);
        var pictures = Enumerable.Range(0, 5).Select(static i => new ImageSegment(new[] { (byte)i })).ToArray();
        foreach (var picture in pictures)
        {
            contents.Of(picture);
        }

        Assert.Equal([false, false, false, true, true], pictures.Select(picture => contents.Take(picture) is not null));
    }

    [Fact]
    public void Pixels_past_the_room_are_not_held()
    {
        var contents = new PictureContents(new Squares { Bytes = (int)PictureContents.MostHeldBytes + 3 }, 100, long.MaxValue);
        var picture = new ImageSegment(new byte[] { 1 });
        contents.Of(picture);
        Assert.Null(contents.Take(picture));
    }

    [Fact]
    public void A_file_that_is_no_picture_is_named_by_its_bytes()
    {
        var contents = new PictureContents(new Squares { Bytes = -1 }, 100, long.MaxValue);
        var picture = new ImageSegment(new byte[] { 1 });
        Assert.NotEqual(contents.Of(picture), contents.Of(new ImageSegment(new byte[] { 2 })));
        Assert.Null(contents.Take(picture));
    }

    private static byte[] FirstBytes(RgbImage? picture) => picture is null ? [] : picture.Rgb[..1].ToArray();

    /// <summary>Every file shows its first byte.</summary>
    private sealed class Squares : IImageDecoder
    {
        public int Bytes { get; init; } = 3;

        public int Count { get; private set; }

        public RgbImage Decode(ReadOnlyMemory<byte> encoded, long maximumPixels)
        {
            Count++;
            if (Bytes < 0)
            {
                throw new ImageFormatException("no picture");
            }

            var rgb = new byte[Bytes];
            rgb[0] = encoded.Span[0];
            return new RgbImage(Bytes / 3, 1, rgb);
        }
    }
}
