using System.IO.Compression;

namespace RwkvSk.TestKit;

/// <summary>Writes the zip archives that PyTorch checkpoints are, around any pickle.</summary>
internal static class PthBuilder
{
    /// <summary>An archive with the members of a checkpoint: <c>data.pkl</c>, <c>data/KEY</c>, and others by name.</summary>
    public static byte[] Archive(byte[] pickle, params (string Name, byte[] Data)[] members) =>
        Zip(CompressionLevel.NoCompression, [("archive/data.pkl", pickle), .. members.Select(member => ("archive/" + member.Name, member.Data))]);

    /// <summary>An archive of any members.</summary>
    public static byte[] Zip(CompressionLevel level, params (string Name, byte[] Data)[] members)
    {
        using var buffer = new MemoryStream();
        using (var zip = new ZipArchive(buffer, ZipArchiveMode.Create, leaveOpen: true))
        {
            foreach (var (name, data) in members)
            {
                using var entry = zip.CreateEntry(name, level).Open();
                entry.Write(data);
            }
        }

        return buffer.ToArray();
    }
}
