using System.Globalization;
using System.Net.ServerSentEvents;
using System.Runtime.CompilerServices;
using Microsoft.Extensions.AI;
using Microsoft.SemanticKernel;
using Microsoft.SemanticKernel.ChatCompletion;
using RwkvSk.Connector;
using RwkvSk.Engine;

namespace RwkvSk.Samples.WebChat;

/// <summary>A piece of an answer, or, last, what it took.</summary>
/// <param name="Text">More of the answer.</param>
/// <param name="Read">Tokens that were read for it.</param>
/// <param name="Reused">Tokens whose state was kept from before.</param>
internal sealed record ChatEvent(string? Text = null, long? Read = null, long? Reused = null);

/// <summary><c>POST /api/chat</c>: a conversation in, the answer out as server-sent events while it is written.</summary>
internal static class ChatEndpoint
{
    private static readonly RwkvPromptExecutionSettings Settings = new() { Temperature = 0, MaxTokens = 256 };

    /// <summary>Answers. What is wrong with the request, and that there is too much to do, is known before the first event and said as a status.</summary>
    public static async Task<IResult> AnswerAsync(ChatRequest request, IChatCompletionService chat, HttpContext http, CancellationToken cancellation)
    {
        if (request.Problem() is { } problem)
        {
            return TypedResults.Problem(problem, statusCode: StatusCodes.Status400BadRequest);
        }

        // The token is the request's: whoever closes the page frees the place of their answer.
        IAsyncEnumerator<StreamingChatMessageContent>? answer = null;
        try
        {
            answer = chat.GetStreamingChatMessageContentsAsync(request.ToHistory(), Settings, cancellationToken: cancellation).GetAsyncEnumerator(cancellation);
            var hasFirst = await answer.MoveNextAsync();
            var stream = EventsAsync(answer, hasFirst, cancellation);
            answer = null;   // the stream's from here
            return TypedResults.ServerSentEvents(stream);
        }
        catch (RwkvBusyException busy)
        {
            http.Response.Headers.RetryAfter = Math.Ceiling(busy.RetryAfter.TotalSeconds).ToString(CultureInfo.InvariantCulture);
            return TypedResults.Problem(busy.Message, statusCode: (int)busy.StatusCode!);
        }
        catch (Exception exception) when (exception is ImageFormatException or UriFormatException or NotSupportedException)
        {
            return TypedResults.Problem(exception.Message, statusCode: StatusCodes.Status400BadRequest);
        }
        finally
        {
            if (answer is not null)
            {
                await answer.DisposeAsync();
            }
        }
    }

    private static async IAsyncEnumerable<SseItem<ChatEvent>> EventsAsync(
        IAsyncEnumerator<StreamingChatMessageContent> answer, bool hasFirst, [EnumeratorCancellation] CancellationToken cancellation)
    {
        await using var _ = answer;
        for (var hasNext = hasFirst; hasNext; hasNext = await answer.MoveNextAsync())
        {
            cancellation.ThrowIfCancellationRequested();
            if (answer.Current.Content is { Length: > 0 } text)
            {
                yield return new(new ChatEvent(Text: text), "text");
            }

            if (answer.Current.Metadata?.GetValueOrDefault("Usage") is UsageDetails usage)
            {
                yield return new(new ChatEvent(Read: usage.InputTokenCount - usage.CachedInputTokenCount, Reused: usage.CachedInputTokenCount), "done");
            }
        }
    }
}
