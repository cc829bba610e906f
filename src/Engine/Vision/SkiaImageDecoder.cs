using System.Runtime.InteropServices;
using SkiaSharp;

namespace RwkvSk.Engine.Vision;

/// <summary>
/// JPEG, PNG, WebP, GIF and BMP through SkiaSharp, whose pixels equal Pillow's for these formats. Transparency is dropped, not blended, which is
/// what the training pipelines did; the camera's orientation is applied, which they did not do and a person would.
/// </summary>
internal sealed class SkiaImageDecoder : IImageDecoder
{
    // JPEG's own limit. A thin line of millions of pixels would pass the limit on pixels, and its resize tables need 16 bytes per source column.
    private const int MaximumSide = 65_535;

    /// <inheritdoc/>
    public RgbImage Decode(ReadOnlyMemory<byte> encoded, long maximumPixels)
    {
        using var handle = encoded.Pin();
        using var data = Wrap(handle, encoded.Length);
        using var codec = Open(data);

        var (width, height) = (codec.Info.Width, codec.Info.Height);
        var pixels = (long)width * height;
        if (pixels > Math.Min(maximumPixels, Array.MaxLength / 4))
        {
            throw new ImageFormatException($"a picture of {width} x {height} pixels is too large: at most {maximumPixels} pixels are accepted");
        }

        if (Math.Max(width, height) > MaximumSide)
        {
            throw new ImageFormatException($"a picture of {width} x {height} pixels is too long: at most {MaximumSide} pixels a side are accepted");
        }

        // Native memory: the RGBA copy lives for milliseconds and may be hundreds of megabytes.
        using var rgba = new PixelBuffer(pixels * 4);
        // A null colour space means none is converted: the stored values are what the towers were trained on.
        var wanted = new SKImageInfo(width, height, SKColorType.Rgba8888, SKAlphaType.Unpremul, null);
        var result = codec.GetPixels(wanted, rgba.Address);
        if (result != SKCodecResult.Success)
        {
            throw new ImageFormatException(result == SKCodecResult.IncompleteInput
                ? $"the {codec.EncodedFormat} picture of {width} x {height} pixels is truncated: {encoded.Length} bytes are not all of it"
                : $"the {codec.EncodedFormat} picture of {width} x {height} pixels cannot be decoded: {result}");
        }

        return ImageOrientation.Upright(rgba.Span, width, height, codec.EncodedOrigin);
    }

    private static unsafe SKData Wrap(System.Buffers.MemoryHandle handle, int length) => SKData.Create((nint)handle.Pointer, length);

    private static SKCodec Open(SKData data)
    {
        if (data.IsEmpty)
        {
            throw new ImageFormatException("the picture has no bytes");
        }

        return SKCodec.Create(data)
            ?? throw new ImageFormatException($"{data.Size} bytes are no picture in a known format (JPEG, PNG, WebP, GIF, BMP)");
    }

    private sealed unsafe class PixelBuffer(long bytes) : IDisposable
    {
        private void* _memory = NativeMemory.AllocZeroed(checked((nuint)bytes));

        public nint Address => (nint)_memory;

        public ReadOnlySpan<byte> Span => new(_memory, (int)bytes);

        public void Dispose()
        {
            NativeMemory.Free(_memory);
            _memory = null;
        }
    }
}
