using System.Security.Cryptography;
using System.Text;
using RwkvSk.Engine.Tokenization;

namespace RwkvSk.TestKit;

/// <summary>One token per byte: id = byte + 1, so that 0 stays the end of text.</summary>
internal sealed class ByteTokenizer : ITokenizer
{
    /// <summary>Ids of a vocabulary of bytes, 0 included.</summary>
    public const int Size = 257;

    private static readonly byte[] AllBytes = [.. Enumerable.Range(0, 256).Select(static b => (byte)b)];
    private static readonly byte[] Hash = SHA256.HashData("one token per byte"u8);

    public static ByteTokenizer Instance { get; } = new();

    public int VocabularySize => Size;

    public ReadOnlySpan<byte> Fingerprint => Hash;

    public void Encode(ReadOnlySpan<byte> utf8, ICollection<int> ids)
    {
        foreach (var value in utf8)
        {
            ids.Add(value + 1);
        }
    }

    public ReadOnlySpan<byte> BytesOf(int id) => id is > 0 and < Size ? AllBytes.AsSpan(id - 1, 1) : [];

    /// <summary>The text of some ids.</summary>
    public static string TextOf(IEnumerable<int> ids) => Encoding.UTF8.GetString([.. ids.Where(static id => id > 0).Select(static id => (byte)(id - 1))]);
}
