using Microsoft.Extensions.Logging;

namespace RwkvSk.Connector.Diagnostics;

/// <summary>Everything the connector logs. Contents appear at Trace alone.</summary>
internal static partial class RwkvLog
{
    [LoggerMessage(1, LogLevel.Information, "Prompt tokens: {PromptTokens} (reused: {ReusedTokens}). Completion tokens: {CompletionTokens}. Total tokens: {TotalTokens}.")]
    public static partial void Usage(ILogger logger, long promptTokens, long reusedTokens, int completionTokens, long totalTokens);

    [LoggerMessage(2, LogLevel.Debug, "Answering a prompt of {Turns} turns and {Images} images with {Tools} tools ({ToolMode}).")]
    public static partial void Answering(ILogger logger, int turns, int images, int tools, string toolMode);

    [LoggerMessage(3, LogLevel.Trace, "Prompt: {Prompt}", SkipEnabledCheck = true)]
    public static partial void Prompt(ILogger logger, string prompt);

    [LoggerMessage(4, LogLevel.Trace, "Answer: {Answer}", SkipEnabledCheck = true)]
    public static partial void Answer(ILogger logger, string answer);

    [LoggerMessage(5, LogLevel.Debug, "The answer ended: {FinishReason}, first token after {TimeToFirstToken}, all after {TotalTime}.")]
    public static partial void Answered(ILogger logger, string finishReason, TimeSpan timeToFirstToken, TimeSpan totalTime);

    [LoggerMessage(6, LogLevel.Warning, "The setting '{Setting}' is unknown and was ignored.")]
    public static partial void UnknownSetting(ILogger logger, string setting);

    [LoggerMessage(7, LogLevel.Warning, "The tool '{Tool}' is no function and was left out of the prompt.")]
    public static partial void UnsupportedTool(ILogger logger, string tool);

    [LoggerMessage(8, LogLevel.Warning, "The model '{Model}' was not trained on tools; its calls may be poor.")]
    public static partial void UntrainedOnTools(ILogger logger, string model);

    [LoggerMessage(10, LogLevel.Debug, "Function calls: {Calls}.", SkipEnabledCheck = true)]
    public static partial void FunctionCalls(ILogger logger, string calls);

    [LoggerMessage(11, LogLevel.Debug, "Round {Round}: function choice {Choice}, {Functions} functions, invoked automatically: {AutoInvoke}.")]
    public static partial void FunctionChoice(ILogger logger, int round, string choice, int functions, bool autoInvoke);

    [LoggerMessage(12, LogLevel.Debug, "Function call {Id} failed.")]
    public static partial void FunctionFailed(ILogger logger, string? id);

    [LoggerMessage(13, LogLevel.Trace, "Function call {Id} failed: {Message}", SkipEnabledCheck = true)]
    public static partial void FunctionFailedBecause(ILogger logger, string? id, string message);

    [LoggerMessage(14, LogLevel.Debug, "A filter ended the function calls at {Function} [Id: {Id}].")]
    public static partial void FunctionsTerminated(ILogger logger, string function, string? id);

    [LoggerMessage(15, LogLevel.Debug, "{Rounds} rounds of function calls were made; no more are invoked.")]
    public static partial void RoundLimit(ILogger logger, int rounds);

    [LoggerMessage(20, LogLevel.Information, "Warming up the model '{Model}'.")]
    public static partial void WarmingUp(ILogger logger, string model);

    [LoggerMessage(21, LogLevel.Error, "The model '{Model}' could not be warmed up.")]
    public static partial void WarmUpFailed(ILogger logger, Exception error, string model);
}
