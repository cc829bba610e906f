using Microsoft.Extensions.AI;
using RwkvSk.Connector.Prompting;
using RwkvSk.Engine.Prompts;

namespace RwkvSk.Connector;

/// <summary>
/// A conversation as the request after this one will hold it: with the answer as an earlier turn, thoughts left out, and without what belonged to this
/// request alone (the answer's opening, the sketch of a response format).
/// </summary>
internal sealed class AnswerHistory(ChatPromptRenderer renderer, IReadOnlyList<Utterance> utterances, IReadOnlyList<ToolDeclaration> tools, IReadOnlyCollection<string>? toolsRead)
{
    /// <summary>The conversation with an answer; null when there is nothing in it that will come back.</summary>
    /// <param name="answer">The answer's contents, in order and in any number of pieces.</param>
    public Prompt? With(IEnumerable<AIContent> answer)
    {
        var parts = answer.Select(ConversationReader.AnswerPart).OfType<UtterancePart>().ToList();
        return parts.Exists(static part => part is CallPart or TextPart { Text.Length: > 0 })
            ? renderer.Render([.. utterances, new Utterance(PromptRole.Assistant, parts)], tools, opening: null, toolsRead)
            : null;
    }
}
