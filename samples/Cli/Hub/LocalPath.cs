using RwkvSk.Engine.Weights;

namespace RwkvSk.Cli.Hub;

/// <summary>Where a repository's file goes on this machine: always inside the folder that was asked for.</summary>
internal static class LocalPath
{
    /// <summary>The full path of a file.</summary>
    /// <exception cref="HubException">The hub's path leads out of the folder, or through a link, or is no path here.</exception>
    public static string In(string folder, string path)
    {
        var parts = path.Split('/');
        if (!parts.All(static part => PlainFileName.IsPlain(part) && part[^1] is not ('.' or ' ') && !part.Any(char.IsControl)))
        {
            throw new HubException($"The hub lists a file '{path}', which does not lie inside the folder; nothing was written.");
        }

        var target = Path.GetFullPath(folder);
        foreach (var part in parts[..^1])
        {
            target = Path.Combine(target, part);
            if (new DirectoryInfo(target) is { Exists: true, LinkTarget: not null })
            {
                throw new HubException($"'{target}' is a link, and '{path}' would be written wherever it leads; nothing was written.");
            }
        }

        return Path.Combine(target, parts[^1]);
    }
}
