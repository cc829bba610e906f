using System.Globalization;
using RwkvSk.Engine.Constraints.Automata;
using RwkvSk.Engine.Constraints.Grammars;
using RwkvSk.Engine.Constraints.Patterns;

namespace RwkvSk.Engine.Constraints.Schemas;

/// <summary>Strings with length, pattern and format.</summary>
internal sealed class StringCompiler(SchemaCompiler compiler)
{
    private readonly Dictionary<string, Dfa> _patterns = new(StringComparer.Ordinal);
    private readonly Dictionary<string, GrammarNode> _nodes = new(StringComparer.Ordinal);

    public GrammarNode Compile(IReadOnlyList<SchemaLocation> schemas)
    {
        var (minimum, maximum) = LengthOf(schemas);
        if (minimum > maximum)
        {
            return compiler.Nothing(schemas[0].Path, $"no string is at least {minimum} and at most {maximum} long");
        }

        if (PatternsOf(schemas).Count == 0)
        {
            return compiler.Grammar.String(minimum, maximum);
        }

        var key = KeyOf(schemas);
        if (!_nodes.TryGetValue(key, out var node))
        {
            var content = ContentOf(schemas)!;
            node = content.IsEmpty
                ? compiler.Nothing(PatternsOf(schemas)[0].Schema.Path, "no string has the pattern, format and length it must have")
                : new Terminal(TableOf(schemas, content));
            _nodes.Add(key, node);
        }

        return node;
    }

    /// <summary>The strings that all of <paramref name="schemas"/> allow, by code points; null where every string is allowed. Ignores <c>enum</c>.</summary>
    /// <exception cref="ConstraintException">A pattern is wrong, not supported or too large.</exception>
    public Dfa? ContentOf(IReadOnlyList<SchemaLocation> schemas)
    {
        Dfa? content = null;
        foreach (var (schema, keyword, pattern) in PatternsOf(schemas))
        {
            var found = Search(schema, keyword, pattern);
            content = Guard(schema, keyword, () => content?.Intersect(found) ?? found);
        }

        var (minimum, maximum) = LengthOf(schemas);
        if (minimum == 0 && maximum == Terminal.Unlimited)
        {
            return content;
        }

        return Guard(schemas.First(static s => s.Has("minLength") || s.Has("maxLength")), "maxLength", () =>
        {
            var length = Pattern.Length(minimum, maximum == Terminal.Unlimited ? null : maximum);
            return content?.Intersect(length) ?? length;
        });
    }

    /// <summary>Whether all of <paramref name="schemas"/> allow <paramref name="text"/>; ignores <c>enum</c>.</summary>
    public bool Allows(IReadOnlyList<SchemaLocation> schemas, string text)
    {
        var (minimum, maximum) = LengthOf(schemas);
        var length = text.EnumerateRunes().Count();
        return length >= minimum && length <= maximum && PatternsOf(schemas).TrueForAll(p => Search(p.Schema, p.Keyword, p.Pattern).Matches(text));
    }

    /// <summary>The automaton of a pattern that is searched for; made once.</summary>
    public Dfa Search(SchemaLocation schema, string keyword, string pattern)
    {
        if (keyword == "format")
        {
            return StringFormats.AutomatonOf(pattern);
        }

        if (!_patterns.TryGetValue(pattern, out var found))
        {
            _patterns.Add(pattern, found = Guard(schema, keyword, () => Pattern.Search(pattern)));
        }

        return found;
    }

    private static (int Minimum, int Maximum) LengthOf(IReadOnlyList<SchemaLocation> schemas) =>
        (schemas.Max(static s => s.Count("minLength") ?? 0), schemas.Min(static s => s.Count("maxLength") ?? Terminal.Unlimited));

    private static List<(SchemaLocation Schema, string Keyword, string Pattern)> PatternsOf(IReadOnlyList<SchemaLocation> schemas)
    {
        var patterns = new List<(SchemaLocation, string, string)>();
        foreach (var schema in schemas)
        {
            if (schema.Text("pattern") is { } pattern)
            {
                patterns.Add((schema, "pattern", pattern));
            }

            if (schema.Text("format") is { } format && StringFormats.PatternOf(format) is { } known)
            {
                patterns.Add((schema, "format", known));
            }
        }

        return patterns;
    }

    private static string KeyOf(IReadOnlyList<SchemaLocation> schemas)
    {
        var (minimum, maximum) = LengthOf(schemas);
        return string.Create(CultureInfo.InvariantCulture, $"{minimum}-{maximum}\n{string.Join('\n', PatternsOf(schemas).Select(static p => p.Pattern).Order())}");
    }

    private static ByteTable TableOf(IReadOnlyList<SchemaLocation> schemas, Dfa content)
    {
        var (schema, keyword, pattern) = PatternsOf(schemas)[0];
        if (keyword == "format" && PatternsOf(schemas).Count == 1 && LengthOf(schemas) is (0, Terminal.Unlimited))
        {
            return StringFormats.TableOf(pattern);
        }

        return Guard(schema, keyword, () => StringTables.Of(content));
    }

    private static T Guard<T>(SchemaLocation schema, string keyword, Func<T> make)
    {
        try
        {
            return make();
        }
        catch (PatternException exception)
        {
            throw schema.Refuse(keyword, exception.Message);
        }
        catch (AutomatonTooLargeException exception)
        {
            throw schema.Refuse(keyword, exception.Message);
        }
    }
}
