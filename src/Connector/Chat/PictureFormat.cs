using RwkvSk.Engine;

namespace RwkvSk.Connector;

/// <summary>Recognizes picture files by their first bytes, whatever media type they came with.</summary>
internal static class PictureFormat
{
    /// <summary>The media type of a picture the engine can read; null for anything else.</summary>
    public static string? Sniff(ReadOnlySpan<byte> bytes) => bytes switch
    {
        [0x89, (byte)'P', (byte)'N', (byte)'G', ..] => "image/png",
        [0xFF, 0xD8, 0xFF, ..] => "image/jpeg",
        [(byte)'G', (byte)'I', (byte)'F', (byte)'8', ..] => "image/gif",
        [(byte)'R', (byte)'I', (byte)'F', (byte)'F', _, _, _, _, (byte)'W', (byte)'E', (byte)'B', (byte)'P', ..] => "image/webp",
        [(byte)'B', (byte)'M', ..] => "image/bmp",
        _ => null,
    };

    /// <summary>What is wrong with a picture that neither its media type nor its bytes make one.</summary>
    public static ImageFormatException Unknown(string? mimeType, ReadOnlySpan<byte> bytes) => new(
        $"An ImageContent of {bytes.Length} bytes has {(string.IsNullOrWhiteSpace(mimeType) ? "no media type" : $"the media type '{mimeType}'")} and begins with {Convert.ToHexString(bytes[..Math.Min(8, bytes.Length)])}: "
        + "expected a PNG, JPEG, GIF, WebP or BMP file, or a media type that begins with image/.");
}
