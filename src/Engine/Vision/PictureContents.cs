using System.Buffers.Binary;
using System.Security.Cryptography;
using RwkvSk.Engine.States;

namespace RwkvSk.Engine.Vision;

/// <summary>
/// Names pictures by their pixels, so that one that was saved again, as PNG or BMP or with other comments in it, is the same. A file that was seen before is not
/// decoded for that; one that cannot be decoded is named by its bytes, and refused when it is to be looked at. Safe from any thread.
/// </summary>
internal sealed class PictureContents(IImageDecoder decoder, long maximumBytes, long maximumPixels)
{
    private const int MostKnown = 4096;

    private readonly Lock _gate = new();
    private readonly Dictionary<Digest, Digest> _known = [];

    /// <summary>What a picture shows.</summary>
    public Digest Of(ReadOnlyMemory<byte> encoded)
    {
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

        var content = OfPixels(encoded) ?? file;
        lock (_gate)
        {
            if (_known.Count == MostKnown)
            {
                _known.Clear();
            }

            _known[file] = content;
        }

        return content;
    }

    private Digest? OfPixels(ReadOnlyMemory<byte> encoded)
    {
        RgbImage image;
        try
        {
            image = decoder.Decode(encoded, maximumPixels);
        }
        catch (ImageFormatException)
        {
            return null;
        }

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
