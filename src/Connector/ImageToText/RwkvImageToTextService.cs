using System.Text;
using Microsoft.SemanticKernel;
using Microsoft.SemanticKernel.ChatCompletion;
using Microsoft.SemanticKernel.ImageToText;

namespace RwkvSk.Connector;

/// <summary>
/// A local VisualRWKV model as Semantic Kernel's image-to-text: a chat of one picture and one question. What the model has read of a picture is
/// shared with the chat services of the same model. Safe from any thread.
/// </summary>
public sealed class RwkvImageToTextService : IImageToTextService, IDisposable
{
    private readonly RwkvChatCompletionService _chat;
    private readonly RwkvOptions _options;

    /// <summary>Creates a service over a client, whose model it shares.</summary>
    /// <param name="client">The client.</param>
    public RwkvImageToTextService(RwkvChatClient client)
        : this(new RwkvChatCompletionService(client), client?.Options!)
    {
    }

    internal RwkvImageToTextService(RwkvChatCompletionService chat, RwkvOptions options) => (_chat, _options) = (chat, options);

    /// <inheritdoc/>
    public IReadOnlyDictionary<string, object?> Attributes => _chat.Attributes;

    /// <summary>Says what a picture shows.</summary>
    /// <param name="content">The picture: bytes, a data URI, or an address that the options allow.</param>
    /// <param name="executionSettings"><see cref="RwkvPromptExecutionSettings.Prompt"/> is what is asked; functions are not offered.</param>
    /// <param name="kernel">Not used.</param>
    /// <param name="cancellationToken">Stops within one step.</param>
    /// <returns>Exactly one text.</returns>
    /// <exception cref="ArgumentException">There is no picture in the content.</exception>
    public async Task<IReadOnlyList<TextContent>> GetTextContentsAsync(
        ImageContent content, PromptExecutionSettings? executionSettings = null, Kernel? kernel = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(content);
        var settings = (RwkvPromptExecutionSettings)RwkvPromptExecutionSettings.FromExecutionSettings(executionSettings).Clone();
        settings.FunctionChoiceBehavior = null;
        settings.ReadAhead ??= false;   // one question, one answer
        var question = string.IsNullOrWhiteSpace(settings.Prompt) ? _options.CaptionPrompt : settings.Prompt;

        var history = new ChatHistory();
        history.AddUserMessage([content, new TextContent(question)]);
        var messages = await _chat.GetChatMessageContentsAsync(history, settings, kernel: null, cancellationToken).ConfigureAwait(false);
        var answer = messages[0];
        return [new TextContent(answer.Content ?? "", answer.ModelId, answer.InnerContent, Encoding.UTF8, answer.Metadata)];
    }

    /// <summary>Frees the model, where the client loaded it.</summary>
    public void Dispose() => _chat.Dispose();
}
