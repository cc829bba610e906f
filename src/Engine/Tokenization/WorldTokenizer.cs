using System.Buffers.Binary;

namespace RwkvSk.Engine.Tokenization;

/// <summary>The tokenizer of the RWKV World models and of every VisualRWKV: from left to right, always the longest token that fits.</summary>
internal sealed class WorldTokenizer : ITokenizer
{
    private readonly TokenTable _tokens;
    private readonly ByteTrie _trie;
    private readonly byte[] _fingerprint;

    private WorldTokenizer(TokenTable tokens, ByteTrie trie)
    {
        _tokens = tokens;
        _trie = trie;
        _fingerprint = tokens.Hash([]);
    }

    /// <inheritdoc/>
    public int VocabularySize => _tokens.Count;

    /// <inheritdoc/>
    public ReadOnlySpan<byte> Fingerprint => _fingerprint;

    /// <summary>Reads a vocabulary file.</summary>
    /// <exception cref="ModelFormatException">It is no World vocabulary.</exception>
    public static WorldTokenizer Load(string path) => Parse(File.ReadAllBytes(path), Path.GetFileName(path));

    /// <summary>Reads the content of a vocabulary file.</summary>
    /// <param name="file">The content.</param>
    /// <param name="name">What errors call it.</param>
    /// <exception cref="ModelFormatException">It is no World vocabulary, or one that cannot encode every text.</exception>
    public static WorldTokenizer Parse(ReadOnlySpan<byte> file, string name)
    {
        var tokens = new TokenTable(WorldVocabularyFile.Parse(file, name));
        var entries = Sorted(tokens);
        var singles = new bool[256];
        for (var i = 0; i < entries.Length; i++)
        {
            if (i > 0 && entries[i].Bytes.Span.SequenceEqual(entries[i - 1].Bytes.Span))
            {
                throw new ModelFormatException($"{name}: ids {entries[i - 1].Id} and {entries[i].Id} are the same token");
            }

            if (entries[i].Bytes.Length == 1)
            {
                singles[entries[i].Bytes.Span[0]] = true;
            }
        }

        // With every single byte a token, the longest match always exists and any bytes can be encoded.
        var missing = Array.IndexOf(singles, false);
        return missing < 0
            ? new WorldTokenizer(tokens, ByteTrie.Build(entries))
            : throw new ModelFormatException($"{name}: the byte 0x{missing:X2} alone is no token, so not every text could be encoded");
    }

    /// <inheritdoc/>
    public void Encode(ReadOnlySpan<byte> utf8, ICollection<int> ids)
    {
        while (!utf8.IsEmpty)
        {
            ids.Add(_trie.LongestMatch(utf8, out var length));
            utf8 = utf8[length..];
        }
    }

    /// <inheritdoc/>
    public ReadOnlySpan<byte> BytesOf(int id) => _tokens[id];

    private static (ReadOnlyMemory<byte> Bytes, int Id)[] Sorted(TokenTable tokens)
    {
        var entries = new List<(ulong Head, ReadOnlyMemory<byte> Bytes, int Id)>(tokens.Count);
        for (var id = 0; id < tokens.Count; id++)
        {
            if (!tokens[id].IsEmpty)
            {
                entries.Add((Head(tokens[id]), tokens.Memory(id), id));
            }
        }

        entries.Sort(static (a, b) =>
        {
            var order = a.Head.CompareTo(b.Head);
            order = order != 0 ? order : a.Bytes.Span.SequenceCompareTo(b.Bytes.Span);
            return order != 0 ? order : a.Id.CompareTo(b.Id);
        });
        return [.. entries.Select(static entry => (entry.Bytes, entry.Id))];
    }

    // The first eight bytes as one number that sorts like them: decides nearly every comparison.
    private static ulong Head(ReadOnlySpan<byte> bytes)
    {
        Span<byte> head = stackalloc byte[8];
        head.Clear();
        bytes[..Math.Min(bytes.Length, 8)].CopyTo(head);
        return BinaryPrimitives.ReadUInt64BigEndian(head);
    }
}
