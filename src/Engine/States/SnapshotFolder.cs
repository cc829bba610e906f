namespace RwkvSk.Engine.States;

/// <summary>A snapshot's file in a store's folder.</summary>
/// <param name="Path">Where it is.</param>
/// <param name="Key">What it is kept under.</param>
/// <param name="Scope">Who may share it.</param>
/// <param name="Bytes">Its length.</param>
/// <param name="UsedAt">When it was written or read last.</param>
internal readonly record struct StoredFile(string Path, SnapshotKey Key, SnapshotKey Scope, long Bytes, DateTimeOffset UsedAt);

/// <summary>
/// How a folder of snapshots is laid out: <c>ab/KEY-SCOPE.safetensors</c>, where ab are the key's first digits, and <c>tmp/</c> for what is being written. The
/// names and the times of last use are the whole index, so it can always be rebuilt.
/// </summary>
internal sealed class SnapshotFolder
{
    private const string Extension = ".safetensors";
    private const int Digits = 2 * SnapshotKey.Length;

    /// <summary>Makes the folder where it is missing; only its owner may look into it.</summary>
    public SnapshotFolder(string path)
    {
        Path = System.IO.Path.GetFullPath(path);
        Create(Path);
        Create(Unfinished);
    }

    /// <summary>The folder's path.</summary>
    public string Path { get; }

    /// <summary>The file whose owner may change what is in the folder.</summary>
    public string LockPath => System.IO.Path.Combine(Path, "lock");

    private string Unfinished => System.IO.Path.Combine(Path, "tmp");

    /// <summary>A path for a file that is being written.</summary>
    public string NewTemporary() => System.IO.Path.Combine(Unfinished, Guid.NewGuid().ToString("N"));

    /// <summary>Where a snapshot belongs; its folder is made.</summary>
    public string PathFor(SnapshotKey key, SnapshotKey scope)
    {
        var shelf = Shelf(key);
        Create(shelf);
        return System.IO.Path.Combine(shelf, $"{key}-{scope}{Extension}");
    }

    /// <summary>Where a snapshot is, whoever wrote it; null when it is not there.</summary>
    public string? Find(SnapshotKey key)
    {
        try
        {
            return Directory.EnumerateFiles(Shelf(key), $"{key}-*{Extension}").FirstOrDefault();
        }
        catch (DirectoryNotFoundException)
        {
            return null;
        }
    }

    /// <summary>All snapshots, in no order. Files with other names are not this store's and are left alone.</summary>
    public IEnumerable<StoredFile> Scan()
    {
        foreach (var shelf in new DirectoryInfo(Path).EnumerateDirectories("??"))
        {
            foreach (var file in shelf.EnumerateFiles("*" + Extension))
            {
                if (Parse(file) is { } stored)
                {
                    yield return stored;
                }
            }
        }
    }

    /// <summary>Removes what writers left that do not live any more, and sums up what the living write. Call it with the folder locked.</summary>
    public long SweepUnfinished()
    {
        var bytes = 0L;
        foreach (var file in new DirectoryInfo(Unfinished).EnumerateFiles())
        {
            try
            {
                // A writer holds its file for itself alone; the system lets go of it when the writer ends, however it ends.
                file.Open(FileMode.Open, FileAccess.ReadWrite, FileShare.None).Dispose();
                file.Delete();
            }
            catch (IOException)
            {
                bytes += file.Exists ? file.Length : 0;
            }
        }

        return bytes;
    }

    private static StoredFile? Parse(FileInfo file)
    {
        var name = file.Name.AsSpan();
        try
        {
            return name.Length == (2 * Digits) + 1 + Extension.Length && name[Digits] == '-'
                && SnapshotKey.TryParse(name[..Digits], out var key) && SnapshotKey.TryParse(name.Slice(Digits + 1, Digits), out var scope)
                    ? new StoredFile(file.FullName, key, scope, file.Length, file.LastWriteTimeUtc)
                    : null;
        }
        catch (FileNotFoundException)
        {
            return null;   // removed by another process between the listing and here
        }
    }

    private static void Create(string path)
    {
        if (OperatingSystem.IsWindows())
        {
            Directory.CreateDirectory(path);
        }
        else
        {
            Directory.CreateDirectory(path, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        }
    }

    private string Shelf(SnapshotKey key) => System.IO.Path.Combine(Path, key.ToString()[..2]);
}
