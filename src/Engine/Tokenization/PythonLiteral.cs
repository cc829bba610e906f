using System.Globalization;
using System.Text;
using System.Text.Unicode;

namespace RwkvSk.Engine.Tokenization;

/// <summary>
/// Reads the string and bytes literals that Python's repr writes: '...' and "..." are text (as UTF-8), b'...' are bytes. Nothing is evaluated;
/// prefixes other than b, triple quotes and names in braces are refused.
/// </summary>
internal static class PythonLiteral
{
    /// <summary>The bytes of one literal.</summary>
    /// <param name="literal">The literal with its quotes, in UTF-8.</param>
    /// <exception cref="FormatException">It is no such literal; the message says what was found.</exception>
    public static byte[] Parse(ReadOnlySpan<byte> literal)
    {
        var isText = literal is not [(byte)'b', ..];
        var body = isText ? literal : literal[1..];
        if (body is not [(byte)'\'' or (byte)'"', .., var last] || body[0] != last || body.Length < 2)
        {
            throw new FormatException("it does not begin and end with the same quote");
        }

        var quote = body[0];
        body = body[1..^1];
        var target = new List<byte>(body.Length);
        while (!body.IsEmpty)
        {
            if (body[0] == quote)
            {
                throw new FormatException("a quote inside is not escaped");
            }

            if (body[0] == '\\')
            {
                body = body[Unescape(body, isText, target)..];
            }
            else
            {
                if (!isText && body[0] >= 0x80)
                {
                    throw new FormatException("a bytes literal holds ASCII alone");
                }

                target.Add(body[0]);
                body = body[1..];
            }
        }

        // The bytes of text literals were copied, so a broken one comes out broken.
        var bytes = target.ToArray();
        return !isText || Utf8.IsValid(bytes) ? bytes : throw new FormatException("a text literal is not valid UTF-8");
    }

    // Appends what one escape stands for and returns how many bytes of the literal it took.
    private static int Unescape(ReadOnlySpan<byte> body, bool isText, List<byte> target)
    {
        if (body.Length < 2)
        {
            throw new FormatException("it ends in a backslash");
        }

        switch ((char)body[1])
        {
            case '\\' or '\'' or '"':
                target.Add(body[1]);
                return 2;
            case 'n':
                target.Add((byte)'\n');
                return 2;
            case 't':
                target.Add((byte)'\t');
                return 2;
            case 'r':
                target.Add((byte)'\r');
                return 2;
            case 'x' when isText:
                return AppendCodePoint(body, 2, target);
            case 'x':
                target.Add((byte)Hexadecimal(body, 2));
                return 4;
            case 'u' when isText:
                return AppendCodePoint(body, 4, target);
            case 'U' when isText:
                return AppendCodePoint(body, 8, target);
            default:
                throw new FormatException($"the escape \\{(char)body[1]} is not known");
        }
    }

    private static int AppendCodePoint(ReadOnlySpan<byte> body, int digits, List<byte> target)
    {
        var value = Hexadecimal(body, digits);
        if (!Rune.TryCreate(value, out var rune))
        {
            throw new FormatException($"U+{value:X4} is no character");
        }

        Span<byte> utf8 = stackalloc byte[4];
        target.AddRange(utf8[..rune.EncodeToUtf8(utf8)]);
        return 2 + digits;
    }

    private static uint Hexadecimal(ReadOnlySpan<byte> body, int digits)
    {
        if (body.Length < 2 + digits || !uint.TryParse(body.Slice(2, digits), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var value))
        {
            throw new FormatException($"\\{(char)body[1]} needs {digits} hexadecimal digits");
        }

        return value;
    }
}
