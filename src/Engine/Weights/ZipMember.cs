namespace RwkvSk.Engine.Weights;

/// <summary>A stored (uncompressed) member of a zip archive.</summary>
/// <param name="Name">Its path inside the archive.</param>
/// <param name="Offset">Where its bytes begin in the file.</param>
/// <param name="Length">How many they are.</param>
internal sealed record ZipMember(string Name, long Offset, long Length);
