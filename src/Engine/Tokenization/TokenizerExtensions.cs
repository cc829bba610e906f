using System.Buffers;
using System.Text;

namespace RwkvSk.Engine.Tokenization;

/// <summary>Strings in and out of an <see cref="ITokenizer"/>.</summary>
internal static class TokenizerExtensions
{
    /// <summary>The ids of a text.</summary>
    public static List<int> Encode(this ITokenizer tokenizer, string text)
    {
        var ids = new List<int>(text.Length / 3);
        tokenizer.Encode(text, ids);
        return ids;
    }

    /// <summary>Appends the ids of a text.</summary>
    public static void Encode(this ITokenizer tokenizer, string text, ICollection<int> ids)
    {
        var utf8 = ArrayPool<byte>.Shared.Rent(Encoding.UTF8.GetMaxByteCount(text.Length));
        try
        {
            tokenizer.Encode(utf8.AsSpan(0, Encoding.UTF8.GetBytes(text, utf8)), ids);
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(utf8);
        }
    }

    /// <summary>The text of some ids; what is not UTF-8 becomes U+FFFD.</summary>
    public static string Decode(this ITokenizer tokenizer, IEnumerable<int> ids)
    {
        var bytes = new ArrayBufferWriter<byte>();
        foreach (var id in ids)
        {
            bytes.Write(tokenizer.BytesOf(id));
        }

        return Encoding.UTF8.GetString(bytes.WrittenSpan);
    }
}
