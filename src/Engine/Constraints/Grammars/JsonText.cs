using System.Globalization;
using System.Text;

namespace RwkvSk.Engine.Constraints.Grammars;

/// <summary>The one spelling that keys, constants and patterned strings have: nothing is escaped that need not be.</summary>
internal static class JsonText
{
    /// <summary>The letter that stands for <paramref name="codePoint"/> after a backslash; null where \u00XX or the character itself is written.</summary>
    public static char? ShortEscape(int codePoint) => codePoint switch
    {
        '"' => '"',
        '\\' => '\\',
        '\b' => 'b',
        '\f' => 'f',
        '\n' => 'n',
        '\r' => 'r',
        '\t' => 't',
        _ => null,
    };

    /// <summary>A JSON string with its quotes. Half characters become U+FFFD.</summary>
    public static string Quote(string text)
    {
        var quoted = new StringBuilder(text.Length + 2).Append('"');
        foreach (var rune in text.EnumerateRunes())
        {
            if (ShortEscape(rune.Value) is { } letter)
            {
                quoted.Append('\\').Append(letter);
            }
            else if (rune.Value < 0x20)
            {
                quoted.Append("\\u").Append(rune.Value.ToString("x4", CultureInfo.InvariantCulture));
            }
            else
            {
                quoted.Append(rune.ToString());
            }
        }

        return quoted.Append('"').ToString();
    }
}
