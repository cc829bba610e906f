using System.IO.Enumeration;
using System.Text.RegularExpressions;

namespace RwkvSk.Cli.Hub;

/// <summary>Which files of a repository are wanted.</summary>
internal static partial class HubSelection
{
    private const int Shown = 12;

    private static readonly string[] CheckpointExtensions = [".safetensors", ".pth", ".pt", ".st", ".gguf"];

    // What belongs to a model beside its checkpoint, in the repository's own folder.
    private static readonly string[] Companions = ["rwkv_vocab*.txt", "vocab*.txt", "*tokenizer.json", "rwkvsk.json", "config.json"];

    /// <summary>The files of these names or patterns; without any, the repository's only checkpoint with what belongs to it.</summary>
    /// <exception cref="HubException">A name is not there, or there is more than one checkpoint to choose from.</exception>
    public static IReadOnlyList<HubFile> Choose(string repository, IReadOnlyList<HubFile> files, IReadOnlyList<string> names)
    {
        if (names.Count > 0)
        {
            return [.. names.SelectMany(name => Named(repository, files, name)).DistinctBy(static file => file.Path)];
        }

        var checkpoints = files.Where(IsCheckpoint).GroupBy(static file => GroupOf(file.Path), StringComparer.Ordinal).ToList();

        // The same weights are often there in Python's older form as well.
        var preferred = checkpoints.Where(static group => group.Key is "model").ToList();
        checkpoints = preferred.Count == 1 ? preferred : checkpoints;
        return checkpoints.Count switch
        {
            1 => [.. checkpoints[0], .. files.Where(static file => Companions.Any(pattern => FileSystemName.MatchesSimpleExpression(pattern, file.Path))), .. IndexOf(files, checkpoints[0].Key)],
            0 => throw new HubException($"'{repository}' holds no checkpoint; it has {Some(files)}."),
            _ => throw new HubException($"'{repository}' holds {checkpoints.Count} checkpoints; choose with --file from {Some([.. checkpoints.Select(static group => group.First())])}."),
        };
    }

    private static List<HubFile> Named(string repository, IReadOnlyList<HubFile> files, string name)
    {
        var found = files.Where(file => file.Path == name).ToList();
        found = found.Count > 0 ? found : [.. files.Where(file => FileSystemName.MatchesSimpleExpression(name, file.Path, ignoreCase: false))];
        return found.Count > 0 ? found : throw new HubException($"'{repository}' has no file '{name}'; it has {Some(files)}.");
    }

    private static bool IsCheckpoint(HubFile file) =>
        CheckpointExtensions.Contains(Path.GetExtension(file.Path), StringComparer.OrdinalIgnoreCase) || FileSystemName.MatchesSimpleExpression("pytorch_model*.bin", file.Path);

    // NAME-00001-of-00003 and NAME_rwkv, NAME_visual are parts of one checkpoint.
    private static string GroupOf(string path) => Part().Replace(path[..^Path.GetExtension(path).Length], "");

    private static IEnumerable<HubFile> IndexOf(IReadOnlyList<HubFile> files, string group) =>
        files.Where(file => file.Path.StartsWith(group + ".", StringComparison.Ordinal) && file.Path.EndsWith(".index.json", StringComparison.Ordinal));

    private static string Some(IReadOnlyList<HubFile> files) =>
        files.Count == 0 ? "no files" : string.Join(", ", files.Take(Shown).Select(static file => $"'{file.Path}'")) + (files.Count > Shown ? $" and {files.Count - Shown} more" : "");

    [GeneratedRegex(@"(-\d{5}-of-\d{5}|_rwkv|_visual)$")]
    private static partial Regex Part();
}
