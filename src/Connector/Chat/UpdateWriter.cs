using System.Security.Cryptography;
using Microsoft.Extensions.AI;
using RwkvSk.Connector.Prompting;
using RwkvSk.Engine;

namespace RwkvSk.Connector;

/// <summary>Writes an answer's tokens as updates: what came out of each token, and at the end why it ended and what it took.</summary>
internal sealed class UpdateWriter(string modelId, AnswerParser parser)
{
    private readonly string _id = $"rwkv_{RandomNumberGenerator.GetHexString(24, lowercase: true)}";
    private readonly DateTimeOffset _createdAt = TimeProvider.System.GetUtcNow();
    private int _thoughtTokens;

    /// <summary>Function calls so far.</summary>
    public int Calls { get; private set; }

    /// <summary>The update for one token; null when nothing can be shown yet.</summary>
    public ChatResponseUpdate? Append(GeneratedToken token)
    {
        var contents = Contents(parser.Append(token.Text));
        return contents.Count > 0 ? Update(contents, token) : null;
    }

    /// <summary>The last update, with what was still held back.</summary>
    public ChatResponseUpdate Complete(RwkvAnswer answer)
    {
        var contents = Contents(parser.Complete());
        var usage = answer.Usage;
        contents.Add(new UsageContent(new UsageDetails
        {
            InputTokenCount = usage.PromptPositions,
            CachedInputTokenCount = usage.ReusedPositions,
            OutputTokenCount = usage.GeneratedTokens,
            TotalTokenCount = usage.PromptPositions + usage.GeneratedTokens,
            ReasoningTokenCount = _thoughtTokens > 0 ? _thoughtTokens : null,
        })
        { RawRepresentation = usage });

        var update = Update(contents, answer);
        update.FinishReason = answer.FinishReason is FinishReason.Length ? ChatFinishReason.Length
            : Calls > 0 ? ChatFinishReason.ToolCalls
            : ChatFinishReason.Stop;
        return update;
    }

    private List<AIContent> Contents(IEnumerable<AnswerPart> parts)
    {
        var contents = new List<AIContent>();
        foreach (var part in parts)
        {
            switch (part)
            {
                case AnswerText text:
                    contents.Add(new TextContent(text.Text));
                    break;
                case AnswerThought thought:
                    _thoughtTokens++;
                    contents.Add(new TextReasoningContent(thought.Text));
                    break;
                case AnswerCall call:
                    Calls++;
                    contents.Add(new FunctionCallContent(
                        $"call_{RandomNumberGenerator.GetHexString(24, lowercase: true)}", call.Name, call.Arguments.ToDictionary(static a => a.Key, static a => (object?)a.Value))
                    {
                        Exception = call.Error,
                        RawRepresentation = call,
                    });
                    break;
            }
        }

        return contents;
    }

    private ChatResponseUpdate Update(List<AIContent> contents, object raw) => new(ChatRole.Assistant, contents)
    {
        ResponseId = _id,
        MessageId = _id,
        ModelId = modelId,
        CreatedAt = _createdAt,
        RawRepresentation = raw,
    };
}
