namespace RwkvSk.Engine;

/// <summary>The engine's queue is full: try again later (an HTTP API answers 429 or 503).</summary>
public sealed class EngineBusyException : Exception
{
    /// <summary>Creates the exception.</summary>
    public EngineBusyException(string message)
        : base(message)
    {
    }
}
