using System.Buffers.Binary;
using System.Security.Cryptography;

namespace RwkvSk.Engine.Tokenization;

/// <summary>The bytes of every token id in one block of memory. Ids may have gaps; those have no bytes.</summary>
internal sealed class TokenTable
{
    /// <summary>Larger ids are taken for a damaged file rather than a vocabulary.</summary>
    public const int MaximumId = (1 << 24) - 1;

    private readonly byte[] _bytes;
    private readonly int[] _ends;

    /// <summary>Lays out the tokens.</summary>
    /// <param name="tokens">Indexed by id; null where an id has no bytes.</param>
    public TokenTable(IReadOnlyList<byte[]?> tokens)
    {
        _bytes = new byte[tokens.Sum(token => token?.Length ?? 0)];
        _ends = new int[tokens.Count];
        var end = 0;
        for (var id = 0; id < tokens.Count; id++)
        {
            if (tokens[id] is { } token)
            {
                token.CopyTo(_bytes, end);
                end += token.Length;
            }

            _ends[id] = end;
        }
    }

    /// <summary>One more than the largest id.</summary>
    public int Count => _ends.Length;

    /// <summary>The bytes of one id; empty where it has none, also for ids outside of the table.</summary>
    public ReadOnlySpan<byte> this[int id] => Memory(id).Span;

    /// <summary>The same as the indexer, to be kept.</summary>
    public ReadOnlyMemory<byte> Memory(int id)
    {
        if ((uint)id >= (uint)_ends.Length)
        {
            return default;
        }

        var start = id == 0 ? 0 : _ends[id - 1];
        return _bytes.AsMemory(start, _ends[id] - start);
    }

    /// <summary>SHA-256 over id, length (both 32 bits, little endian) and bytes of every token, by ascending id.</summary>
    public byte[] Hash(ReadOnlySpan<byte> salt)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        hash.AppendData(salt);
        Span<byte> head = stackalloc byte[8];
        for (var id = 0; id < Count; id++)
        {
            var bytes = this[id];
            if (!bytes.IsEmpty)
            {
                BinaryPrimitives.WriteInt32LittleEndian(head, id);
                BinaryPrimitives.WriteInt32LittleEndian(head[4..], bytes.Length);
                hash.AppendData(head);
                hash.AppendData(bytes);
            }
        }

        return hash.GetHashAndReset();
    }
}
