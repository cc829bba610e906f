using System.Net;
using System.Security.Cryptography;
using System.Text.Json;

namespace RwkvSk.Samples.Tests.Cli;

/// <summary>A server on this machine that speaks the hub's layout for one repository, with faults to order.</summary>
internal sealed class HubServer : IDisposable
{
    public const string Repository = "geese/small";

    private readonly HttpListener _listener = new();
    private readonly List<(string Path, string? Authorization, string? Range)> _requests = [];

    public HubServer()
    {
        // Any free port: the listener cannot choose one itself.
        for (var attempt = 0; ; attempt++)
        {
            Address = $"http://127.0.0.1:{Random.Shared.Next(20_000, 60_000)}";
            _listener.Prefixes.Add(Address + "/");
            try
            {
                _listener.Start();
                break;
            }
            catch (HttpListenerException) when (attempt < 50)
            {
                _listener.Prefixes.Clear();
            }
        }

        _ = Task.Run(ServeAsync);
    }

    public string Address { get; }

    /// <summary>The repository's files by path; large ones are those the list gives a hash of.</summary>
    public Dictionary<string, byte[]> Files { get; } = new(StringComparer.Ordinal);

    /// <summary>Hashes that the list gives instead of the true ones.</summary>
    public Dictionary<string, string> Hashes { get; } = new(StringComparer.Ordinal);

    /// <summary>The token that is asked for; null asks for none.</summary>
    public string? Token { get; set; }

    /// <summary>After how many bytes of its content each of the next answers is cut off.</summary>
    public Queue<int> Cuts { get; } = new();

    /// <summary>Where content is fetched from instead.</summary>
    public string? Elsewhere { get; set; }

    /// <summary>Whether the wish for a part of a file is passed over.</summary>
    public bool IgnoresRanges { get; set; }

    /// <summary>Files per page of the list.</summary>
    public int PageSize { get; set; } = 1000;

    /// <summary>Files listed without a hash: below this many bytes.</summary>
    public int LargeFrom { get; set; } = 100;

    public IReadOnlyList<(string Path, string? Authorization, string? Range)> Requests
    {
        get
        {
            lock (_requests)
            {
                return [.. _requests];
            }
        }
    }

    public void Dispose() => _listener.Close();

    private async Task ServeAsync()
    {
        while (_listener.IsListening)
        {
            try
            {
                Answer(await _listener.GetContextAsync());
            }
            catch (Exception error) when (error is HttpListenerException or ObjectDisposedException or InvalidOperationException or IOException)
            {
                // The listener was closed, or a client went away.
            }
        }
    }

    private void Answer(HttpListenerContext context)
    {
        var (request, response) = (context.Request, context.Response);
        var path = Uri.UnescapeDataString(request.Url!.AbsolutePath);
        lock (_requests)
        {
            _requests.Add((path, request.Headers["Authorization"], request.Headers["Range"]));
        }

        const string List = $"/api/models/{Repository}/tree/main", Content = $"/{Repository}/resolve/main/";
        if (Token is not null && request.Headers["Authorization"] != "Bearer " + Token)
        {
            Refuse(response, 401);
        }
        else if (path == List)
        {
            SendList(request, response);
        }
        else if (path.StartsWith(Content, StringComparison.Ordinal) && Elsewhere is not null)
        {
            response.StatusCode = 302;
            response.RedirectLocation = Elsewhere + request.Url.AbsolutePath;
            response.Close();
        }
        else if (path.StartsWith(Content, StringComparison.Ordinal) && Files.TryGetValue(path[Content.Length..], out var content))
        {
            Send(request, response, content);
        }
        else
        {
            Refuse(response, 404);
        }
    }

    private void SendList(HttpListenerRequest request, HttpListenerResponse response)
    {
        var start = int.TryParse(request.QueryString["cursor"], out var cursor) ? cursor : 0;
        if (start + PageSize < Files.Count)
        {
            response.AddHeader("Link", $"<{Address}{request.Url!.AbsolutePath}?recursive=true&cursor={start + PageSize}>; rel=\"next\"");
        }

        response.Close(
            JsonSerializer.SerializeToUtf8Bytes(Files.Skip(start).Take(PageSize).Select(file => file.Value.Length < LargeFrom
                ? (object)new { type = "file", oid = "0", size = file.Value.Length, path = file.Key }
                : new { type = "file", oid = "0", size = file.Value.Length, path = file.Key, lfs = new { oid = Hashes.GetValueOrDefault(file.Key) ?? Convert.ToHexStringLower(SHA256.HashData(file.Value)), size = file.Value.Length, pointerSize = 134 } })
                .Prepend(new { type = "directory", oid = "0", size = 0, path = "folder" })),
            willBlock: true);
    }

    private void Send(HttpListenerRequest request, HttpListenerResponse response, byte[] content)
    {
        var start = 0;
        if (request.Headers["Range"] is { } range && !IgnoresRanges)
        {
            start = int.Parse(range["bytes=".Length..^1], System.Globalization.CultureInfo.InvariantCulture);
            if (start >= content.Length)
            {
                Refuse(response, 416);
                return;
            }

            response.StatusCode = 206;
            response.AddHeader("Content-Range", $"bytes {start}-{content.Length - 1}/{content.Length}");
        }

        response.ContentLength64 = content.Length - start;
        if (Cuts.TryDequeue(out var cut))
        {
            response.OutputStream.Write(content, start, Math.Min(cut, content.Length - start));
            response.OutputStream.Flush();
            response.Abort();
            return;
        }

        response.OutputStream.Write(content, start, content.Length - start);
        response.Close();
    }

    private static void Refuse(HttpListenerResponse response, int status)
    {
        response.StatusCode = status;
        response.Close();
    }
}
