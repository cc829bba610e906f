using System.Text;
using System.Text.Json;

namespace RwkvSk.Engine.Constraints.Grammars;

/// <summary>The building blocks of JSON in one layout. Equal literals are one terminal, so that equal places of an automaton are one.</summary>
internal sealed class JsonGrammar(JsonLayout layout)
{
    /// <summary>How deep objects and arrays may be nested where a schema says nothing about them.</summary>
    public const int FreeDepth = 8;

    private static readonly Terminal FreeString = new(StringTables.Free);
    private static readonly Terminal FreeNumber = new(NumberTables.Free);

    private readonly Dictionary<string, Terminal> _literals = new(StringComparer.Ordinal);
    private readonly Dictionary<(int, int), Terminal> _strings = [];
    private readonly Rule?[] _free = new Rule?[FreeDepth + 1];

    /// <summary>Between a key and its value.</summary>
    public string Colon => layout is JsonLayout.Spaced ? ": " : ":";

    /// <summary>Between two items.</summary>
    public string Comma => layout is JsonLayout.Spaced ? ", " : ",";

    public static GrammarNode AnyString => FreeString;

    public static GrammarNode AnyNumber => FreeNumber;

    public Terminal Literal(string text)
    {
        if (!_literals.TryGetValue(text, out var literal))
        {
            var table = new ByteTableBuilder();
            table.AddLiteral(Encoding.UTF8.GetBytes(text));
            _literals.Add(text, literal = new(table.Build()));
        }

        return literal;
    }

    /// <summary>Any one of the literals, as one automaton.</summary>
    public Terminal AnyLiteral(IEnumerable<string> texts)
    {
        var ordered = texts.Distinct(StringComparer.Ordinal).ToArray();
        if (ordered.Length == 1)
        {
            return Literal(ordered[0]);
        }

        var name = string.Join('\0', ordered);
        if (!_literals.TryGetValue(name, out var literal))
        {
            var table = new ByteTableBuilder();
            foreach (var text in ordered)
            {
                table.AddLiteral(Encoding.UTF8.GetBytes(text));
            }

            _literals.Add(name, literal = new(table.Build()));
        }

        return literal;
    }

    /// <summary>A given value, as this grammar writes it.</summary>
    public string TextOf(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.String => JsonText.Quote(value.GetString()!),
        JsonValueKind.Array => $"[{string.Join(Comma, value.EnumerateArray().Select(TextOf))}]",
        JsonValueKind.Object => $"{{{string.Join(Comma, value.EnumerateObject().Select(m => JsonText.Quote(m.Name) + Colon + TextOf(m.Value)))}}}",
        JsonValueKind.Number => JsonDecimal.TryParse(value, out var number) && number.ToString() is { Length: <= 24 } plain ? plain : value.GetRawText(),
        _ => value.GetRawText(),
    };

    /// <summary>Any string of so many code points.</summary>
    public Terminal String(int minimum, int maximum)
    {
        if (minimum == 0 && maximum == Terminal.Unlimited)
        {
            return FreeString;
        }

        if (!_strings.TryGetValue((minimum, maximum), out var terminal))
        {
            _strings.Add((minimum, maximum), terminal = new(StringTables.Free, minimum, maximum));
        }

        return terminal;
    }

    public GrammarNode Array(GrammarNode items) => new Sequence(Literal("["), items, Literal("]"));

    public GrammarNode Object(GrammarNode members) => new Sequence(Literal("{"), members, Literal("}"));

    /// <summary>Any value whose objects and arrays are nested at most <paramref name="depth"/> deep.</summary>
    public GrammarNode Any(int depth = FreeDepth)
    {
        if (_free[depth] is { } known)
        {
            return known;
        }

        var rule = _free[depth] = new Rule();
        List<GrammarNode> options = [FreeString, FreeNumber, AnyLiteral(["true", "false", "null"])];
        if (depth > 0)
        {
            options.Add(AnyArray(depth));
            options.Add(AnyObject(depth));
        }

        rule.Body = new Choice(options);
        return rule;
    }

    public GrammarNode AnyArray(int depth = FreeDepth) =>
        Array(new Repeat(Any(depth - 1), Literal(Comma), 0, Terminal.Unlimited, separatorFirst: false));

    public GrammarNode AnyObject(int depth = FreeDepth)
    {
        var member = new Sequence(FreeString, Literal(Colon), Any(depth - 1));
        return Object(new Repeat(member, Literal(Comma), 0, Terminal.Unlimited, separatorFirst: false));
    }
}
