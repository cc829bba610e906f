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

    [LoggerMessage(6, LogLevel.Information, "A request ended without an answer, for its picture was refused: {Reason}")]
    public static partial void PictureRefused(ILogger logger, string reason);

    [LoggerMessage(5, LogLevel.Debug, "Read {Positions} positions ahead.")]
    public static partial void ReadAhead(ILogger logger, long positions);

    [LoggerMessage(20, LogLevel.Warning, "A request was refused ({Reason}); {Waiting} others wait.")]
    public static partial void Refused(ILogger logger, BusyReason reason, int waiting);

    [LoggerMessage(30, LogLevel.Warning, "The store '{Store}' fails ({Message}); until it answers again, prefixes that only it holds are read anew.")]
    public static partial void StoreFailed(ILogger logger, string store, string message, Exception error);

    [LoggerMessage(31, LogLevel.Information, "The store '{Store}' answers again.")]
    public static partial void StoreRecovered(ILogger logger, string store);

    [LoggerMessage(32, LogLevel.Warning, "A stored state was refused and removed; its prefix is read anew. {Reason}")]
    public static partial void StateRefused(ILogger logger, string reason);

    [LoggerMessage(33, LogLevel.Warning, "Stored states are protected against damage alone: set a snapshot secret, so that nobody else can write them.")]
    public static partial void NoSecret(ILogger logger);

    [LoggerMessage(4, LogLevel.Critical, "The engine's loop stopped; every request ends.")]
    public static partial void LoopFailed(ILogger logger, Exception error);
}
