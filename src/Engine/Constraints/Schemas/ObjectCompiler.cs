using System.Text.Json;
using RwkvSk.Engine.Constraints.Automata;
using RwkvSk.Engine.Constraints.Grammars;
using RwkvSk.Engine.Constraints.Patterns;

namespace RwkvSk.Engine.Constraints.Schemas;

/// <summary>Objects: declared properties in their order, then others. A key has one spelling, that of <see cref="JsonText"/>.</summary>
internal sealed class ObjectCompiler(SchemaCompiler compiler, StringCompiler strings)
{
    public GrammarNode Compile(IReadOnlyList<SchemaLocation> schemas)
    {
        var shape = new ObjectShape(schemas, strings);
        if (shape.Impossible is { } impossible)
        {
            return compiler.Nothing(schemas[0].Path, $"the property '{impossible}' is required but may not be written");
        }

        if (shape.Minimum > shape.Maximum)
        {
            return compiler.Nothing(schemas[0].Path, $"no object has at least {shape.Minimum} and at most {shape.Maximum} properties");
        }

        var names = NamesAllowed(shape);
        var members = new List<Member>();
        foreach (var name in shape.Names)
        {
            var value = names is null || names.Matches(name) ? compiler.Compile(shape.SchemasOf(name)) : GrammarNode.Nothing;
            if (value == GrammarNode.Nothing && shape.IsRequired(name))
            {
                return compiler.Nothing(schemas[0].Path, $"the property '{name}' is required but no value satisfies its schema");
            }

            members.Add(new(JsonText.Quote(name), value, shape.IsRequired(name)));
        }

        var others = Others(schemas, shape, names);
        if (others.Count > 0 && shape.Minimum > members.Count(static m => m.IsRequired))
        {
            var owner = schemas.First(static s => s.Has("minProperties"));
            throw owner.Refuse("minProperties", "it cannot be kept where properties may be written that are not declared");
        }

        return compiler.Grammar.Object(new Chain(compiler.Grammar, members, others, shape.Minimum, shape.Maximum).From(0, 0));
    }

    /// <summary>The names that <c>propertyNames</c> allows; null where every name is.</summary>
    private Dfa? NamesAllowed(ObjectShape shape)
    {
        var schemas = shape.NameSchemas().ToArray();
        if (schemas.Length == 0)
        {
            return null;
        }

        var cases = compiler.Cases(schemas).ToArray();
        if (cases is not [var only])
        {
            throw new ConstraintException(schemas[0].Path, "alternatives for names are not supported");
        }

        if (only.FirstOrDefault(static s => s.Has("const")) is { } constant)
        {
            throw constant.Refuse("const", "it is not supported for names; use enum");
        }

        var allowed = only.Count == 0 ? null : strings.ContentOf(only);
        foreach (var list in only.Where(static s => s.Has("enum")))
        {
            var texts = list.Schema.GetProperty("enum").EnumerateArray().Where(static v => v.ValueKind is JsonValueKind.String).Select(static v => v.GetString()!);
            var listed = Pattern.AnyOf(texts);
            allowed = allowed?.Intersect(listed) ?? listed;
        }

        return allowed;
    }

    /// <summary>The members that are not declared by name. Names are sorted into classes by the patterns they match, and each class has its schemas.</summary>
    private List<GrammarNode> Others(IReadOnlyList<SchemaLocation> schemas, ObjectShape shape, Dfa? names)
    {
        if (!shape.SaysOthers && !shape.IsFree)
        {
            return [];
        }

        var isUniform = shape.Names.Count == 0 && names is null && !schemas.Any(static s => s.Has("patternProperties"));
        var all = names ?? Pattern.Length(0, null);
        var classes = new List<NameClass> { new(shape.Names.Count == 0 ? all : all.Except(Pattern.AnyOf(shape.Names)), [], []) };
        foreach (var schema in schemas)
        {
            foreach (var (pattern, matched) in schema.Members("patternProperties"))
            {
                classes = [.. classes.SelectMany(c => c.SplitBy(strings.Search(matched, "", pattern), schema, matched)).Where(static c => !c.Names.IsEmpty)];
            }
        }

        var colon = compiler.Grammar.Literal(compiler.Grammar.Colon);
        var others = new List<GrammarNode>();
        foreach (var nameClass in classes.Where(c => !c.Names.IsEmpty && MayWrite(c)))
        {
            var rest = schemas.Where(s => !nameClass.Matched.Contains(s) && s.Has("additionalProperties"))
                .Select(static s => s.Child("additionalProperties", s.Schema.GetProperty("additionalProperties")));
            var value = compiler.Compile([.. nameClass.Schemas, .. rest]);
            if (value != GrammarNode.Nothing)
            {
                var key = isUniform ? JsonGrammar.AnyString : new Terminal(StringTables.Of(nameClass.Names));
                others.Add(new Sequence(key, colon, value));
            }
        }

        return others;

        bool MayWrite(NameClass c) => shape.IsFree || c.Matched.Exists(static s => !s.IsGuest)
            || schemas.Any(static s => !s.IsGuest && s.Has("additionalProperties"));
    }

    private sealed record Member(string Key, GrammarNode Value, bool IsRequired);

    private sealed record NameClass(Dfa Names, List<SchemaLocation> Matched, List<SchemaLocation> Schemas)
    {
        public IEnumerable<NameClass> SplitBy(Dfa pattern, SchemaLocation owner, SchemaLocation schema) =>
        [
            new(Names.Intersect(pattern), [.. Matched, owner], [.. Schemas, schema]),
            this with { Names = Names.Except(pattern) },
        ];
    }

    /// <summary>The members one after the other, each optional one taken or left out; places with the same future are one node.</summary>
    private sealed class Chain(JsonGrammar grammar, List<Member> members, List<GrammarNode> others, int minimum, int maximum)
    {
        private readonly bool _counts = minimum > members.Count(static m => m.IsRequired) || maximum != Terminal.Unlimited;
        private readonly Dictionary<(int, int), GrammarNode> _nodes = [];

        /// <summary>The members from <paramref name="index"/> on, after <paramref name="written"/> were written.</summary>
        public GrammarNode From(int index, int written)
        {
            written = _counts ? written : Math.Min(written, 1);
            if (!_nodes.TryGetValue((index, written), out var node))
            {
                _nodes.Add((index, written), node = index < members.Count ? Next(index, written) : Rest(written));
            }

            return node;
        }

        private GrammarNode Next(int index, int written)
        {
            var member = members[index];
            var options = new List<GrammarNode>();
            if (written < maximum)
            {
                var key = grammar.Literal((written > 0 ? grammar.Comma : "") + member.Key + grammar.Colon);
                options.Add(new Sequence(key, member.Value, From(index + 1, written + 1)));
            }

            if (!member.IsRequired)
            {
                options.Add(From(index + 1, written));
            }

            return options.Count == 1 ? options[0] : new Choice(options);
        }

        private GrammarNode Rest(int written)
        {
            if (others.Count == 0)
            {
                return _counts && written < minimum ? GrammarNode.Nothing : GrammarNode.Empty;
            }

            var most = maximum == Terminal.Unlimited ? maximum : maximum - written;
            return new Repeat(new Choice(others), grammar.Literal(grammar.Comma), 0, most, separatorFirst: written > 0);
        }
    }
}
