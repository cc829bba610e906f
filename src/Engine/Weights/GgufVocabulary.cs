using System.Globalization;
using System.Text;

namespace RwkvSk.Engine.Weights;

/// <summary>The vocabulary inside a GGUF file, as the text of a World vocabulary file.</summary>
internal static class GgufVocabulary
{
    private const string Model = "rwkv";
    private const long Control = 3, Unused = 5;

    /// <summary>The lines "id literal length" of every token that stands for bytes; null when the checkpoint brings no RWKV vocabulary.</summary>
    /// <param name="weights">A GGUF file, as it is or under canonical names; other checkpoints bring none.</param>
    /// <exception cref="ModelFormatException">A token's text cannot be read.</exception>
    public static byte[]? WorldFile(IWeightFile weights)
    {
        if ((weights is CanonicalWeightFile canonical ? canonical.Original : weights) is not GgufFile file
            || file.Metadata.GetValueOrDefault("tokenizer.ggml.model") as string != Model
            || file.Metadata.GetValueOrDefault("tokenizer.ggml.tokens") is not string[] tokens)
        {
            return null;
        }

        var types = file.Metadata.GetValueOrDefault("tokenizer.ggml.token_type") as long[] ?? [];
        var lines = new StringBuilder();
        for (var id = 0; id < tokens.Length; id++)
        {
            // Id 0 ends a document and the padding of the table stands for nothing: neither has bytes.
            if (id == 0 || (id < types.Length && types[id] is Control or Unused))
            {
                continue;
            }

            var bytes = Unescape(tokens[id]) ?? throw new ModelFormatException($"'{file.Path}': token {id} '{tokens[id]}' has an incomplete escape.");
            lines.Append(CultureInfo.InvariantCulture, $"{id} b'");
            foreach (var value in bytes)
            {
                lines.Append(CultureInfo.InvariantCulture, $"\\x{value:x2}");
            }

            lines.Append(CultureInfo.InvariantCulture, $"' {bytes.Count}\n");
        }

        return Encoding.ASCII.GetBytes(lines.ToString());
    }

    /// <summary>The bytes behind an escaped token: \t, \n, \r, \xNN; any other escaped character is itself. null when the text ends inside an escape.</summary>
    internal static List<byte>? Unescape(string token)
    {
        var bytes = new List<byte>();
        var text = Encoding.UTF8.GetBytes(token);
        for (var i = 0; i < text.Length; i++)
        {
            if (text[i] != '\\')
            {
                bytes.Add(text[i]);
                continue;
            }

            if (++i == text.Length)
            {
                return null;
            }

            if (text[i] == 'x')
            {
                if (i + 2 >= text.Length || !byte.TryParse(text.AsSpan(i + 1, 2), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var value))
                {
                    return null;
                }

                bytes.Add(value);
                i += 2;
                continue;
            }

            bytes.Add(text[i] switch { (byte)'t' => (byte)'\t', (byte)'n' => (byte)'\n', (byte)'r' => (byte)'\r', var other => other });
        }

        return bytes;
    }
}
