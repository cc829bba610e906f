using System.Collections.Concurrent;
using System.Text.Json;
using Microsoft.Extensions.AI;
using RwkvSk.Engine.Constraints;
using RwkvSk.Engine.Constraints.Grammars;
using RwkvSk.Engine.Constraints.Schemas;
using ToolCallFormat = RwkvSk.Connector.Prompting.ToolCallFormat;
using ToolDeclaration = RwkvSk.Connector.Prompting.ToolDeclaration;

namespace RwkvSk.Connector;

/// <summary>
/// What an answer must look like, from tool choice and response format. Compiled constraints are kept: with them go the token masks that the engine
/// worked out for them.
/// </summary>
internal sealed class AnswerConstraints
{
    private const int MostKept = 128;

    private static readonly ToolCallFrame InOpenedFence = new("", $"\n{ToolCallFormat.CallClosing}");

    private readonly ConcurrentDictionary<string, Constraint> _kept = new(StringComparer.Ordinal);

    /// <summary>
    /// A call of one of the tools, in a fence that the prompt has opened. The closing fence is part of it: where one token holds the end of a call and the
    /// fence, a model that may not write the fence cannot write the end either, and goes on with its string.
    /// </summary>
    /// <exception cref="ConstraintException">A tool's schema cannot be expressed.</exception>
    public Constraint Call(IReadOnlyList<ToolDeclaration> tools) =>
        Kept($"call\n{Text(tools)}", () => Constraint.ToolCall(Engine(tools), InOpenedFence));

    /// <summary>Free text whose calls, once begun, name one of the tools and have arguments that fit. Null where a tool's schema cannot be expressed.</summary>
    public Constraint? FreeCalls(IReadOnlyList<ToolDeclaration> tools)
    {
        try
        {
            return Kept($"free\n{Text(tools)}", () => new TriggeredConstraint(
                $"{ToolCallFormat.CallOpening}\n", "{\"name\":", Constraint.ToolCall(Engine(tools), InOpenedFence)));
        }
        catch (ConstraintException)
        {
            return null;   // the model may still call it; its arguments are then checked by the function alone
        }
    }

    /// <summary>JSON of a schema, or any JSON object; where there are tools, a call of one of them instead.</summary>
    /// <exception cref="ConstraintException">A schema cannot be expressed.</exception>
    public Constraint Json(ChatResponseFormatJson format, IReadOnlyList<ToolDeclaration> tools) =>
        Kept($"json\n{format.Schema?.GetRawText()}\n{Text(tools)}", () => CompileJson(format.Schema, tools));

    private static GrammarConstraint CompileJson(JsonElement? schema, IReadOnlyList<ToolDeclaration> tools)
    {
        var grammar = new JsonGrammar(JsonLayout.Compact);
        var compiler = schema is { } described ? new SchemaCompiler(described.Clone(), grammar, DanglingReference.Refuse) : null;

        // An answer begins with the space after its opening, as models are trained.
        GrammarNode root = new Sequence(grammar.Literal(" "), compiler?.Root() ?? grammar.AnyObject());
        if (!GrammarPruner.Prune(root))
        {
            throw compiler?.Unsatisfiable("#") ?? new ConstraintException("#", "no value satisfies the schema");
        }

        if (tools.Count > 0)
        {
            root = new Choice([root, ToolCallGrammar.Build(Engine(tools), ToolCallFrame.Fenced, grammar)]);
            GrammarPruner.Prune(root);
        }

        return new GrammarConstraint(root);
    }

    private static List<RwkvSk.Engine.Constraints.ToolDeclaration> Engine(IReadOnlyList<ToolDeclaration> tools) =>
        [.. tools.Select(static tool => new RwkvSk.Engine.Constraints.ToolDeclaration(tool.Name, tool.Schema))];

    private static string Text(IReadOnlyList<ToolDeclaration> tools) => string.Join('\n', tools.Select(static tool => $"{tool.Name} {tool.Schema.GetRawText()}"));

    private Constraint Kept(string key, Func<Constraint> compile)
    {
        if (_kept.Count > MostKept)
        {
            _kept.Clear();   // an application whose schemas never repeat gains nothing by keeping them
        }

        return _kept.TryGetValue(key, out var kept) ? kept : _kept.GetOrAdd(key, compile());
    }
}
