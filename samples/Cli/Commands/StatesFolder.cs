using System.Text;
using RwkvSk.Engine.States;

namespace RwkvSk.Cli.Commands;

/// <summary>The states in a folder, with what their files say.</summary>
internal sealed class StatesFolder
{
    private readonly SnapshotFolder _folder;

    private StatesFolder(SnapshotFolder folder) => _folder = folder;

    /// <summary>Opens a folder that is there.</summary>
    /// <exception cref="DirectoryNotFoundException">It is not.</exception>
    public static StatesFolder Open(string path) =>
        Directory.Exists(path) ? new StatesFolder(new SnapshotFolder(path)) : throw new DirectoryNotFoundException($"'{path}' does not exist; expected a folder of states.");

    /// <summary>The seal of a secret that is kept in a file; an ending line break is not part of it.</summary>
    public static SnapshotSeal Seal(string? secretFile) =>
        new(secretFile is null ? [] : Encoding.UTF8.GetBytes(File.ReadAllText(secretFile).TrimEnd('\r', '\n')));

    /// <summary>All states.</summary>
    public IEnumerable<StatesEntry> Entries() => _folder.Scan().Select(StatesEntry.Read);

    /// <summary>The one state whose key begins so.</summary>
    /// <exception cref="ArgumentException">There is none, or several.</exception>
    public StatesEntry Find(string key)
    {
        StoredFile[] found = [.. _folder.Scan().Where(file => file.Key.ToString().StartsWith(key, StringComparison.OrdinalIgnoreCase)).Take(2)];
        return found.Length switch
        {
            1 => StatesEntry.Read(found[0]),
            0 => throw new ArgumentException($"No state's key begins with '{key}'."),
            _ => throw new ArgumentException($"More than one state's key begins with '{key}'; give more digits."),
        };
    }
}

/// <summary>One state.</summary>
/// <param name="File">Its file.</param>
/// <param name="Header">What the file says; null when it cannot be read.</param>
/// <param name="Problem">Why not.</param>
internal sealed record StatesEntry(StoredFile File, SnapshotHeader? Header, string? Problem)
{
    /// <summary>Reads a file's header.</summary>
    public static StatesEntry Read(StoredFile file)
    {
        try
        {
            using var stream = System.IO.File.OpenRead(file.Path);
            var start = new byte[Math.Min(SnapshotHeaderReader.MostBytes + 8, stream.Length)];
            stream.ReadExactly(start);
            return new StatesEntry(file, SnapshotHeaderReader.Read(start, file.Path).Header, null);
        }
        catch (SnapshotFormatException error)
        {
            return new StatesEntry(file, null, error.Message);
        }
    }

    /// <summary>Checks the whole file; null when it is sound.</summary>
    public string? Check(SnapshotSeal seal)
    {
        try
        {
            var header = SnapshotFile.Verify(System.IO.File.ReadAllBytes(File.Path), seal, File.Path);
            return header.Origin is { } origin && new SnapshotKey(origin.Key.Value) == File.Key ? null : $"'{File.Path}' holds the state after another prefix than the one it is filed under.";
        }
        catch (SnapshotFormatException error)
        {
            return error.Message;
        }
    }
}
