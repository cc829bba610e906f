using RwkvSk.Connector.Prompting;
using RwkvSk.Engine;
using RwkvSk.Engine.Prompts;
using RwkvSk.Engine.States;

namespace RwkvSk.Connector;

/// <summary>Everything one answer needs: what to read, how to generate, how to understand what comes.</summary>
/// <param name="Prompt">What to read.</param>
/// <param name="Generation">How to generate.</param>
/// <param name="Callable">What may be called.</param>
/// <param name="CallSyntax">Which calls are looked for; null takes everything as text.</param>
/// <param name="ThoughtBudget">The most tokens of the thought that the prompt has opened; null where it has opened none.</param>
/// <param name="History">The conversation as the next request will hold it; null where none is expected to.</param>
internal sealed record AnswerRequest(
    Prompt Prompt, GenerationOptions Generation, IReadOnlyList<ToolDeclaration> Callable, ToolCallSyntax? CallSyntax, int? ThoughtBudget, AnswerHistory? History)
{
    /// <summary>What has been read of a prompt beforehand, and what is left of it.</summary>
    /// <value>Nothing has, by default.</value>
    public Func<Prompt, (StateSnapshot? From, Prompt Unread)> Resume { get; init; } = static prompt => (null, prompt);

    /// <summary>A parser for the answer.</summary>
    public AnswerParser CreateParser() =>
        new(CallSyntax is { } syntax ? new ToolCallParser(Callable.Select(static tool => tool.Name).ToHashSet(StringComparer.Ordinal), syntax) : null, ThoughtBudget is not null);
}
