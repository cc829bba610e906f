namespace RwkvSk.Engine.Constraints.Pushdown;

/// <summary>One answer's place in a grammar. The place is an immutable state, so copies are free and snapshots keep it as it is.</summary>
internal sealed class GrammarCursor(PushdownAutomaton automaton, AutomatonState state) : ConstraintCursor
{
    private AutomatonState _state = state;

    /// <inheritdoc/>
    public override bool MayEnd => _state.MayEnd;

    /// <inheritdoc/>
    public override bool MustEnd => _state.MustEnd;

    /// <inheritdoc/>
    public override void Mask(Span<float> logits) => automaton.MaskOf(_state).Apply(logits);

    /// <inheritdoc/>
    public override bool Allows(int tokenId) => automaton.MaskOf(_state).Contains(tokenId);

    /// <inheritdoc/>
    public override void Accept(int tokenId) => _state = automaton.Next(_state, tokenId)
        ?? throw new InvalidOperationException($"token {tokenId} is not allowed here: take the constraint's mask into account");

    /// <inheritdoc/>
    public override bool TryForced(List<int> ids)
    {
        ArgumentNullException.ThrowIfNull(ids);
        var forced = automaton.ForcedOf(_state);
        ids.AddRange(forced);
        return !forced.IsEmpty;
    }

    /// <inheritdoc/>
    public override ConstraintCursor Clone() => new GrammarCursor(automaton, _state);
}
