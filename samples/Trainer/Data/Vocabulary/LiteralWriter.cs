using System.Globalization;
using System.Text;

namespace RwkvSk.Trainer.Data;

/// <summary>Writes bytes as the Python literals of a World vocabulary file: text where they are ASCII, else bytes.</summary>
internal static class LiteralWriter
{
    public static string Of(ReadOnlySpan<byte> piece)
    {
        var quote = piece.Contains((byte)'\'') && !piece.Contains((byte)'"') ? '"' : '\'';
        var literal = new StringBuilder(piece.ContainsAnyExceptInRange((byte)0, (byte)127) ? "b" : string.Empty).Append(quote);
        foreach (var b in piece)
        {
            _ = b switch
            {
                (byte)'\n' => literal.Append("\\n"),
                (byte)'\r' => literal.Append("\\r"),
                (byte)'\t' => literal.Append("\\t"),
                (byte)'\\' => literal.Append("\\\\"),
                < 32 or > 126 => literal.Append(CultureInfo.InvariantCulture, $"\\x{b:x2}"),
                _ when b == quote => literal.Append('\\').Append(quote),
                _ => literal.Append((char)b),
            };
        }

        return literal.Append(quote).ToString();
    }
}
