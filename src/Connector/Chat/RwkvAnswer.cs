using RwkvSk.Engine;
using RwkvSk.Engine.Prompts;

namespace RwkvSk.Connector;

/// <summary>
/// The engine's side of an answer: what was read, what was generated, what it took. It is the <c>InnerContent</c> of Semantic Kernel's message and
/// the <c>RawRepresentation</c> of Microsoft.Extensions.AI's response (streaming: of the last element).
/// </summary>
public sealed class RwkvAnswer
{
    internal RwkvAnswer(Prompt prompt, string text, IReadOnlyList<int> tokenIds, FinishReason finishReason, GenerationUsage usage) =>
        (Prompt, Text, TokenIds, FinishReason, Usage) = (prompt, text, tokenIds, finishReason, usage);

    /// <summary>What was read.</summary>
    public Prompt Prompt { get; }

    /// <summary>The answer as generated: with calls and thoughts still in it.</summary>
    public string Text { get; }

    /// <summary>The generated tokens.</summary>
    public IReadOnlyList<int> TokenIds { get; }

    /// <summary>Why it ended.</summary>
    public FinishReason FinishReason { get; }

    /// <summary>What it took.</summary>
    public GenerationUsage Usage { get; }
}
