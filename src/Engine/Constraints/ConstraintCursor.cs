namespace RwkvSk.Engine.Constraints;

/// <summary>Where one sequence stands in its constraint.</summary>
internal abstract class ConstraintCursor
{
    /// <summary>Any token may come next, and the answer may end: the sampler chooses as if there were no constraint.</summary>
    public virtual bool IsOpen => false;

    /// <summary>The answer is whole here: it may end.</summary>
    public abstract bool MayEnd { get; }

    /// <summary>The answer is whole and nothing may follow: it must end.</summary>
    public abstract bool MustEnd { get; }

    /// <summary>Sets every logit that may not come next to negative infinity. Ending is not a token here: the loop asks <see cref="MayEnd"/>.</summary>
    public abstract void Mask(Span<float> logits);

    /// <summary>Whether <see cref="Mask"/> leaves one token open.</summary>
    public abstract bool Allows(int tokenId);

    /// <summary>Moves past a token that <see cref="Mask"/> allowed.</summary>
    public abstract void Accept(int tokenId);

    /// <summary>
    /// Appends the tokens that must come next whatever the answer will be, and says whether there are any. Does not move: read them as prefill and
    /// pass each to <see cref="Accept"/>.
    /// </summary>
    public abstract bool TryForced(List<int> ids);

    /// <summary>An independent copy at the same place.</summary>
    public abstract ConstraintCursor Clone();
}
