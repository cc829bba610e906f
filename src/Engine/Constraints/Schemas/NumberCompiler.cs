using System.Numerics;
using System.Text.Json;
using RwkvSk.Engine.Constraints.Automata;
using RwkvSk.Engine.Constraints.Grammars;

namespace RwkvSk.Engine.Constraints.Schemas;

/// <summary>Numbers and integers with bounds.</summary>
internal sealed class NumberCompiler(SchemaCompiler compiler)
{
    private const int MaximumDigits = 60;

    private static readonly Dictionary<string, (string Lower, string Upper)> IntegerFormats = new(StringComparer.Ordinal)
    {
        ["int8"] = ("-128", "127"),
        ["uint8"] = ("0", "255"),
        ["int16"] = ("-32768", "32767"),
        ["uint16"] = ("0", "65535"),
        ["int32"] = ("-2147483648", "2147483647"),
        ["uint32"] = ("0", "4294967295"),
        ["int64"] = ("-9223372036854775808", "9223372036854775807"),
        ["uint64"] = ("0", "18446744073709551615"),
    };

    private readonly Dictionary<NumberRange, GrammarNode> _nodes = [];

    public GrammarNode Compile(IReadOnlyList<SchemaLocation> schemas, JsonTypes types)
    {
        var range = RangeOf(schemas, types);
        if (range.IsFree)
        {
            return JsonGrammar.AnyNumber;
        }

        if (_nodes.TryGetValue(range, out var known))
        {
            return known;
        }

        var place = schemas.FirstOrDefault(static s => s.Has("multipleOf") || s.Has("minimum") || s.Has("exclusiveMinimum") || s.Has("maximum"))
            ?? schemas[0];
        try
        {
            var table = NumberTables.For(range);
            var kind = range.WholeOnly ? "integer" : "number";
            return _nodes[range] = table is not null
                ? new Terminal(table)
                : compiler.Nothing(place.Path, $"no {kind} lies within the bounds and is a multiple of what it must be");
        }
        catch (AutomatonTooLargeException exception)
        {
            throw place.Refuse(place.Has("multipleOf") ? "multipleOf" : "minimum", exception.Message);
        }
    }

    /// <summary>The numbers that all of <paramref name="schemas"/> allow.</summary>
    public static NumberRange RangeOf(IReadOnlyList<SchemaLocation> schemas, JsonTypes types)
    {
        var range = new NumberRange(null, null, null, WholeOnly: !types.HasFlag(JsonTypes.Fractional));
        foreach (var schema in schemas)
        {
            // The boolean form of the exclusive keywords (draft 4) says how to read their neighbours.
            var (lowerIsOpen, upperIsOpen) = (IsTrue(schema, "exclusiveMinimum"), IsTrue(schema, "exclusiveMaximum"));
            range = Read(schema, "minimum") is { } minimum ? range.WithLower(new(minimum, lowerIsOpen)) : range;
            range = Read(schema, "maximum") is { } maximum ? range.WithUpper(new(maximum, upperIsOpen)) : range;
            range = Read(schema, "exclusiveMinimum") is { } above ? range.WithLower(new(above, Exclusive: true)) : range;
            range = Read(schema, "exclusiveMaximum") is { } below ? range.WithUpper(new(below, Exclusive: true)) : range;
            range = Read(schema, "multipleOf") is { } multiple ? range with { Multiple = CommonMultiple(schema, range.Multiple, multiple) } : range;
            if (range.WholeOnly && schema.Text("format") is { } format && IntegerFormats.TryGetValue(format, out var limits))
            {
                range = range.WithLower(new(Parse(limits.Lower), Exclusive: false)).WithUpper(new(Parse(limits.Upper), Exclusive: false));
            }
        }

        return range;
    }

    private static bool IsTrue(SchemaLocation schema, string keyword) => schema.TryGet(keyword, out var value) && value.ValueKind is JsonValueKind.True;

    private static JsonDecimal? Read(SchemaLocation schema, string keyword)
    {
        if (!schema.TryGet(keyword, out var value) || value.ValueKind is JsonValueKind.True or JsonValueKind.False)
        {
            return null;
        }

        if (value.ValueKind is not JsonValueKind.Number || !JsonDecimal.TryParse(value, out var number)
            || number.WholeMagnitudeDigits() + number.Scale > MaximumDigits)
        {
            throw schema.Refuse(keyword, $"a number of at most {MaximumDigits} digits is expected");
        }

        return number;
    }

    private static JsonDecimal CommonMultiple(SchemaLocation schema, JsonDecimal? known, JsonDecimal multiple)
    {
        if (multiple.Unscaled.Sign <= 0)
        {
            throw schema.Refuse("multipleOf", "a number above zero is expected");
        }

        if (known is not { } other)
        {
            return multiple;
        }

        var scale = Math.Max(other.Scale, multiple.Scale);
        var (a, b) = (other.AtScale(scale), multiple.AtScale(scale));
        return JsonDecimal.Of(a / BigInteger.GreatestCommonDivisor(a, b) * b, scale);
    }

    private static JsonDecimal Parse(string digits) => JsonDecimal.Of(BigInteger.Parse(digits, System.Globalization.CultureInfo.InvariantCulture), 0);
}
