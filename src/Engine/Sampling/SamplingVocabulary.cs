using RwkvSk.Engine.Tokenization;

namespace RwkvSk.Engine.Sampling;

/// <summary>What sampling must know about a model's ids. Immutable, one per model, shared by all sequences.</summary>
internal sealed class SamplingVocabulary
{
    private readonly int[] _forbidden;
    private readonly bool[] _isExempt;

    /// <summary>Looks at every id once.</summary>
    /// <param name="tokenizer">Gives the ids their bytes.</param>
    /// <param name="size">V: the length of a row of logits. Embeddings are often padded past the vocabulary.</param>
    /// <param name="ends">Ids that end a text: they may be sampled although they have no bytes.</param>
    /// <exception cref="ModelFormatException">The tokenizer has ids that the model has not.</exception>
    public SamplingVocabulary(ITokenizer tokenizer, int size, params ReadOnlySpan<int> ends)
    {
        if (tokenizer.VocabularySize > size)
        {
            throw new ModelFormatException($"the vocabulary has ids up to {tokenizer.VocabularySize - 1}, and the model gives logits for {size} ids: they do not belong together");
        }

        Size = size;
        _isExempt = new bool[size];
        var forbidden = new List<int>();
        for (var id = 0; id < size; id++)
        {
            var bytes = tokenizer.BytesOf(id);
            _isExempt[id] = RepetitionPenalty.IsExempt(bytes);
            if (bytes.IsEmpty && !ends.Contains(id))
            {
                forbidden.Add(id);
            }
        }

        _forbidden = [.. forbidden];
    }

    /// <summary>V: the length of a row of logits.</summary>
    public int Size { get; }

    /// <summary>Ids that stand for no text and must never be sampled, ascending.</summary>
    public ReadOnlySpan<int> Forbidden => _forbidden;

    /// <summary>Whether repeating this id costs nothing: digits, spaces and tabs.</summary>
    public bool IsExempt(int id) => (uint)id >= (uint)_isExempt.Length || _isExempt[id];
}
