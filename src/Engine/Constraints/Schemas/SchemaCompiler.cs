using System.Text.Json;
using RwkvSk.Engine.Constraints.Grammars;

namespace RwkvSk.Engine.Constraints.Schemas;

/// <summary>
/// Turns a JSON Schema into a grammar. What applies to one place of the answer is a set of schemas that must all hold: references and
/// <c>allOf</c> add to the set, <c>anyOf</c> and <c>oneOf</c> split it into cases, properties and items make the sets one level down. A set is
/// compiled once, so recursion closes on itself.
/// </summary>
internal sealed class SchemaCompiler
{
    private const int MaximumCases = 256;

    private readonly SchemaDocument _document;
    private readonly Dictionary<string, Rule> _rules = new(StringComparer.Ordinal);
    private readonly HashSet<string> _exclusive = new(StringComparer.Ordinal);
    private readonly Queue<Action> _unchecked = new();
    private readonly NumberCompiler _numbers;
    private readonly StringCompiler _strings;
    private readonly ArrayCompiler _arrays;
    private readonly ObjectCompiler _objects;
    private readonly EnumCompiler _enums;
    private ConstraintException? _firstReason;

    public SchemaCompiler(JsonElement root, JsonGrammar grammar, DanglingReference dangling)
    {
        (_document, Grammar) = (new(root, dangling), grammar);
        _numbers = new(this);
        _strings = new(this);
        _arrays = new(this);
        _objects = new(this, _strings);
        _enums = new(this, _strings);
    }

    public JsonGrammar Grammar { get; }

    /// <summary>The grammar of the whole document, not yet pruned; <paramref name="also"/> must hold as well.</summary>
    public GrammarNode Root(params IEnumerable<SchemaLocation> also)
    {
        var root = Compile([_document.Root, .. also]);
        while (_unchecked.TryDequeue(out var check))   // only now is every rule they look at complete
        {
            check();
        }

        return root;
    }

    /// <summary>The grammar of the values that satisfy all of <paramref name="schemas"/>.</summary>
    public GrammarNode Compile(IEnumerable<SchemaLocation> schemas)
    {
        if (!TryFlatten(schemas, out var flat))
        {
            return GrammarNode.Nothing;
        }

        if (flat.Count == 0)
        {
            return Grammar.Any();
        }

        var key = string.Join('\n', flat.Keys);
        if (!_rules.TryGetValue(key, out var rule))
        {
            _rules.Add(key, rule = new Rule());
            rule.Body = new Choice([.. Cases(flat).Select(CompileCase)]);
        }

        return rule;
    }

    /// <summary>The alternatives of <paramref name="schemas"/>, each a set without <c>anyOf</c> and <c>oneOf</c> left to choose.</summary>
    public IEnumerable<IReadOnlyList<SchemaLocation>> Cases(IEnumerable<SchemaLocation> schemas) =>
        TryFlatten(schemas, out var flat) ? Cases(flat) : [];

    /// <summary>Notes why a place has no values; told where this turns out to matter. Returns the grammar of nothing.</summary>
    public GrammarNode Nothing(string path, string reason)
    {
        _firstReason ??= new ConstraintException(path, reason);
        return GrammarNode.Nothing;
    }

    /// <summary>The refusal of a document that no value satisfies.</summary>
    public ConstraintException Unsatisfiable(string path) => _firstReason ?? new ConstraintException(path, "no value satisfies the schema");

    private GrammarNode CompileCase(IReadOnlyList<SchemaLocation> schemas)
    {
        var types = JsonTypesReader.Of(schemas);
        if (EnumCompiler.Applies(schemas))
        {
            return _enums.Compile(schemas, types);
        }

        var options = new List<GrammarNode>();
        string[] words = [.. types.HasFlag(JsonTypes.Boolean) ? ["true", "false"] : (string[])[], .. types.HasFlag(JsonTypes.Null) ? ["null"] : (string[])[]];
        if (words.Length > 0)
        {
            options.Add(Grammar.AnyLiteral(words));
        }

        Add(JsonTypes.Number, () => _numbers.Compile(schemas, types));
        Add(JsonTypes.String, () => _strings.Compile(schemas));
        Add(JsonTypes.Array, () => _arrays.Compile(schemas));
        Add(JsonTypes.Object, () => _objects.Compile(schemas));
        return new Choice(options);

        void Add(JsonTypes type, Func<GrammarNode> compile)
        {
            if ((types & type) != 0)
            {
                options.Add(compile());
            }
        }
    }

    /// <summary>Follows references and <c>allOf</c>; false where one of the schemas is <c>false</c>. Schemas that say nothing are left out.</summary>
    private bool TryFlatten(IEnumerable<SchemaLocation> schemas, out SortedList<string, SchemaLocation> flat)
    {
        flat = new(StringComparer.Ordinal);
        var seen = new HashSet<string>(StringComparer.Ordinal);
        var pending = new Stack<SchemaLocation>(schemas);
        while (pending.TryPop(out var schema))
        {
            if (!seen.Add(schema.Key) || schema.Schema.ValueKind is JsonValueKind.True)
            {
                continue;
            }

            if (schema.Schema.ValueKind is JsonValueKind.False)
            {
                return false;
            }

            SchemaKeywords.Check(schema);
            if (schema.Text("$ref") is { } reference)
            {
                pending.Push(_document.Resolve(schema, reference));
            }

            foreach (var part in schema.Children("allOf"))
            {
                pending.Push(part);
            }

            if (SchemaKeywords.Asserts(schema.Schema))
            {
                flat.Add(schema.Key, schema);
            }
        }

        return true;
    }

    private List<IReadOnlyList<SchemaLocation>> Cases(SortedList<string, SchemaLocation> flat)
    {
        var cases = new List<IReadOnlyList<SchemaLocation>>();
        Split(flat, [], cases);
        return cases;
    }

    /// <summary>Decides every choice of <paramref name="set"/> in every way, but those <paramref name="decided"/> already.</summary>
    private void Split(SortedList<string, SchemaLocation> set, HashSet<string> decided, List<IReadOnlyList<SchemaLocation>> cases)
    {
        var (owner, keyword) = set.Values.SelectMany(static schema => new[] { (Schema: schema, Keyword: "anyOf"), (Schema: schema, Keyword: "oneOf") })
            .FirstOrDefault(choice => choice.Schema.Has(choice.Keyword) && !decided.Contains(choice.Schema.Key + choice.Keyword));
        if (owner is null)
        {
            cases.Add([.. set.Values]);
            if (cases.Count > MaximumCases)
            {
                throw new ConstraintException(set.Values[0].Path, $"the alternatives multiply to more than {MaximumCases} cases");
            }

            return;
        }

        HashSet<string> following = [.. decided, owner.Key + keyword];
        var options = owner.Children(keyword).ToArray();
        if (keyword == "oneOf" && !owner.IsGuest && _exclusive.Add(string.Join('\n', set.Keys) + owner.Key))
        {
            _unchecked.Enqueue(() => CheckExclusive(owner, set, following, options));
        }

        foreach (var option in options)
        {
            // An option that only leads back to this choice adds nothing to it.
            var isCircular = TryFlatten([option], out var alone) && alone.ContainsKey(owner.Key);
            if (!isCircular && TryFlatten([.. set.Values, option], out var chosen))
            {
                Split(chosen, following, cases);
            }
        }
    }

    /// <summary>Refuses a <c>oneOf</c> where an answer written for one option could satisfy another as well.</summary>
    private void CheckExclusive(SchemaLocation owner, SortedList<string, SchemaLocation> set, HashSet<string> decided, SchemaLocation[] options)
    {
        for (var written = 0; written < options.Length; written++)
        {
            for (var other = 0; other < options.Length; other++)
            {
                var cases = new List<IReadOnlyList<SchemaLocation>>();
                if (other != written && TryFlatten([.. set.Values, options[written], options[other] with { IsGuest = true }], out var both))
                {
                    Split(both, decided, cases);
                }

                if (cases.Exists(both => GrammarPruner.IsProductive(CompileCase(both))))
                {
                    throw owner.Refuse("oneOf", $"an answer could satisfy options {Math.Min(written, other)} and {Math.Max(written, other)} at once; "
                        + "make them exclusive or use anyOf");
                }
            }
        }
    }
}
