using Microsoft.Extensions.AI;
using Microsoft.SemanticKernel;
using Microsoft.SemanticKernel.ChatCompletion;
using AIFunctionCall = Microsoft.Extensions.AI.FunctionCallContent;
using AIFunctionResult = Microsoft.Extensions.AI.FunctionResultContent;
using AIText = Microsoft.Extensions.AI.TextContent;
using FunctionCallContent = Microsoft.SemanticKernel.FunctionCallContent;
using FunctionResultContent = Microsoft.SemanticKernel.FunctionResultContent;
using TextContent = Microsoft.SemanticKernel.TextContent;

namespace RwkvSk.Connector;

/// <summary>
/// Reads Semantic Kernel's messages as Microsoft.Extensions.AI's. Written by ourselves because the ready-made conversion loses plugin names, drops
/// empty pictures silently and fails on pictures without a media type.
/// </summary>
internal static class KernelMessages
{
    /// <summary>Reads a history. Pictures without a media type get one, as Semantic Kernel's filter context demands.</summary>
    /// <exception cref="NotSupportedException">A message holds something the model cannot be given.</exception>
    /// <exception cref="Engine.ImageFormatException">A picture has no media type, and its bytes are of no known format.</exception>
    public static List<ChatMessage> Read(ChatHistory history) =>
        [.. history.Select(static message => new ChatMessage(new ChatRole(message.Role.Label), [.. message.Items.Select(item => Read(item, message.Role)).OfType<AIContent>()]))];

    /// <summary>The name a function is advertised under.</summary>
    public static string AdvertisedName(string? pluginName, string functionName) => string.IsNullOrEmpty(pluginName) ? functionName : $"{pluginName}_{functionName}";

    private static AIContent? Read(KernelContent item, AuthorRole role) => item switch
    {
        TextContent text => new AIText(text.Text),
        ImageContent image => Picture(image),
        FunctionCallContent call => new AIFunctionCall(call.Id ?? "", AdvertisedName(call.PluginName, call.FunctionName), call.Arguments?.ToDictionary(static a => a.Key, static a => a.Value)),
        FunctionResultContent result => new AIFunctionResult(result.CallId ?? "", result.Result),
        ReasoningContent => null,
        _ when role == AuthorRole.Assistant && item is not (BinaryContent or FileReferenceContent) => null,
        _ => throw new NotSupportedException($"Unsupported chat message content type '{item.GetType().FullName}' in a {role.Label} message."),
    };

    /// <summary>Bytes go before the address where both are there.</summary>
    private static AIContent Picture(ImageContent image)
    {
        if (image.Data is { IsEmpty: false } bytes)
        {
            var type = MediaType(image.MimeType);
            if (!type.StartsWith("image/", StringComparison.OrdinalIgnoreCase))
            {
                image.MimeType = type = PictureFormat.Sniff(bytes.Span) ?? throw PictureFormat.Unknown(image.MimeType, bytes.Span);
            }

            return new DataContent(bytes, type);
        }

        return image.Uri is { } uri
            ? new UriContent(uri, MediaType(image.MimeType) is { } named && named.StartsWith("image/", StringComparison.OrdinalIgnoreCase) ? named : "image/*")
            : throw new ArgumentException("A message holds an ImageContent with neither data nor an address.", nameof(image));
    }

    /// <summary>Parameters ("image/png;name=x") say nothing about the picture.</summary>
    private static string MediaType(string? mimeType) => mimeType?.Split(';')[0].Trim() ?? "";
}
