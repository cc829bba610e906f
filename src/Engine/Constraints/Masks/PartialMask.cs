using System.Numerics;

namespace RwkvSk.Engine.Constraints.Masks;

/// <summary>
/// The tokens that stay inside one automaton, whatever comes after it, and the places in the trie where a token has finished it with bytes left
/// over: those depend on what follows. Few tokens are kept as a list, many as bits.
/// </summary>
internal sealed class PartialMask
{
    private const int MostListed = 512;

    private readonly ulong[]? _words;
    private readonly int[] _tokens = [];

    /// <param name="mask">Scratch; copied.</param>
    /// <param name="exits">Trie nodes, each with children.</param>
    public PartialMask(TokenMask mask, ReadOnlySpan<int> exits)
    {
        Exits = exits.ToArray();
        var count = mask.Count;
        if (count > MostListed)
        {
            _words = mask.Words.ToArray();
            return;
        }

        _tokens = new int[count];
        var at = 0;
        for (var i = 0; i < mask.Words.Length; i++)
        {
            for (var word = mask.Words[i]; word != 0; word &= word - 1)
            {
                _tokens[at++] = (i * 64) + BitOperations.TrailingZeroCount(word);
            }
        }
    }

    public int[] Exits { get; }

    public void AddTo(TokenMask mask)
    {
        if (_words is not null)
        {
            var words = mask.Words;
            for (var i = 0; i < words.Length; i++)
            {
                words[i] |= _words[i];
            }
        }

        foreach (var token in _tokens)
        {
            mask.Add(token);
        }
    }
}
