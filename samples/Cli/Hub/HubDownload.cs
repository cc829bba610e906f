using System.Net;
using System.Security.Cryptography;

namespace RwkvSk.Cli.Hub;

/// <summary>
/// Brings one file here. It grows under another name, goes on where it was cut off, and gets its own name when its size and its hash are what the hub said.
/// </summary>
/// <param name="client">The hub.</param>
/// <param name="file">What is wanted.</param>
/// <param name="target">Where it goes.</param>
/// <param name="progress">Told how many bytes are there.</param>
internal sealed class HubDownload(HubClient client, HubFile file, string target, Action<long> progress)
{
    private const int BufferBytes = 1 << 20;

    // A connection on which nothing comes for so long counts as cut.
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    private readonly string _partial = target + ".partial";

    /// <summary>Downloads the file, unless it is there already.</summary>
    /// <returns>Whether anything had to be downloaded.</returns>
    /// <exception cref="HubException">The hub refuses, the connection brings nothing more, or the content is not what the hub said.</exception>
    public async Task<bool> RunAsync(CancellationToken cancellationToken)
    {
        if (Length(target) == file.Size && await HasHashAsync(target, cancellationToken))
        {
            progress(file.Size);
            return false;
        }

        Directory.CreateDirectory(Path.GetDirectoryName(target)!);
        var isContinued = PrepareToContinue() > 0;
        await FetchAsync(cancellationToken);
        if (isContinued && !await HasHashAsync(_partial, cancellationToken))
        {
            File.Delete(_partial);   // what was here before belonged to another version of the file
            await FetchAsync(cancellationToken);
        }

        if (!await HasHashAsync(_partial, cancellationToken))
        {
            File.Delete(_partial);
            throw new HubException($"'{file.Path}' does not have the SHA-256 that the hub says, {file.Sha256}; what came was deleted.");
        }

        File.Move(_partial, target, overwrite: true);
        return true;
    }

    // Without a hash nobody could tell whether the parts belong together.
    private long PrepareToContinue()
    {
        if (Length(_partial) is { } length && (file.Sha256 is null || length > file.Size))
        {
            File.Delete(_partial);
        }

        return Length(_partial) ?? 0;
    }

    // As long as every connection brings something, a cut one is followed by another.
    private async Task FetchAsync(CancellationToken cancellationToken)
    {
        while (Length(_partial) != file.Size)
        {
            var (before, reason) = (Length(_partial) ?? 0, "the connection ended");
            try
            {
                await ContinueAsync(before, cancellationToken);
            }
            catch (Exception error) when (error is HttpRequestException or (IOException and not HubException) || (error is OperationCanceledException && !cancellationToken.IsCancellationRequested))
            {
                reason = error.Message;
            }

            if (Length(_partial) != file.Size && (Length(_partial) ?? 0) <= before)
            {
                throw new HubException($"'{file.Path}' was cut off at {before:N0} of {file.Size:N0} bytes ({reason}); the same command goes on from there.");
            }
        }
    }

    private async Task ContinueAsync(long from, CancellationToken cancellationToken)
    {
        using var response = await client.OpenAsync(file, from, cancellationToken);
        if (response.StatusCode == HttpStatusCode.RequestedRangeNotSatisfiable)
        {
            throw new HubException($"'{file.Path}' ends before byte {from:N0}, though the hub lists {file.Size:N0} bytes.");
        }

        var start = response.StatusCode == HttpStatusCode.PartialContent ? response.Content.Headers.ContentRange?.From ?? -1 : 0;
        if (start != from && start != 0)
        {
            throw new HubException($"'{file.Path}' was asked for from byte {from:N0}, but came from byte {start:N0}.");
        }

        if (response.Content.Headers.ContentLength is { } length && start + length != file.Size)
        {
            throw new HubException($"'{file.Path}' has {start + length:N0} bytes, though the hub lists {file.Size:N0}.");
        }

        await using var content = await response.Content.ReadAsStreamAsync(cancellationToken);
        await using var stream = new FileStream(_partial, FileMode.OpenOrCreate, FileAccess.Write, FileShare.None, bufferSize: 0);
        stream.SetLength(start);
        stream.Position = start;
        await CopyAsync(content, stream, cancellationToken);
        stream.Flush(flushToDisk: true);
    }

    private async Task CopyAsync(Stream content, FileStream stream, CancellationToken cancellationToken)
    {
        var buffer = new byte[BufferBytes];
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        while (true)
        {
            progress(stream.Position);
            patience.CancelAfter(Patience);
            var count = await content.ReadAsync(buffer, patience.Token);
            if (count == 0)
            {
                return;
            }

            if (stream.Position + count > file.Size)
            {
                throw new HubException($"'{file.Path}' goes on after the {file.Size:N0} bytes that the hub lists.");
            }

            await stream.WriteAsync(buffer.AsMemory(0, count), cancellationToken);
        }
    }

    private async Task<bool> HasHashAsync(string path, CancellationToken cancellationToken)
    {
        if (file.Sha256 is null)
        {
            return true;
        }

        await using var stream = File.OpenRead(path);
        return Convert.ToHexStringLower(await SHA256.HashDataAsync(stream, cancellationToken)) == file.Sha256;
    }

    private static long? Length(string path) => new FileInfo(path) is { Exists: true } info ? info.Length : null;
}
