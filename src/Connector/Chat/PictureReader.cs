using Microsoft.Extensions.AI;
using RwkvSk.Connector.Prompting;
using RwkvSk.Engine;

namespace RwkvSk.Connector;

/// <summary>Gets at a picture's bytes. By itself it opens no file and never uses the network.</summary>
internal sealed class PictureReader(RwkvOptions options)
{
    /// <summary>A picture that is at hand.</summary>
    /// <exception cref="ArgumentException">There are no bytes.</exception>
    public ImagePart FromBytes(ReadOnlyMemory<byte> bytes)
    {
        if (bytes.IsEmpty)
        {
            throw new ArgumentException("The picture is empty: it has neither bytes nor an address.", nameof(bytes));
        }

        if (bytes.Length > options.MaximumImageBytes)
        {
            throw new ImageFormatException($"The picture has {bytes.Length} bytes; at most {options.MaximumImageBytes} are accepted.");
        }

        return new ImagePart(bytes);
    }

    /// <summary>A picture that is somewhere else.</summary>
    /// <exception cref="NotSupportedException">Its address is not allowed.</exception>
    public async ValueTask<ImagePart> FromUriAsync(Uri uri, CancellationToken cancellationToken)
    {
        if (uri is { IsAbsoluteUri: true, Scheme: "data" })
        {
            return FromBytes(new DataContent(uri).Data);
        }

        if (uri is { IsAbsoluteUri: true, IsFile: true } && AllowedFile(uri.LocalPath) is { } path)
        {
            // Checked before it is read: the limit is there to protect the process.
            var length = new FileInfo(path).Length;
            return length <= options.MaximumImageBytes
                ? FromBytes(await File.ReadAllBytesAsync(path, cancellationToken).ConfigureAwait(false))
                : throw new ImageFormatException($"The picture '{path}' has {length} bytes; at most {options.MaximumImageBytes} are accepted.");
        }

        if (options.ImageResolver is { } resolve)
        {
            return FromBytes(await resolve(uri, cancellationToken).ConfigureAwait(false));
        }

        throw new NotSupportedException(
            $"The picture at '{uri}' is not fetched: give its bytes or a data URI, allow its folder in {nameof(RwkvOptions.AllowedImageFolders)}, or set {nameof(RwkvOptions.ImageResolver)}.");
    }

    /// <summary>The file's real path when it lies, links followed, in an allowed folder.</summary>
    private string? AllowedFile(string path)
    {
        var full = Path.GetFullPath(path);
        var real = File.Exists(full) ? File.ResolveLinkTarget(full, returnFinalTarget: true)?.FullName ?? full : full;
        return options.AllowedImageFolders.Any(folder => IsInside(folder, full) && IsInside(folder, real)) ? real : null;
    }

    private static bool IsInside(string folder, string path)
    {
        var root = Path.TrimEndingDirectorySeparator(Path.GetFullPath(folder));
        return path.StartsWith(root + Path.DirectorySeparatorChar, StringComparison.Ordinal) || root == Path.GetPathRoot(path);
    }
}
