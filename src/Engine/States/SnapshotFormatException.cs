namespace RwkvSk.Engine.States;

/// <summary>A snapshot's file cannot be used: it is none, was cut short or changed, or belongs to another model. The message says which; nothing of it was used.</summary>
public sealed class SnapshotFormatException : Exception
{
    /// <summary>Creates the exception.</summary>
    public SnapshotFormatException(string message)
        : base(message)
    {
    }

    /// <summary>Creates the exception with its cause.</summary>
    public SnapshotFormatException(string message, Exception innerException)
        : base(message, innerException)
    {
    }
}
