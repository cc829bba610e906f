namespace RwkvSk.Engine.Vision;

/// <summary>A decoded picture: 8-bit RGB, row by row, without padding. EXIF orientation is already applied.</summary>
/// <param name="Width">Pixels per row.</param>
/// <param name="Height">Rows.</param>
/// <param name="Rgb">Width x Height x 3 bytes.</param>
public sealed record RgbImage(int Width, int Height, ReadOnlyMemory<byte> Rgb);

/// <summary>Turns a picture file into pixels. The default uses SkiaSharp; register your own to support other formats. Called from several threads at once.</summary>
public interface IImageDecoder
{
    /// <summary>Decodes one picture; of an animation, the first frame. Alpha is dropped without blending.</summary>
    /// <param name="encoded">The file's bytes.</param>
    /// <param name="maximumPixels">Refuse before allocating when width x height is larger.</param>
    /// <exception cref="ImageFormatException">The bytes are no picture this decoder knows, are truncated, or have too many pixels.</exception>
    RgbImage Decode(ReadOnlyMemory<byte> encoded, long maximumPixels);
}
