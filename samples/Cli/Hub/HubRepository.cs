using System.Text.RegularExpressions;

namespace RwkvSk.Cli.Hub;

/// <summary>A repository at one revision, and its addresses.</summary>
internal sealed partial record HubRepository
{
    private HubRepository(Uri endpoint, string name, string revision) => (Endpoint, Name, Revision) = (endpoint, name, revision);

    /// <summary>The hub.</summary>
    public Uri Endpoint { get; }

    /// <summary>"owner/name".</summary>
    public string Name { get; }

    /// <summary>A branch, tag or commit.</summary>
    public string Revision { get; }

    /// <summary>The name without the owner.</summary>
    public string ShortName => Name[(Name.IndexOf('/', StringComparison.Ordinal) + 1)..];

    /// <summary>Where the list of all files begins.</summary>
    public Uri List => new($"{Root}/api/models/{Name}/tree/{Uri.EscapeDataString(Revision)}?recursive=true");

    /// <summary>Checks what the user gave.</summary>
    /// <exception cref="ArgumentException">It names no repository, or the endpoint is no address.</exception>
    public static HubRepository Parse(string name, string revision, string endpoint)
    {
        if (!RepositoryName().IsMatch(name) || name.Split('/').Any(static part => part is "." or ".."))
        {
            throw new ArgumentException($"'{name}' is no repository; expected OWNER/NAME, such as BlinkDL/rwkv-7-world.");
        }

        if (string.IsNullOrWhiteSpace(revision))
        {
            throw new ArgumentException("The revision is empty; expected a branch, a tag or a commit.");
        }

        return Uri.TryCreate(endpoint, UriKind.Absolute, out var address) && address.Scheme is "http" or "https"
            ? new HubRepository(address, name, revision)
            : throw new ArgumentException($"'{endpoint}' in {HubClient.EndpointVariable} is no http or https address.");
    }

    /// <summary>Where a file's content is.</summary>
    public Uri AddressOf(HubFile file) =>
        new($"{Root}/{Name}/resolve/{Uri.EscapeDataString(Revision)}/{string.Join('/', file.Path.Split('/').Select(Uri.EscapeDataString))}");

    /// <summary>Whether an address belongs to the hub itself: only such a one is shown the token.</summary>
    public bool Owns(Uri address) =>
        Uri.Compare(address, Endpoint, UriComponents.SchemeAndServer, UriFormat.Unescaped, StringComparison.OrdinalIgnoreCase) == 0;

    private string Root => Endpoint.AbsoluteUri.TrimEnd('/');

    [GeneratedRegex(@"^[A-Za-z0-9._-]{1,96}/[A-Za-z0-9._-]{1,96}\z")]
    private static partial Regex RepositoryName();
}
