namespace RwkvSk.Engine;

/// <summary>Why an engine refused a request.</summary>
public enum BusyReason
{
    /// <summary>As many requests run and wait as <see cref="EngineOptions.MaxRunning"/> and <see cref="EngineOptions.MaxWaiting"/> allow.</summary>
    QueueFull,

    /// <summary>The request waited as long as <see cref="EngineOptions.MaxWait"/> allows, and no slot became free.</summary>
    WaitedTooLong,
}

/// <summary>The engine has more to do than it takes: try again later (an HTTP API answers 429 for a full queue and 503 after too long a wait).</summary>
public sealed class EngineBusyException : Exception
{
    /// <summary>Creates the exception for a full queue.</summary>
    public EngineBusyException(string message)
        : this(message, BusyReason.QueueFull, TimeSpan.FromSeconds(1))
    {
    }

    /// <summary>Creates the exception.</summary>
    /// <param name="message">What was asked of the engine, and what it takes.</param>
    /// <param name="reason">Why the request was refused.</param>
    /// <param name="retryAfter">When it is worth while to ask again.</param>
    public EngineBusyException(string message, BusyReason reason, TimeSpan retryAfter)
        : base(message) => (Reason, RetryAfter) = (reason, retryAfter);

    /// <summary>Why the request was refused.</summary>
    public BusyReason Reason { get; }

    /// <summary>When it is worth while to ask again: an estimate from how long the last requests ran and how many wait; at least one second.</summary>
    public TimeSpan RetryAfter { get; }
}
