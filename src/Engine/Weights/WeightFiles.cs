using System.Text;

namespace RwkvSk.Engine.Weights;

/// <summary>Opens checkpoints of any supported format; the content decides which, not the name.</summary>
internal static class WeightFiles
{
    private const int SniffBytes = 64;
    private const byte PickleStart = 0x80;

    private static ReadOnlySpan<byte> ZipStart => "PK\u0003\u0004"u8;

    /// <summary>Opens a checkpoint of one or several files, under the names of the published .pth files whatever its layout.</summary>
    /// <param name="paths">The file, or the parts; no tensor may be in two of them.</param>
    /// <exception cref="FileNotFoundException">There is no such file.</exception>
    /// <exception cref="ModelFormatException">It is no sound checkpoint of a format this engine reads.</exception>
    public static IWeightFile Open(params IReadOnlyList<string> paths)
    {
        ArgumentOutOfRangeException.ThrowIfZero(paths.Count, nameof(paths));
        return CheckpointNames.Canonical(paths.Count == 1 ? OpenAsIs(paths[0]) : MergedWeightFile.Open(paths));
    }

    /// <summary>Opens one file, under the names it has.</summary>
    /// <exception cref="FileNotFoundException">There is no such file.</exception>
    /// <exception cref="ModelFormatException">It is no sound checkpoint of a format this engine reads.</exception>
    public static IWeightFile OpenAsIs(string path)
    {
        if (!File.Exists(path))
        {
            throw new FileNotFoundException($"'{path}' does not exist; expected a checkpoint file.", path);
        }

        var start = Start(path);
        if (start.Length == 0)
        {
            throw new ModelFormatException($"'{path}' is empty; expected a checkpoint.");
        }

        if (start.StartsWith(GgufFile.Magic))
        {
            return GgufFile.Open(path);
        }

        // The first eight bytes of a safetensors file are a length and may look like anything; the brace after them decides. A damaged one is told by its name.
        var extension = Path.GetExtension(path).ToUpperInvariant();
        var isSafetensors = (start.Length > 8 && start[8] == (byte)'{') || (extension is ".SAFETENSORS" or ".ST" && !IsPointer(start));
        if (!start.StartsWith(ZipStart) && isSafetensors)
        {
            return SafetensorsFile.Open(path);
        }

        if (start.StartsWith(ZipStart) || start[0] == PickleStart)
        {
            return PthFile.Open(path);
        }

        throw Foreign(path, start);
    }

    private static ReadOnlySpan<byte> Start(string path)
    {
        using var stream = File.OpenRead(path);
        var start = new byte[SniffBytes];
        return start.AsSpan(0, stream.ReadAtLeast(start, SniffBytes, throwOnEndOfStream: false));
    }

    private static bool IsPointer(ReadOnlySpan<byte> start) => start.StartsWith("version https://git-lfs"u8);

    private static ModelFormatException Foreign(string path, ReadOnlySpan<byte> start)
    {
        const string Expected = "expected a checkpoint in safetensors, PyTorch (.pth, zip) or GGUF format";
        var text = Encoding.Latin1.GetString(start);
        return new ModelFormatException(
            IsPointer(start) ? $"'{path}' is a Git LFS pointer, not the checkpoint it stands for; fetch it with 'git lfs pull'." :
            text.TrimStart().StartsWith("<!doctype", StringComparison.OrdinalIgnoreCase) || text.TrimStart().StartsWith("<html", StringComparison.OrdinalIgnoreCase)
                ? $"'{path}' is a web page; {Expected}. The download address probably led to the file's page." :
            $"'{path}' begins with the bytes {Convert.ToHexStringLower(start[..Math.Min(start.Length, 8)])}; {Expected}.");
    }
}
