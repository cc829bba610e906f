namespace RwkvSk.Engine;

/// <summary>A checkpoint or vocabulary cannot be used. The message names the file, what was expected and what was found; nothing was executed, nothing stays loaded.</summary>
public sealed class ModelFormatException : Exception
{
    /// <summary>Creates the exception.</summary>
    public ModelFormatException(string message)
        : base(message)
    {
    }

    /// <summary>Creates the exception with its cause.</summary>
    public ModelFormatException(string message, Exception innerException)
        : base(message, innerException)
    {
    }
}
