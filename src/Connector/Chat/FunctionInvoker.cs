using System.Text.Encodings.Web;
using System.Text.Json;
using Microsoft.Extensions.Logging;
using Microsoft.SemanticKernel;
using Microsoft.SemanticKernel.ChatCompletion;
using RwkvSk.Connector.Diagnostics;

namespace RwkvSk.Connector;

/// <summary>
/// Invokes the calls of one answer through the kernel's filters and puts calls and results into the history. Every call gets a result: whatever goes
/// wrong is told to the model, so that it can correct itself.
/// </summary>
internal sealed class FunctionInvoker(Kernel kernel, FunctionRound round, PromptExecutionSettings settings, bool isStreaming, ILogger logger)
{
    private static readonly JsonSerializerOptions Relaxed = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>Invokes all calls of a message.</summary>
    /// <param name="history">Receives the message and a result for each call.</param>
    /// <param name="message">The model's message with its calls.</param>
    /// <param name="calls">The calls.</param>
    /// <param name="cancellationToken">Ends the invocation; the exception then reaches the caller.</param>
    /// <returns>The result at which a filter ended everything; null where the model goes on.</returns>
    public async Task<ChatMessageContent?> InvokeAsync(ChatHistory history, ChatMessageContent message, IReadOnlyList<FunctionCallContent> calls, CancellationToken cancellationToken)
    {
        history.Add(message);
        if (logger.IsEnabled(LogLevel.Debug))
        {
            RwkvLog.FunctionCalls(logger, string.Join(", ", calls.Select(static call => $"{FullName(call)} [Id: {call.Id}]")));
        }

        if (round.Options.AllowConcurrentInvocation && calls.Count > 1)
        {
            var outcomes = await Task.WhenAll(calls.Select((call, index) => OutcomeAsync(history, message, call, index, calls.Count, cancellationToken))).ConfigureAwait(false);
            var results = outcomes.Select((outcome, index) => AddResult(history, calls[index], outcome.Result)).ToList();
            var ended = Array.FindIndex(outcomes, static outcome => outcome.Terminate);
            return ended < 0 ? null : End(history, calls[ended], results[ended]);
        }

        for (var index = 0; index < calls.Count; index++)
        {
            var (result, terminate) = await OutcomeAsync(history, message, calls[index], index, calls.Count, cancellationToken).ConfigureAwait(false);
            if (!terminate)
            {
                AddResult(history, calls[index], result);
                continue;
            }

            // The calls that are left get a result too, because a call without one makes a history no model understands; the last word is the filter's.
            foreach (var skipped in calls.Skip(index + 1))
            {
                AddResult(history, skipped, "Error: The function was not invoked, because a filter ended the function calls.");
            }

            return End(history, calls[index], AddResult(history, calls[index], result));
        }

        return null;
    }

    private ChatMessageContent End(ChatHistory history, FunctionCallContent call, ChatMessageContent result)
    {
        RwkvLog.FunctionsTerminated(logger, FullName(call), call.Id);
        if (history[^1] != result)
        {
            history.Remove(result);
            history.Add(result);
        }

        return result;
    }

    private async Task<(object Result, bool Terminate)> OutcomeAsync(
        ChatHistory history, ChatMessageContent message, FunctionCallContent call, int index, int count, CancellationToken cancellationToken)
    {
        if (call.Exception is { } invalid)
        {
            return Failed(call, $"Error: Function call processing failed. Correct yourself. {invalid.Message}");
        }

        if (round.Find(KernelMessages.AdvertisedName(call.PluginName, call.FunctionName)) is not { } advertised)
        {
            return Failed(call, "Error: Function call request for a function that wasn't defined. Correct yourself.");
        }

        if (!kernel.Plugins.TryGetFunction(advertised.PluginName, advertised.Name, out var function))
        {
            return Failed(call, "Error: Requested function could not be found. Correct yourself.");
        }

        var context = new AutoFunctionInvocationContext(kernel, function, new FunctionResult(function) { Culture = kernel.Culture }, history, message)
        {
            Arguments = call.Arguments,
            RequestSequenceIndex = round.Index,
            FunctionSequenceIndex = index,
            FunctionCount = count,
            ToolCallId = call.Id,
            IsStreaming = isStreaming,
            ExecutionSettings = settings,
            CancellationToken = cancellationToken,
        };
        try
        {
            await InvokeAsync(context, 0).ConfigureAwait(false);
            return (Value(context.Result.GetValue<object>()), context.Terminate);
        }
        catch (Exception error) when (!(error is OperationCanceledException && cancellationToken.IsCancellationRequested))
        {
            return Failed(call, $"Error: Exception while invoking function. {error.Message}");
        }
    }

    /// <summary>Filters in the order they were registered, the function innermost. It gets no execution settings: they would make it call functions itself.</summary>
    private static async Task InvokeAsync(AutoFunctionInvocationContext context, int filter)
    {
        if (filter < context.Kernel.AutoFunctionInvocationFilters.Count)
        {
            await context.Kernel.AutoFunctionInvocationFilters[filter].OnAutoFunctionInvocationAsync(context, next => InvokeAsync(next, filter + 1)).ConfigureAwait(false);
        }
        else if (!context.Terminate)
        {
            context.Result = await context.Function.InvokeAsync(context.Kernel, context.Arguments, context.CancellationToken).ConfigureAwait(false);
        }
    }

    private (object Result, bool Terminate) Failed(FunctionCallContent call, string text)
    {
        RwkvLog.FunctionFailed(logger, call.Id);
        if (logger.IsEnabled(LogLevel.Trace))
        {
            RwkvLog.FunctionFailedBecause(logger, call.Id, text);
        }

        return (text, false);
    }

    private static ChatMessageContent AddResult(ChatHistory history, FunctionCallContent call, object result)
    {
        var message = new ChatMessageContent(AuthorRole.Tool, items: []);
        if (result is string text)
        {
            message.Items.Add(new TextContent(text));
        }

        message.Items.Add(new FunctionResultContent(call.FunctionName, call.PluginName, call.Id, result));
        history.Add(message);
        return message;
    }

    /// <summary>Text stays text, a picture stays a picture (the model looks at it), anything else becomes JSON.</summary>
    private static object Value(object? value) => value switch
    {
        null => "",
        string or ImageContent or Microsoft.Extensions.AI.DataContent or IEnumerable<Microsoft.Extensions.AI.AIContent> => value,
        ChatMessageContent or TextContent => value.ToString() ?? "",
        IEnumerable<ChatMessageContent> messages => string.Join('\n', messages),
        _ => JsonSerializer.Serialize(value, Relaxed),
    };

    private static string FullName(FunctionCallContent call) => call.PluginName is null ? call.FunctionName : $"{call.PluginName}-{call.FunctionName}";
}
