using System.Collections.Concurrent;
using RwkvSk.Engine.Constraints.Automata;
using RwkvSk.Engine.Constraints.Grammars;
using RwkvSk.Engine.Constraints.Patterns;

namespace RwkvSk.Engine.Constraints.Schemas;

/// <summary>The formats that are kept to, as regular expressions. A format that is not here is an annotation, as the standard has it.</summary>
internal static class StringFormats
{
    private const string Year = "([0-9]{3}[1-9]|[0-9]{2}[1-9]0|[0-9][1-9]00|[1-9]000)";

    // Divisible by four, and by four hundred where by a hundred; year 0 is not written.
    private const string LeapYear = "([0-9]{2}(0[48]|[2468][048]|[13579][26])|(0[48]|[2468][048]|[13579][26])00)";

    private const string Date =
        $"({Year}-((0[13578]|1[02])-(0[1-9]|[12][0-9]|3[01])|(0[469]|11)-(0[1-9]|[12][0-9]|30)|02-(0[1-9]|1[0-9]|2[0-8]))|{LeapYear}-02-29)";

    // RFC 3339 without leap seconds, which .NET cannot read; seven decimals are a tick.
    private const string Time = "([01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9](\\.[0-9]{1,7})?(Z|[+\\-](0[0-9]|1[0-3]):[0-5][0-9])";

    private const string Byte = "(25[0-5]|2[0-4][0-9]|1[0-9]{2}|[1-9]?[0-9])";
    private const string Label = "[A-Za-z0-9]([A-Za-z0-9\\-]{0,30}[A-Za-z0-9])?";

    private static readonly Dictionary<string, string> Patterns = new(StringComparer.Ordinal)
    {
        ["date"] = $"^{Date}$",
        ["time"] = $"^{Time}$",
        ["date-time"] = $"^{Date}T{Time}$",
        ["duration"] = "^P([0-9]{1,4}W|([0-9]{1,4}D)(T([0-9]{1,3}H)?([0-9]{1,3}M)?[0-9]{1,3}S)?|T([0-9]{1,3}H)?([0-9]{1,3}M)?[0-9]{1,3}S)$",
        ["uuid"] = "^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$",
        ["email"] = $"^[A-Za-z0-9_+\\-]{{1,32}}(\\.[A-Za-z0-9_+\\-]{{1,16}}){{0,2}}@{Label}(\\.{Label}){{1,3}}$",
        ["ipv4"] = $"^{Byte}(\\.{Byte}){{3}}$",
        ["ipv6"] = "^[0-9a-f]{1,4}(:[0-9a-f]{1,4}){7}$",
        ["hostname"] = $"^{Label}(\\.{Label}){{0,4}}$",
        ["uri"] = $"^(https?|ftp)://{Label}(\\.{Label}){{0,4}}(:[1-9][0-9]{{0,3}})?(/[A-Za-z0-9_.~\\-]{{1,40}}){{0,12}}/?(\\?[A-Za-z0-9_.~=&\\-]{{1,200}})?$",
    };

    private static readonly ConcurrentDictionary<string, Dfa> Automata = new(StringComparer.Ordinal);
    private static readonly ConcurrentDictionary<string, ByteTable> Tables = new(StringComparer.Ordinal);

    public static string? PatternOf(string format) => Patterns.GetValueOrDefault(format);

    /// <summary>The strings of a format, by its pattern; made once.</summary>
    public static Dfa AutomatonOf(string pattern) => Automata.GetOrAdd(pattern, Pattern.Search);

    /// <summary>The same, quoted, as bytes; made once, so that every constraint shares its masks.</summary>
    public static ByteTable TableOf(string pattern) => Tables.GetOrAdd(pattern, static p => StringTables.Of(AutomatonOf(p)));
}
