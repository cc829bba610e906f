using System.Text.Json;
using RwkvSk.Engine.Constraints.Grammars;
using RwkvSk.Engine.Constraints.Masks;
using RwkvSk.Engine.Constraints.Schemas;

namespace RwkvSk.Engine.Constraints;

/// <summary>
/// What an answer must look like: an immutable description, compiled once, used by any number of answers and engines at once. An answer under a
/// constraint is valid whatever the model would rather write, unless it is cut off by <see cref="GenerationOptions.MaximumTokens"/>.
/// </summary>
public abstract class Constraint
{
    private static readonly Lazy<Constraint> AnyValue = new(() => Compile(new JsonGrammar(JsonLayout.Compact).Any(), "#"));
    private static readonly Lazy<Constraint> AnyObject = new(() => Compile(new JsonGrammar(JsonLayout.Compact).AnyObject(), "#"));

    private protected Constraint()
    {
    }

    /// <summary>Any JSON value; objects and arrays are nested at most eight deep.</summary>
    public static Constraint AnyJson => AnyValue.Value;

    /// <summary>Any JSON object, nested at most eight deep.</summary>
    public static Constraint AnyJsonObject => AnyObject.Value;

    /// <summary>A JSON value that a schema describes.</summary>
    /// <param name="schema">
    /// JSON Schema, draft 2020-12 or the parts of earlier ones that mean the same. Properties are written in the order they are declared in;
    /// an object that declares properties and does not mention <c>additionalProperties</c> has no others. Where a schema allows names that it does not declare,
    /// one of those may be written twice; each of the values is valid, and readers take the last.
    /// </param>
    /// <param name="layout">White space in the answer.</param>
    /// <exception cref="ConstraintException">The schema is wrong, cannot be satisfied or cannot be expressed; the message names the keyword by its path.</exception>
    public static Constraint FromJsonSchema(JsonElement schema, JsonLayout layout = JsonLayout.Compact)
    {
        var grammar = new JsonGrammar(layout);
        var compiler = new SchemaCompiler(schema.Clone(), grammar, DanglingReference.Refuse);
        return Compile(compiler.Root(), "#", compiler);
    }

    /// <summary>A JSON value that a schema describes.</summary>
    /// <param name="schema">The schema's text; see the other overload.</param>
    /// <exception cref="ConstraintException">The text is not JSON, or the schema is refused.</exception>
    public static Constraint FromJsonSchema(string schema)
    {
        ArgumentNullException.ThrowIfNull(schema);
        try
        {
            using var document = JsonDocument.Parse(schema);
            return FromJsonSchema(document.RootElement, JsonLayout.Compact);
        }
        catch (JsonException exception)
        {
            throw new ConstraintException("#", $"the schema is not JSON: {exception.Message}");
        }
    }

    /// <summary>A call of one of several functions: <c>{"name":"…","arguments":{…}}</c> inside a frame.</summary>
    /// <param name="tools">The functions; at least one, of different names.</param>
    /// <param name="frame">The text around the call; null stands for <see cref="ToolCallFrame.Fenced"/>.</param>
    /// <param name="layout">White space in the answer.</param>
    /// <exception cref="ConstraintException">A schema of arguments is refused; its path begins with the function's name.</exception>
    public static Constraint ToolCall(IReadOnlyList<ToolDeclaration> tools, ToolCallFrame? frame = null, JsonLayout layout = JsonLayout.Compact)
    {
        ArgumentNullException.ThrowIfNull(tools);
        return new GrammarConstraint(ToolCallGrammar.Build(tools, frame ?? ToolCallFrame.Fenced, new JsonGrammar(layout)));
    }

    /// <summary>A cursor at the start of the answer.</summary>
    /// <param name="vocabulary">The engine's vocabulary; the same object for every answer of that engine.</param>
    internal abstract ConstraintCursor Start(VocabularyTrie vocabulary);

    private static GrammarConstraint Compile(GrammarNode root, string path, SchemaCompiler? compiler = null) => GrammarPruner.Prune(root)
        ? new GrammarConstraint(root)
        : throw compiler?.Unsatisfiable(path) ?? new ConstraintException(path, "no value satisfies the schema");
}
