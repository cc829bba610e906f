using System.Text.Json;
using RwkvSk.Engine.Constraints.Grammars;

namespace RwkvSk.Engine.Constraints.Schemas;

/// <summary>A call of one of several functions, each with the arguments its own schema describes.</summary>
internal static class ToolCallGrammar
{
    private static readonly JsonElement ObjectSchema = JsonDocument.Parse("""{"type":"object"}""").RootElement.Clone();

    public static GrammarNode Build(IReadOnlyList<ToolDeclaration> tools, ToolCallFrame frame, JsonGrammar grammar)
    {
        if (tools.Count == 0)
        {
            throw new ArgumentException("a tool call needs at least one tool to name", nameof(tools));
        }

        if (tools.DistinctBy(static tool => tool.Name, StringComparer.Ordinal).Count() < tools.Count)
        {
            throw new ArgumentException("two tools have the same name", nameof(tools));
        }

        var root = new Choice(tools.Select(tool => Call(tool, frame, grammar)));
        GrammarPruner.Prune(root);
        return root;
    }

    private static Sequence Call(ToolDeclaration tool, ToolCallFrame frame, JsonGrammar grammar)
    {
        var schema = tool.Parameters.ValueKind is JsonValueKind.Undefined ? ObjectSchema : tool.Parameters.Clone();
        var compiler = new SchemaCompiler(schema, grammar, DanglingReference.AcceptAny);
        try
        {
            // Arguments are an object even where the schema does not say so.
            var arguments = compiler.Root(new SchemaLocation(ObjectSchema, "#/arguments"));
            if (!GrammarPruner.IsProductive(arguments))
            {
                throw compiler.Unsatisfiable("#");
            }

            var (colon, comma) = (grammar.Colon, grammar.Comma);
            var opening = $"{frame.Opening}{{\"name\"{colon}{JsonText.Quote(tool.Name)}{comma}\"arguments\"{colon}";
            return new Sequence(grammar.Literal(opening), arguments, grammar.Literal("}" + frame.Closing));
        }
        catch (ConstraintException exception)
        {
            throw new ConstraintException(tool.Name + exception.Path, exception.Reason);
        }
    }
}
