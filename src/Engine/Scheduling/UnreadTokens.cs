namespace RwkvSk.Engine.Scheduling;

/// <summary>
/// Tokens of an answer that were chosen and that the model has not read: usually the one chosen last; more, where a constraint left no choice. Decode steps
/// read them one by one, unless there are enough to make a prefill step worth while.
/// </summary>
internal sealed class UnreadTokens
{
    /// <summary>
    /// From this many on they are read by prefill. Fewer are decoded together with everyone else's tokens, for which a step of their own would be one more to wait for.
    /// The number of sequences has no say: equal requests are read in equal steps.
    /// </summary>
    public const int LeastSpan = 4;

    private int[] _tokens = new int[1];
    private int _taken;
    private int _added;

    /// <summary>How many there are.</summary>
    public int Count => _added - _taken;

    /// <summary>Whether prefill reads them.</summary>
    public bool IsSpan => Count >= LeastSpan;

    /// <summary>Adds one at the end.</summary>
    public void Add(int id)
    {
        if (Count == 0)
        {
            (_taken, _added) = (0, 0);
        }

        if (_added == _tokens.Length)
        {
            Array.Resize(ref _tokens, 2 * _tokens.Length);
        }

        _tokens[_added++] = id;
    }

    /// <summary>Takes up to <paramref name="most"/> from the front; valid until the next one is added.</summary>
    public ReadOnlyMemory<int> Take(int most)
    {
        var taken = _tokens.AsMemory(_taken, Math.Min(most, Count));
        _taken += taken.Length;
        return taken;
    }
}
