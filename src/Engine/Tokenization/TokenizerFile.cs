namespace RwkvSk.Engine.Tokenization;

/// <summary>Opens a vocabulary of either kind; the content decides, not the name.</summary>
internal static class TokenizerFile
{
    /// <summary>A World vocabulary, or a byte-level BPE where the file is JSON.</summary>
    /// <exception cref="ModelFormatException">It is neither.</exception>
    public static ITokenizer Load(string path)
    {
        var content = File.ReadAllBytes(path);
        var name = Path.GetFileName(path);

        // A World line begins with a number.
        return content.AsSpan().TrimStart(" \t\r\n"u8) is [(byte)'{', ..] ? BpeTokenizer.Parse(content, name) : WorldTokenizer.Parse(content, name);
    }
}
