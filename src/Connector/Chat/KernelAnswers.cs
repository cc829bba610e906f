using System.Text;
using Microsoft.Extensions.AI;
using Microsoft.SemanticKernel;
using Microsoft.SemanticKernel.ChatCompletion;
using AIFunctionCall = Microsoft.Extensions.AI.FunctionCallContent;
using AIText = Microsoft.Extensions.AI.TextContent;
using FunctionCallContent = Microsoft.SemanticKernel.FunctionCallContent;
using TextContent = Microsoft.SemanticKernel.TextContent;

namespace RwkvSk.Connector;

/// <summary>Writes the model's answers as Semantic Kernel's messages, with its real plugin and function names.</summary>
/// <param name="round">What the answer's round advertised.</param>
internal sealed class KernelAnswers(FunctionRound round)
{
    /// <summary>A whole answer.</summary>
    public ChatMessageContent Message(ChatResponse response)
    {
        var metadata = Metadata(response.ResponseId, response.CreatedAt, response.FinishReason, response.Usage);
        return Message(response.Messages.SelectMany(static message => message.Contents), response.ModelId, response.RawRepresentation, metadata);
    }

    /// <summary>The message that streamed updates add up to.</summary>
    public ChatMessageContent Message(IReadOnlyList<ChatResponseUpdate> updates) => Message(updates.ToChatResponse());

    /// <summary>One streamed piece.</summary>
    /// <param name="update">The piece.</param>
    /// <param name="callIndex">How many calls this answer has made before; counted on.</param>
    public StreamingChatMessageContent Chunk(ChatResponseUpdate update, ref int callIndex)
    {
        var usage = update.Contents.OfType<UsageContent>().FirstOrDefault()?.Details;
        var metadata = Metadata(update.ResponseId, update.CreatedAt, update.FinishReason, usage);
        var chunk = new StreamingChatMessageContent(AuthorRole.Assistant, null, update.RawRepresentation, modelId: update.ModelId, encoding: Encoding.UTF8, metadata: metadata);
        foreach (var content in update.Contents)
        {
            switch (content)
            {
                case AIText text:
                    chunk.Items.Add(new StreamingTextContent(text.Text, modelId: update.ModelId, innerContent: update.RawRepresentation, encoding: Encoding.UTF8, metadata: metadata));
                    break;
                case TextReasoningContent thought:
                    chunk.Items.Add(new StreamingReasoningContent(thought.Text) { ModelId = update.ModelId });
                    break;
                case AIFunctionCall call:
                    // The builder in Semantic Kernel splits the name at its first "-" and tells calls apart by both indexes.
                    var (plugin, function) = round.NameOf(call.Name);
                    chunk.Items.Add(new StreamingFunctionCallUpdateContent(call.CallId, plugin is null ? function : $"{plugin}-{function}", FunctionRound.ArgumentsJson(call), callIndex++)
                    {
                        RequestIndex = round.Index,
                        ModelId = update.ModelId,
                    });
                    break;
            }
        }

        return chunk;
    }

    private ChatMessageContent Message(IEnumerable<AIContent> contents, string? modelId, object? inner, Dictionary<string, object?> metadata)
    {
        var message = new ChatMessageContent(AuthorRole.Assistant, items: [], modelId, inner, Encoding.UTF8, metadata);
        foreach (var content in contents)
        {
            switch (content)
            {
                case AIText text:
                    message.Items.Add(new TextContent(text.Text, modelId, inner, Encoding.UTF8, metadata));
                    break;
                case TextReasoningContent thought:
                    message.Items.Add(new ReasoningContent(thought.Text) { ModelId = modelId });
                    break;
                case AIFunctionCall call:
                    message.Items.Add(Call(call, modelId));
                    break;
            }
        }

        if (message.Items.Count == 0)
        {
            message.Items.Add(new TextContent("", modelId, inner, Encoding.UTF8, metadata));
        }

        return message;
    }

    private FunctionCallContent Call(AIFunctionCall call, string? modelId)
    {
        var (plugin, function) = round.NameOf(call.Name);
        return new FunctionCallContent(function, plugin, call.CallId, call.Exception is null ? round.Arguments(call) : null)
        {
            Exception = call.Exception,
            InnerContent = call.RawRepresentation,
            ModelId = modelId,
        };
    }

    private static Dictionary<string, object?> Metadata(string? id, DateTimeOffset? createdAt, ChatFinishReason? finishReason, UsageDetails? usage)
    {
        var metadata = new Dictionary<string, object?> { ["Id"] = id, ["CreatedAt"] = createdAt };
        if (finishReason is { } reason)
        {
            metadata["FinishReason"] = reason.Value;
        }

        if (usage is not null)
        {
            metadata["Usage"] = usage;
        }

        return metadata;
    }
}
