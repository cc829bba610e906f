namespace RwkvSk.Engine.Constraints;

/// <summary>What an answer must look like. An immutable description, compiled once and shared; one <see cref="ConstraintCursor"/> walks it per sequence.</summary>
public abstract class Constraint
{
    private protected Constraint()
    {
    }

    /// <summary>A cursor at the start of the answer.</summary>
    internal abstract ConstraintCursor Start();
}

/// <summary>Where one sequence stands in its constraint.</summary>
internal abstract class ConstraintCursor
{
    /// <summary>The answer is whole here: it may end.</summary>
    public abstract bool MayEnd { get; }

    /// <summary>The answer is whole and nothing may follow: it must end.</summary>
    public abstract bool MustEnd { get; }

    /// <summary>Sets every logit that may not come next to negative infinity. Ending is not a token here: the loop asks <see cref="MayEnd"/>.</summary>
    public abstract void Mask(Span<float> logits);

    /// <summary>Moves past a token that <see cref="Mask"/> allowed.</summary>
    public abstract void Accept(int tokenId);

    /// <summary>An independent copy at the same place.</summary>
    public abstract ConstraintCursor Clone();
}
