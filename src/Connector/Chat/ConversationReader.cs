using System.Text.Json;
using Microsoft.Extensions.AI;
using Microsoft.SemanticKernel;
using RwkvSk.Connector.Prompting;
using FunctionCallContent = Microsoft.Extensions.AI.FunctionCallContent;
using FunctionResultContent = Microsoft.Extensions.AI.FunctionResultContent;
using TextContent = Microsoft.Extensions.AI.TextContent;

namespace RwkvSk.Connector;

/// <summary>Reads Microsoft.Extensions.AI messages as utterances. What a user says is never dropped silently; what an assistant's message holds besides text and calls is.</summary>
internal sealed class ConversationReader(PictureReader pictures, bool seesImages, string modelId)
{
    /// <summary>Reads a conversation.</summary>
    /// <param name="messages">The messages.</param>
    /// <param name="instructions">An agent's instructions; they come before every system message.</param>
    /// <param name="cancellationToken">Ends the fetching of pictures.</param>
    public async ValueTask<List<Utterance>> ReadAsync(IEnumerable<ChatMessage> messages, string? instructions, CancellationToken cancellationToken)
    {
        var utterances = new List<Utterance>();
        if (!string.IsNullOrWhiteSpace(instructions))
        {
            utterances.Add(new Utterance(PromptRole.System, instructions));
        }

        foreach (var message in messages)
        {
            var role = RoleOf(message.Role);
            var parts = new List<UtterancePart>(message.Contents.Count);
            foreach (var content in message.Contents)
            {
                if (await ReadAsync(role, content, cancellationToken).ConfigureAwait(false) is { } part)
                {
                    parts.Add(part);
                }
            }

            utterances.Add(new Utterance(role, role is PromptRole.Tool ? Results(parts) : parts));
        }

        return utterances;
    }

    /// <summary>What an answer's content becomes when it comes back as history; null for what does not.</summary>
    public static UtterancePart? AnswerPart(AIContent content) => content switch
    {
        TextContent text => new TextPart(text.Text),
        FunctionCallContent call => new CallPart(new ToolCall(call.Name, [.. call.Arguments ?? new Dictionary<string, object?>()])),
        _ => null,
    };

    private static PromptRole RoleOf(ChatRole role) =>
        role == ChatRole.User ? PromptRole.User
        : role == ChatRole.Assistant ? PromptRole.Assistant
        : role == ChatRole.System || role == new ChatRole("developer") ? PromptRole.System
        : role == ChatRole.Tool ? PromptRole.Tool
        : throw new NotSupportedException($"The role '{role}' is not supported; expected system, developer, user, assistant or tool.");

    private async ValueTask<UtterancePart?> ReadAsync(PromptRole role, AIContent content, CancellationToken cancellationToken) => content switch
    {
        TextContent or FunctionCallContent => AnswerPart(content),
        FunctionResultContent result => await ResultAsync(result.Result ?? result.Exception, cancellationToken).ConfigureAwait(false),
        DataContent data when IsPicture(data) => Picture(role, pictures.FromBytes(data.Data)),
        UriContent uri when uri.HasTopLevelMediaType("image") => Picture(role, await pictures.FromUriAsync(uri.Uri, cancellationToken).ConfigureAwait(false)),
        DataContent { MediaType: var type } => throw Unsupported(role, content, $" of type {type}"),
        UriContent { MediaType: var type } => throw Unsupported(role, content, $" of type {type}"),
        HostedFileContent or HostedVectorStoreContent => throw Unsupported(role, content, ""),
        _ when role is PromptRole.Assistant => null,
        TextReasoningContent or UsageContent or ErrorContent or ToolApprovalRequestContent or ToolApprovalResponseContent => null,
        _ => throw Unsupported(role, content, ""),
    };

    private static NotSupportedException Unsupported(PromptRole role, AIContent content, string more) =>
        new($"Unsupported chat message content type '{content.GetType().FullName}'{more} in a {role} message.");

    private static bool IsPicture(DataContent data) => data.HasTopLevelMediaType("image") || PictureFormat.Sniff(data.Data.Span) is not null;

    private ImagePart Picture(PromptRole role, ImagePart picture) =>
        role is not (PromptRole.User or PromptRole.Tool)
            ? throw new NotSupportedException($"A picture in a {role} message is not supported; models are trained on pictures in user messages and function results.")
            : seesImages || role is PromptRole.Tool
                ? picture
                : throw new NotSupportedException($"The model '{modelId}' has no vision tower: it reads text only, and the conversation holds a picture.");

    /// <summary>A tool message's text and pictures are its result where it has no result content; beside one they repeat it.</summary>
    private List<UtterancePart> Results(List<UtterancePart> parts)
    {
        var results = parts.OfType<ResultPart>().ToList<UtterancePart>();
        if (results.Count > 0 || parts.Count == 0)
        {
            return results;
        }

        return [Result(string.Join('\n', parts.OfType<TextPart>().Select(static part => part.Text)), [.. parts.OfType<ImagePart>()])];
    }

    private async ValueTask<ResultPart> ResultAsync(object? value, CancellationToken cancellationToken)
    {
        switch (value)
        {
            case DataContent data when IsPicture(data):
                return Result("", [pictures.FromBytes(data.Data)]);
            case ImageContent { Data: { IsEmpty: false } bytes, MimeType: var type } when type?.StartsWith("image/", StringComparison.OrdinalIgnoreCase) is not true && PictureFormat.Sniff(bytes.Span) is null:
                return new ResultPart($"Error: {PictureFormat.Unknown(type, bytes.Span).Message}", []);
            case ImageContent { Data: { IsEmpty: false } bytes }:
                return Result("", [pictures.FromBytes(bytes)]);
            case ImageContent { Uri: { } uri }:
                return Result("", [await pictures.FromUriAsync(uri, cancellationToken).ConfigureAwait(false)]);
            case TextContent text:
                return new ResultPart(text.Text, []);
            case KernelContent kernelContent and (ChatMessageContent or Microsoft.SemanticKernel.TextContent):
                return new ResultPart(kernelContent.ToString() ?? "", []);
            case IEnumerable<AIContent> contents:
                var parts = new List<ResultPart>();
                foreach (var content in contents)
                {
                    parts.Add(await ResultAsync(content, cancellationToken).ConfigureAwait(false));
                }

                return new ResultPart(
                    string.Join('\n', parts.Select(static part => part.Text).Where(static text => text.Length > 0)), [.. parts.SelectMany(static part => part.Images)]);
            case AIContent or KernelContent:
                return new ResultPart($"Error: This model does not support {value.GetType().Name} in tool results.", []);
            case JsonElement { ValueKind: JsonValueKind.Object } element when SavedPicture(element) is { } saved:
                return Result("", [pictures.FromBytes(saved)]);
            default:
                return new ResultPart(ToolCallFormat.Result(value), []);
        }
    }

    /// <summary>A picture that went through JSON with its history: Semantic Kernel's with data, Microsoft.Extensions.AI's with a data URI.</summary>
    private static byte[]? SavedPicture(JsonElement element)
    {
        foreach (var property in element.EnumerateObject())
        {
            if (property.Value.ValueKind is JsonValueKind.String && property.Name.ToUpperInvariant() is "DATA" or "URI" or "DATAURI")
            {
                var text = property.Value.GetString()!;
                var start = text.StartsWith("data:", StringComparison.Ordinal) ? text.IndexOf(";base64,", StringComparison.Ordinal) + ";base64,".Length : 0;
                var bytes = new byte[text.Length];
                if (Convert.TryFromBase64Chars(text.AsSpan(Math.Max(start, 0)), bytes, out var length) && PictureFormat.Sniff(bytes.AsSpan(0, length)) is not null)
                {
                    return bytes[..length];
                }
            }
        }

        return null;
    }

    private ResultPart Result(string text, IReadOnlyList<ImagePart> images) =>
        images.Count == 0 || seesImages ? new ResultPart(text, images) : new ResultPart(ToolCallFormat.NoPictureInResult, []);
}
