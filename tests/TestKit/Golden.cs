namespace RwkvSk.TestKit;

/// <summary>
/// Finds the golden vectors: first those copied beside the tests, then the folder that the environment variable RWKVSK_GOLDEN names.
/// A few of them (the World vocabulary, <c>trained/</c>) are other people's files and never part of the repository: ask for those with the Try methods and skip.
/// </summary>
internal static class Golden
{
    private const string Variable = "RWKVSK_GOLDEN";

    /// <summary>A folder of golden vectors, such as "loader" or "rwkv7".</summary>
    /// <exception cref="DirectoryNotFoundException">It is in neither place.</exception>
    public static string Folder(string name) =>
        TryFolder(name, out var folder) ? folder : throw new DirectoryNotFoundException(SkipReason(name));

    /// <summary>A file of golden vectors: <c>Golden.File("rwkv7", "main_bf16.pth")</c>.</summary>
    /// <exception cref="FileNotFoundException">It is in neither place.</exception>
    public static string File(params string[] parts) =>
        TryFile(out var file, parts) ? file : throw new FileNotFoundException(SkipReason(parts));

    /// <summary>Whether a folder is there.</summary>
    public static bool TryFolder(string name, out string folder)
    {
        folder = Candidates(name).FirstOrDefault(Directory.Exists) ?? "";
        return folder.Length > 0;
    }

    /// <summary>Whether a file is there.</summary>
    public static bool TryFile(out string file, params string[] parts)
    {
        file = Candidates(parts).FirstOrDefault(System.IO.File.Exists) ?? "";
        return file.Length > 0;
    }

    /// <summary>What to say when a test is skipped because these are missing.</summary>
    public static string SkipReason(params string[] parts) =>
        $"the golden vectors '{Path.Combine(parts)}' are neither beside the tests nor in the folder that {Variable} names ({Root() ?? "it is not set"})";

    private static string? Root() => Environment.GetEnvironmentVariable(Variable) is { Length: > 0 } root ? root : null;

    private static IEnumerable<string> Candidates(params string[] parts)
    {
        yield return Path.Combine([AppContext.BaseDirectory, "Golden", .. parts]);
        if (Root() is { } root)
        {
            yield return Path.Combine([root, .. parts]);
        }
    }
}
