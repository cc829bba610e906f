using System.Globalization;
using System.Text;

namespace RwkvSk.Cli.Generation;

/// <summary>The smallest vocabulary that can say anything: byte b is token b + 1, and 0 ends a text.</summary>
internal static class ByteVocabulary
{
    /// <summary>V of a model that knows nothing else.</summary>
    public const int Size = 257;

    /// <summary>A vocabulary file in the World models' format.</summary>
    public static byte[] File()
    {
        var text = new StringBuilder();
        for (var value = 0; value < 256; value++)
        {
            var literal = value < 0x80 ? $"'\\x{value:x2}'" : $"b'\\x{value:x2}'";
            text.Append(CultureInfo.InvariantCulture, $"{value + 1} {literal} 1\n");
        }

        return Encoding.ASCII.GetBytes(text.ToString());
    }
}
