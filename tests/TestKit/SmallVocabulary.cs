using System.Globalization;
using System.Text;
using RwkvSk.Engine.Tokenization;

namespace RwkvSk.TestKit;

/// <summary>
/// A World vocabulary of our own with the traits of the real one: ids from 1, byte b is id b + 1, longer tokens after them, prefixes that are no
/// tokens, tokens that are no valid UTF-8, spaces, quotes and backslashes in literals.
/// </summary>
internal static class SmallVocabulary
{
    /// <summary>The tokens after the 256 single bytes; their ids start at 257.</summary>
    public static IReadOnlyList<byte[]> LongTokens { get; } =
    [
        .. new[]
        {
            "\n\n", "\n\n\n", " \n\n", "  ", "    ", "        ", "th", "the", " the", "there", " and", "ing", "in", "an", "and", "Hello", "Hell", " world", "User", "Assistant",
            "Ass", " User", ": ", "```", "```json", "12", "123", "é", "你", "你好", "。\n", "😀", "😀😁", "It's", "\"quoted\"", "'", "\\", "\\n", "\t\t", "\r\n", "\u00a0", "abcdefgh", "bcd", "a b",
        }.Where(text => text.Length > 1 || text[0] > 0x7F).Select(Encoding.UTF8.GetBytes),
        [0xE4, 0xBD], [0xF0, 0x9F], [0xF0, 0x9F, 0x98], [0x80, 0x81], [0xFF, 0xFE], [0xC3, 0x28],
    ];

    /// <summary>A tokenizer over this vocabulary.</summary>
    public static WorldTokenizer Tokenizer { get; } = WorldTokenizer.Parse(File(), "small vocabulary");

    /// <summary>One more than the largest id.</summary>
    public static int Size => 257 + LongTokens.Count;

    /// <summary>The vocabulary file.</summary>
    public static byte[] File(string newLine = "\n", bool endsInNewLine = true)
    {
        var lines = Enumerable.Range(0, 256).Select(value => new[] { (byte)value }).Concat(LongTokens)
            .Select((token, i) => Line(i + 1, token));
        return Encoding.UTF8.GetBytes(string.Join(newLine, lines) + (endsInNewLine ? newLine : ""));
    }

    /// <summary>One line of a vocabulary file, as Python's repr writes the token.</summary>
    public static string Line(int id, byte[] token)
    {
        var text = new UTF8Encoding(false, false).GetString(token);
        var literal = Encoding.UTF8.GetBytes(text).AsSpan().SequenceEqual(token) ? Text(text) : Bytes(token);
        return string.Create(CultureInfo.InvariantCulture, $"{id} {literal} {token.Length}");
    }

    private static string Text(string text)
    {
        var quote = text.Contains('\'', StringComparison.Ordinal) && !text.Contains('"', StringComparison.Ordinal) ? '"' : '\'';
        var escaped = text.EnumerateRunes().Select(rune => rune.Value switch
        {
            '\\' => "\\\\",
            '\n' => "\\n",
            '\r' => "\\r",
            '\t' => "\\t",
            _ when rune.Value == quote => "\\" + quote,
            < 0x20 or (>= 0x7F and <= 0xA0) => $"\\x{rune.Value:x2}",
            0x2028 => "\\u2028",
            _ => rune.ToString(),
        });
        return $"{quote}{string.Concat(escaped)}{quote}";
    }

    private static string Bytes(byte[] token) =>
        $"b'{string.Concat(token.Select(value => value is >= 0x20 and < 0x7F and not (byte)'\'' and not (byte)'\\' ? ((char)value).ToString() : $"\\x{value:x2}"))}'";
}
