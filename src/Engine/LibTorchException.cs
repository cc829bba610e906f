namespace RwkvSk.Engine;

/// <summary>libtorch cannot be used on this machine. The message says what is missing and what to do about it.</summary>
public sealed class LibTorchException : Exception
{
    /// <summary>Creates the exception.</summary>
    public LibTorchException(string message)
        : base(message)
    {
    }

    /// <summary>Creates the exception with its cause.</summary>
    public LibTorchException(string message, Exception innerException)
        : base(message, innerException)
    {
    }
}
