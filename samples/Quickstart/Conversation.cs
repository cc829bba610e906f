using System.Diagnostics;
using System.Globalization;
using Microsoft.Extensions.AI;
using Microsoft.SemanticKernel;
using Microsoft.SemanticKernel.ChatCompletion;
using RwkvSk.Connector;
using ImageContent = Microsoft.SemanticKernel.ImageContent;
using TextContent = Microsoft.SemanticKernel.TextContent;

namespace RwkvSk.Samples.Quickstart;

/// <summary>One conversation: questions in, streamed answers and their cost out. The history is all there is; no session is opened anywhere.</summary>
internal sealed class Conversation(Kernel kernel, RwkvPromptExecutionSettings settings, TextWriter output)
{
    private readonly IChatCompletionService _chat = kernel.GetRequiredService<IChatCompletionService>();
    private readonly ChatHistory _history = [];

    /// <summary>Asks and prints the answer while it is generated. Function calls and their results join the history by themselves, the answer is added here.</summary>
    public async Task AskAsync(string question, ImageContent? picture = null)
    {
        await output.WriteAsync($"  user   {question}{Environment.NewLine}  model ");
        _history.AddUserMessage(picture is null ? [new TextContent(question)] : [picture, new TextContent(question)]);

        var (answer, started, first, cost) = ("", Stopwatch.GetTimestamp(), default(TimeSpan?), new UsageDetails());
        await foreach (var chunk in _chat.GetStreamingChatMessageContentsAsync(_history, settings, kernel))
        {
            answer += chunk.Content;
            first ??= chunk.Content is { Length: > 0 } ? Stopwatch.GetElapsedTime(started) : null;
            if (chunk.Metadata?.GetValueOrDefault("Usage") is UsageDetails usage)
            {
                cost.Add(usage);   // one for each time the model was asked
            }

            await output.WriteAsync(answer.Length == chunk.Content?.Length ? $" {chunk.Content}" : chunk.Content);
            await output.FlushAsync();
        }

        _history.AddAssistantMessage(answer);
        await output.WriteLineAsync();
        await output.WriteLineAsync(string.Create(
            CultureInfo.InvariantCulture,
            $"         [{cost.InputTokenCount - cost.CachedInputTokenCount} tokens read, {cost.CachedInputTokenCount} reused, {cost.OutputTokenCount} written; first after {first?.TotalMilliseconds ?? 0:F0} ms, all after {Stopwatch.GetElapsedTime(started).TotalMilliseconds:F0} ms]"));
    }
}
