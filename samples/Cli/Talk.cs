using System.Globalization;
using Microsoft.Extensions.AI;
using Microsoft.SemanticKernel.ChatCompletion;
using RwkvSk.Connector;
using RwkvSk.Engine;
using ImageContent = Microsoft.SemanticKernel.ImageContent;
using TextContent = Microsoft.SemanticKernel.TextContent;

namespace RwkvSk.Cli;

/// <summary>One conversation through Semantic Kernel's chat completion, answers streamed to <paramref name="output"/>.</summary>
internal sealed class Talk(RwkvOptions options, RwkvPromptExecutionSettings settings, TextWriter output) : IDisposable
{
    // Says no more than that it is a picture: the bytes decide the format.
    private const string AnyPicture = "image/png";

    private readonly RwkvChatCompletionService _chat = new(options);
    private ChatHistory _history = [];

    /// <summary>Begins anew, with a system text or without one.</summary>
    public void Begin(string? system) => _history = string.IsNullOrWhiteSpace(system) ? [] : new ChatHistory(system);

    /// <summary>Asks, with a picture or without one, and writes the answer as it comes.</summary>
    /// <returns>What it took, for people; empty when the model did not say.</returns>
    /// <exception cref="ImageFormatException">The picture's file is no picture.</exception>
    public async Task<string> AskAsync(string text, string? picture, CancellationToken cancellationToken)
    {
        var before = _history.Count;
        _history.AddUserMessage(picture is null
            ? [new TextContent(text)]
            : [new ImageContent(await File.ReadAllBytesAsync(picture, cancellationToken), AnyPicture), new TextContent(text)]);
        try
        {
            return await AnswerAsync(cancellationToken);
        }
        catch (Exception exception)
        {
            // The history is what was said: a question that got no answer is not in it.
            _history.RemoveRange(before, _history.Count - before);
            if (exception is ImageFormatException && picture is not null)
            {
                throw new ImageFormatException($"'{picture}': {exception.Message}", exception);
            }

            throw;
        }
    }

    public void Dispose() => _chat.Dispose();

    private async Task<string> AnswerAsync(CancellationToken cancellationToken)
    {
        var (answer, usage) = ("", default(UsageDetails));
        await foreach (var chunk in _chat.GetStreamingChatMessageContentsAsync(_history, settings, kernel: null, cancellationToken))
        {
            answer += chunk.Content;
            usage = chunk.Metadata?.GetValueOrDefault("Usage") as UsageDetails ?? usage;
            await output.WriteAsync(chunk.Content);
            await output.FlushAsync(cancellationToken);
        }

        await output.WriteLineAsync();
        _history.AddAssistantMessage(answer);
        return usage is null
            ? ""
            : string.Create(CultureInfo.InvariantCulture, $"{usage.InputTokenCount - usage.CachedInputTokenCount} tokens read, {usage.CachedInputTokenCount} reused, {usage.OutputTokenCount} written");
    }
}
