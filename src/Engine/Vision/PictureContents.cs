using System.Buffers.Binary;
using System.Security.Cryptography;
using RwkvSk.Engine.Prompts;
using RwkvSk.Engine.States;

namespace RwkvSk.Engine.Vision;

/// <summary>
/// Names pictures by their pixels, so that one that was saved again, as PNG or BMP or with other comments in it, is the same. A file that was seen before is not
/// decoded for that; one that cannot be decoded is named by its bytes, and refused when it is to be looked at. What was decoded for its name is held for
/// whoever looks at the picture next, as far as there is room. Safe from any thread.
/// </summary>
internal sealed class PictureContents(IImageDecoder decoder, long maximumBytes, long maximumPixels)
{
    /// <summary>Most bytes of pixels that are held for being looked at.</summary>
    internal const long MostHeldBytes = 32 << 20;

    private const int MostKnown = 4096;

    private readonly Lock _gate = new();
    private readonly Dictionary<Digest, Digest> _known = [];
    private readonly List<(ImageSegment Picture, RgbImage Pixels)> _held = [];   // the latest last
    private long _heldBytes;

    /// <summary>What a picture shows.</summary>
    public Digest Of(ImageSegment picture)
    {
        var encoded = picture.Encoded;
        var file = Digest.Of(encoded.Span);
        if (encoded.Length > maximumBytes)
        {
            return file;
        }

        lock (_gate)
        {
            if (_known.TryGetValue(file, out var known))
            {
                return known;
            }
        }

        var pixels = TryDecode(encoded);
        var content = pixels is null ? file : OfPixels(pixels);
        lock (_gate)
        {
            if (_known.Count == MostKnown)
            {
                _known.Clear();
            }

            _known[file] = content;
            Hold(picture, pixels);
        }

        return content;
    }

    /// <summary>The picture's pixels, if they were decoded for its name and are still held; they are no longer then.</summary>
    public RgbImage? Take(ImageSegment picture)
    {
        lock (_gate)
        {
            var index = _held.FindIndex(held => ReferenceEquals(held.Picture, picture));
            return index < 0 ? null : Drop(index);
        }
    }

    private void Hold(ImageSegment picture, RgbImage? pixels)
    {
        if (pixels is null || pixels.Rgb.Length > MostHeldBytes)
        {
            return;
        }

        _held.Add((picture, pixels));
        _heldBytes += pixels.Rgb.Length;
        while (_heldBytes > MostHeldBytes)
        {
            Drop(0);
        }
    }

    private RgbImage Drop(int index)
    {
        var pixels = _held[index].Pixels;
        _held.RemoveAt(index);
        _heldBytes -= pixels.Rgb.Length;
        return pixels;
    }

    private RgbImage? TryDecode(ReadOnlyMemory<byte> encoded)
    {
        try
        {
            return decoder.Decode(encoded, maximumPixels);
        }
        catch (ImageFormatException)
        {
            return null;
        }
    }

    private static Digest OfPixels(RgbImage image)
    {
        Span<byte> bytes = stackalloc byte[Digest.Length];
        BinaryPrimitives.WriteInt32LittleEndian(bytes, image.Width);
        BinaryPrimitives.WriteInt32LittleEndian(bytes[sizeof(int)..], image.Height);
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        hash.AppendData(bytes[..(2 * sizeof(int))]);
        hash.AppendData(image.Rgb.Span);
        hash.GetHashAndReset(bytes);
        return Digest.Read(bytes);
    }
}
