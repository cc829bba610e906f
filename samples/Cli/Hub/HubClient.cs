using System.Net;
using System.Net.Http.Headers;
using System.Text.Json;

namespace RwkvSk.Cli.Hub;

/// <summary>Speaks the public HTTP layout of the Hugging Face hub. Follows redirects itself, so that the token goes to the hub and nowhere else.</summary>
internal sealed class HubClient(HubRepository repository, string? token) : IDisposable
{
    /// <summary>The environment variable with another hub's address.</summary>
    public const string EndpointVariable = "HF_ENDPOINT";

    /// <summary>The environment variable with the user's token.</summary>
    public const string TokenVariable = "HF_TOKEN";

    /// <summary>The public hub.</summary>
    public const string PublicEndpoint = "https://huggingface.co";

    private const int MostRedirects = 8, MostPages = 1000;
    private const int HexDigits = 64;

    private readonly string? _token = string.IsNullOrWhiteSpace(token) ? null : token.Trim();
    private readonly HttpClient _http = new(new SocketsHttpHandler { AllowAutoRedirect = false, ConnectTimeout = TimeSpan.FromSeconds(30) }) { Timeout = Timeout.InfiniteTimeSpan };

    /// <summary>All files of the repository.</summary>
    public async Task<IReadOnlyList<HubFile>> ListAsync(CancellationToken cancellationToken)
    {
        var files = new List<HubFile>();
        var address = repository.List;
        for (var page = 0; page < MostPages; page++)
        {
            using var response = await SendAsync(address, 0, cancellationToken);
            Check(response, repository.Name);
            files.AddRange(Parse(await response.Content.ReadAsByteArrayAsync(cancellationToken)));
            if (NextPage(response) is not { } next)
            {
                return files;
            }

            address = repository.Owns(new Uri(address, next)) ? new Uri(address, next) : throw new HubException($"The list of '{repository.Name}' goes on at another host ({next}); it is not followed.");
        }

        throw new HubException($"The list of '{repository.Name}' has more than {MostPages} pages.");
    }

    /// <summary>A file's content from a byte on. The answer may begin at 0 all the same: its status tells (206 or 200), or say that there is nothing from there on (416).</summary>
    public async Task<HttpResponseMessage> OpenAsync(HubFile file, long from, CancellationToken cancellationToken)
    {
        var response = await SendAsync(repository.AddressOf(file), from, cancellationToken);
        if (from > 0 && response.StatusCode == HttpStatusCode.RequestedRangeNotSatisfiable)
        {
            return response;
        }

        try
        {
            Check(response, $"{repository.Name}/{file.Path}");
            return response;
        }
        catch
        {
            response.Dispose();
            throw;
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _http.Dispose();

    private async Task<HttpResponseMessage> SendAsync(Uri address, long from, CancellationToken cancellationToken)
    {
        for (var hop = 0; hop <= MostRedirects; hop++)
        {
            using var request = new HttpRequestMessage(HttpMethod.Get, address);
            request.Headers.Authorization = _token is not null && repository.Owns(address) ? new AuthenticationHeaderValue("Bearer", _token) : null;
            request.Headers.Range = from > 0 ? new RangeHeaderValue(from, null) : null;
            HttpResponseMessage response;
            try
            {
                response = await _http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, cancellationToken);
            }
            catch (HttpRequestException error)
            {
                throw new HubException($"'{address.Authority}' does not answer: {error.Message}", error);
            }

            if ((int)response.StatusCode is not (301 or 302 or 303 or 307 or 308) || response.Headers.Location is not { } location)
            {
                return response;
            }

            response.Dispose();
            var next = new Uri(address, location);
            if (next.Scheme is not ("http" or "https") || (address.Scheme == "https" && next.Scheme == "http"))
            {
                throw new HubException($"'{address.Authority}' leads on to '{next.Scheme}://{next.Authority}', which is not safe to follow.");
            }

            address = next;
        }

        throw new HubException($"'{repository.Endpoint.Authority}' leads in circles: more than {MostRedirects} redirects.");
    }

    private void Check(HttpResponseMessage response, string what)
    {
        if (response.IsSuccessStatusCode)
        {
            return;
        }

        var code = (int)response.StatusCode;
        throw new HubException(response.StatusCode switch
        {
            HttpStatusCode.Unauthorized or HttpStatusCode.Forbidden when _token is null => $"The hub refuses '{what}' ({code}): it is private, gated or not there. If it is yours to read, put your token into {TokenVariable}.",
            HttpStatusCode.Unauthorized or HttpStatusCode.Forbidden => $"The hub refuses '{what}' ({code}): the token in {TokenVariable} gives no access to it.",
            HttpStatusCode.NotFound => $"The hub has no '{what}' at the revision '{repository.Revision}' (404).",
            HttpStatusCode.TooManyRequests => $"The hub asks for fewer requests (429); try '{what}' again later.",
            _ => $"The hub answers {code} ({response.ReasonPhrase}) to '{what}'.",
        });
    }

    // Link: <https://hub/api/models/...>; rel="next"
    private static string? NextPage(HttpResponseMessage response) =>
        response.Headers.TryGetValues("Link", out var links)
            ? links.SelectMany(static line => line.Split(',')).Where(static link => link.Contains("rel=\"next\"", StringComparison.Ordinal))
                .Select(static link => link[(link.IndexOf('<', StringComparison.Ordinal) + 1)..Math.Max(link.IndexOf('>', StringComparison.Ordinal), 0)]).FirstOrDefault()
            : null;

    private List<HubFile> Parse(byte[] json)
    {
        try
        {
            using var document = JsonDocument.Parse(json);
            return [.. document.RootElement.EnumerateArray().Where(static entry => entry.GetProperty("type").GetString() == "file").Select(Read)];
        }
        catch (Exception error) when (error is JsonException or InvalidOperationException or KeyNotFoundException or FormatException)
        {
            throw new HubException($"The list of '{repository.Name}' is not what a hub gives: {error.Message}", error);
        }
    }

    private static HubFile Read(JsonElement entry)
    {
        var hash = entry.TryGetProperty("lfs", out var lfs) && lfs.ValueKind == JsonValueKind.Object ? lfs.GetProperty("oid").GetString()!.Replace("sha256:", "", StringComparison.Ordinal) : null;
        var (path, size) = (entry.GetProperty("path").GetString() ?? "", entry.GetProperty("size").GetInt64());
        return size >= 0 && (hash is null || (hash.Length == HexDigits && hash.All(char.IsAsciiHexDigit)))
            ? new HubFile(path, size, hash?.ToLowerInvariant())
            : throw new FormatException($"'{path}' has {size} bytes and the hash '{hash}'");
    }
}
