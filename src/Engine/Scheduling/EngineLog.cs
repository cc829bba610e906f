using Microsoft.Extensions.Logging;

namespace RwkvSk.Engine.Scheduling;

/// <summary>What the engine says while it works. No text of a prompt or an answer is ever logged here.</summary>
internal static partial class EngineLog
{
    [LoggerMessage(1, LogLevel.Debug, "Prompt of {Positions} positions: {Reused} reused, {Read} read. {Explanation}")]
    public static partial void PromptDone(ILogger logger, long positions, long reused, long read, string explanation);

    [LoggerMessage(2, LogLevel.Debug, "Answer ended ({Reason}): {Tokens} tokens in {Milliseconds} ms.")]
    public static partial void AnswerEnded(ILogger logger, FinishReason reason, int tokens, long milliseconds);

    [LoggerMessage(3, LogLevel.Error, "A {Phase} step of {Sequences} sequences failed; they end, the others go on.")]
    public static partial void StepFailed(ILogger logger, Phase phase, int sequences, Exception error);

    [LoggerMessage(5, LogLevel.Debug, "Read {Positions} positions ahead.")]
    public static partial void ReadAhead(ILogger logger, long positions);

    [LoggerMessage(20, LogLevel.Warning, "A request was refused ({Reason}); {Waiting} others wait.")]
    public static partial void Refused(ILogger logger, BusyReason reason, int waiting);

    [LoggerMessage(4, LogLevel.Critical, "The engine's loop stopped; every request ends.")]
    public static partial void LoopFailed(ILogger logger, Exception error);
}
