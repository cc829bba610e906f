namespace RwkvSk.Engine.Tokenization;

/// <summary>Text to token ids and back. Immutable and safe from any thread.</summary>
internal interface ITokenizer
{
    /// <summary>One more than the largest id the vocabulary file defines. A model's embedding may have more rows; those ids have no bytes.</summary>
    int VocabularySize { get; }

    /// <summary>Appends the ids of <paramref name="utf8"/>. Any bytes can be encoded, valid UTF-8 or not.</summary>
    void Encode(ReadOnlySpan<byte> utf8, ICollection<int> ids);

    /// <summary>
    /// How many of these bytes, from the first, become the same tokens whatever follows them; null where tokens are always the longest match, so that
    /// whoever knows the tokens can see it.
    /// </summary>
    int? SettledLength(ReadOnlySpan<byte> utf8) => null;

    /// <summary>The bytes of one token; empty for ids without bytes (0 and ids past the vocabulary).</summary>
    ReadOnlySpan<byte> BytesOf(int id);

    /// <summary>SHA-256 over the vocabulary: two tokenizers with equal fingerprints encode alike. Part of every prefix key.</summary>
    ReadOnlySpan<byte> Fingerprint { get; }
}
