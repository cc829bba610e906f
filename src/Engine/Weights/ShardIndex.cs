using System.Text.Json;

namespace RwkvSk.Engine.Weights;

/// <summary>The <c>*.index.json</c> beside a checkpoint in several files: which tensor is in which file.</summary>
/// <param name="Path">The index file.</param>
/// <param name="FileOf">File names by tensor name.</param>
internal sealed record ShardIndex(string Path, IReadOnlyDictionary<string, string> FileOf)
{
    private const int MaximumBytes = 64 << 20;

    /// <summary>The files, in the order of their names.</summary>
    public IReadOnlyList<string> Files =>
        [.. FileOf.Values.Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal).Select(name => System.IO.Path.Combine(System.IO.Path.GetDirectoryName(Path)!, name))];

    /// <summary>Reads an index.</summary>
    /// <exception cref="ModelFormatException">It is no sound index, or names files that are not there.</exception>
    public static ShardIndex Read(string path)
    {
        if (new FileInfo(path).Length > MaximumBytes)
        {
            throw new ModelFormatException($"'{path}' has more than {MaximumBytes} bytes; expected a checkpoint's index.");
        }

        Dictionary<string, string> map;
        try
        {
            using var json = JsonDocument.Parse(File.ReadAllBytes(path), new JsonDocumentOptions { AllowDuplicateProperties = false });
            map = json.RootElement.GetProperty("weight_map").EnumerateObject()
                .ToDictionary(static entry => entry.Name, static entry => entry.Value.GetString() ?? "", StringComparer.Ordinal);
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException or KeyNotFoundException)
        {
            throw new ModelFormatException($"'{path}': expected a JSON object with a 'weight_map' of file names by tensor name ({e.Message})", e);
        }

        var index = new ShardIndex(path, map);
        foreach (var name in map.Values.Distinct(StringComparer.Ordinal))
        {
            if (!PlainFileName.IsPlain(name))
            {
                throw new ModelFormatException($"'{path}' names the file '{name}'; expected plain file names in the same folder.");
            }
        }

        var missing = index.Files.FirstOrDefault(static file => !File.Exists(file));
        return map.Count == 0 ? throw new ModelFormatException($"'{path}' names no tensor.")
            : missing is null ? index
            : throw new ModelFormatException($"'{path}' names '{System.IO.Path.GetFileName(missing)}', which is not there; the checkpoint is incomplete.");
    }

    /// <summary>Opens all files as one checkpoint, under its own names, and compares them with the index.</summary>
    public IWeightFile Open()
    {
        var merged = MergedWeightFile.Open(Files);
        try
        {
            foreach (var (name, file) in FileOf)
            {
                if (!merged.Tensors.ContainsKey(name) || System.IO.Path.GetFileName(merged.PartOf(name)) != file)
                {
                    throw new ModelFormatException($"'{Path}' says that '{name}' is in '{file}', where it is not.");
                }
            }

            return merged.Tensors.Keys.FirstOrDefault(name => !FileOf.ContainsKey(name)) is { } extra
                ? throw new ModelFormatException($"'{merged.PartOf(extra)}' holds '{extra}', which '{Path}' does not list.")
                : merged;
        }
        catch
        {
            merged.Dispose();
            throw;
        }
    }
}
