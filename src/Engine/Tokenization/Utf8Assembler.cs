using System.Text;

namespace RwkvSk.Engine.Tokenization;

/// <summary>
/// Whole characters out of token bytes. A character may be spread over several tokens: its first bytes, three at most, are held back until the
/// rest arrives. Bytes that can never become a character turn into U+FFFD as soon as that is certain, so nothing waits forever.
/// </summary>
internal sealed class Utf8Assembler
{
    private readonly Decoder _decoder = Encoding.UTF8.GetDecoder();

    /// <summary>Takes the bytes of the next token.</summary>
    /// <returns>The characters that are complete now; may be empty.</returns>
    public string Append(ReadOnlySpan<byte> bytes) => Decode(bytes, flush: false);

    /// <summary>Ends the text: an unfinished character becomes U+FFFD. The assembler is empty afterwards.</summary>
    public string Flush() => Decode([], flush: true);

    private string Decode(ReadOnlySpan<byte> bytes, bool flush)
    {
        var capacity = Encoding.UTF8.GetMaxCharCount(bytes.Length);
        var characters = capacity <= 512 ? stackalloc char[capacity] : new char[capacity];
        return new string(characters[.._decoder.GetChars(bytes, characters, flush)]);
    }
}
