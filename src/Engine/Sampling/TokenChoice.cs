namespace RwkvSk.Engine.Sampling;

/// <summary>
/// How one token is chosen where the logits and the vocabulary's forbidden ids alone decide: all that <see cref="Sampler"/> would look at, for whoever chooses in its place.
/// </summary>
/// <param name="Temperature">0 takes the most likely token, the first of equal ones.</param>
/// <param name="TopP">1 cuts nothing.</param>
/// <param name="TopK">0 cuts nothing.</param>
/// <param name="Seed">The generator's.</param>
/// <param name="Drawn">Numbers of the generator that are used up: a draw takes the next.</param>
internal readonly record struct TokenChoice(float Temperature, float TopP, int TopK, ulong Seed, ulong Drawn);

/// <summary>What came of a <see cref="TokenChoice"/>.</summary>
/// <param name="Id">The token; <see cref="None"/> where a logit is not a number or every id is forbidden.</param>
/// <param name="Drawn">Numbers of the generator that are used up now: none more where nothing was drawn.</param>
internal readonly record struct ChosenToken(int Id, ulong Drawn)
{
    /// <summary>There was nothing to choose from.</summary>
    public const int None = -1;
}
