namespace RwkvSk.Cli.Hub;

/// <summary>A file of a repository, as the hub lists it.</summary>
/// <param name="Path">Its path in the repository, with slashes.</param>
/// <param name="Size">Its bytes.</param>
/// <param name="Sha256">Its hash in lower-case hexadecimal; null for small files, of which the hub does not say it.</param>
internal sealed record HubFile(string Path, long Size, string? Sha256);
