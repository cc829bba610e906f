namespace RwkvSk.Engine.Weights;

/// <summary>File names that a model folder's own files may refer to.</summary>
internal static class PlainFileName
{
    /// <summary>Whether it names a file in the same folder: no path, no way out.</summary>
    public static bool IsPlain(string name) =>
        name.Length is > 0 and <= 255 && name is not "." and not ".." && name.AsSpan().IndexOfAny("/\\:\0") < 0;
}
