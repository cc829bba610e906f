namespace RwkvSk.Engine.Constraints;

/// <summary>A schema that cannot be kept to, because it is wrong, no value satisfies it, or it asks for what the automaton cannot express.</summary>
public sealed class ConstraintException : ArgumentException
{
    /// <summary>Names the place and the reason.</summary>
    /// <param name="path">JSON pointer of the keyword, as a fragment: <c>#/properties/age/not</c>.</param>
    /// <param name="reason">One sentence, without a full stop.</param>
    public ConstraintException(string path, string reason)
        : base($"{path}: {reason}")
    {
        (Path, Reason) = (path, reason);
    }

    /// <summary>JSON pointer of the keyword, as a fragment.</summary>
    public string Path { get; }

    /// <summary>What is wrong with it.</summary>
    public string Reason { get; }
}
