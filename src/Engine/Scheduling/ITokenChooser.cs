using RwkvSk.Engine.Sampling;

namespace RwkvSk.Engine.Scheduling;

/// <summary>
/// Decode steps whose tokens are chosen where the logits are, so that no row of V numbers has to come from there. A choice is the <see cref="Sampler"/>'s: for equal logits the
/// most likely token is the same one, the first of equal ones; a drawn token is the same wherever two roundings agree, for the weights of the draw are another exponential
/// function's and are added in another order. They part only where the drawn number, or the cut of top-p or top-k, falls between two results that are a rounding apart, and at high temperatures over logits more than 87
/// below the largest, whose untempered weights fp32 can hardly tell from nothing.
/// Called from the loop's thread.
/// </summary>
internal interface ITokenChooser
{
    /// <summary>Sets the tokens that are never chosen, instead of those before.</summary>
    void Forbid(ReadOnlySpan<int> tokens);

    /// <summary>Reads one token of every row, as a decode step of <see cref="IModelRunner.Step"/> does, and chooses the next token of those rows that say how.</summary>
    /// <param name="rows">Different slots. Rows with a <see cref="BatchRow.Choice"/> and rows without may stand side by side.</param>
    /// <param name="logits">Receives [rows that want them, V], in row order.</param>
    /// <param name="chosen">Receives [rows]: a token for each row with a choice; what stands at other rows' places means nothing.</param>
    void Decode(IReadOnlyList<BatchRow> rows, Span<float> logits, Span<ChosenToken> chosen);
}
