namespace RwkvSk.Engine;

/// <summary>A picture cannot be read: it is no picture, is damaged, or is larger than the limits. The message says which and what was found.</summary>
public sealed class ImageFormatException : Exception
{
    /// <summary>Creates the exception.</summary>
    public ImageFormatException(string message)
        : base(message)
    {
    }

    /// <summary>Creates the exception with its cause.</summary>
    public ImageFormatException(string message, Exception innerException)
        : base(message, innerException)
    {
    }
}
