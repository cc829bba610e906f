using System.Text;

namespace RwkvSk.Engine.Tokenization;

/// <summary>
/// The printable stand-ins that byte-level BPE files write for bytes: printable Latin-1 bytes stand for themselves, the other 68, in ascending
/// order, are U+0100 onwards (so a space is U+0120).
/// </summary>
internal static class ByteLevelAlphabet
{
    private static readonly char[] Characters = Build();

    private static readonly Dictionary<char, byte> Bytes = Characters.Select((character, value) => (character, value)).ToDictionary(pair => pair.character, pair => (byte)pair.value);

    /// <summary>The character that stands for a byte.</summary>
    public static char ToCharacter(byte value) => Characters[value];

    /// <summary>The bytes that a token's text stands for; text with other characters stands for its own UTF-8.</summary>
    public static byte[] ToBytes(string token)
    {
        var bytes = new byte[token.Length];
        for (var i = 0; i < token.Length; i++)
        {
            if (!Bytes.TryGetValue(token[i], out bytes[i]))
            {
                return Encoding.UTF8.GetBytes(token);
            }
        }

        return bytes;
    }

    private static char[] Build()
    {
        var standIn = (char)256;
        return [.. Enumerable.Range(0, 256).Select(value => value is (>= 0x21 and <= 0x7E) or (>= 0xA1 and <= 0xAC) or >= 0xAE ? (char)value : standIn++)];
    }
}
