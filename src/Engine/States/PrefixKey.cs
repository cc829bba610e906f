using System.Buffers.Binary;
using System.Runtime.InteropServices;
using System.Security.Cryptography;

namespace RwkvSk.Engine.States;

/// <summary>
/// Names everything that was read up to some position, and in which steps: h(i) = SHA-256(h(i-1), kind, content). Two equal keys mean the same model, the
/// same tokens and pictures and the same cuts between steps, so their states are equal bit for bit.
/// </summary>
internal readonly record struct PrefixKey(Digest Value)
{
    private const byte TokensKind = 1;
    private const byte ImageKind = 2;
    private const byte ScopeKind = 3;

    /// <summary>The key of having read nothing.</summary>
    /// <param name="parts">What decides the numbers: fingerprints, chunk length, scope. Each is hashed with its length, so no two lists read alike.</param>
    public static PrefixKey Root(params ReadOnlySpan<byte[]> parts)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        hash.AppendData("RwkvSk prefix, form 1"u8);
        Span<byte> length = stackalloc byte[sizeof(int)];
        foreach (var part in parts)
        {
            BinaryPrimitives.WriteInt32LittleEndian(length, part.Length);
            hash.AppendData(length);
            hash.AppendData(part);
        }

        return Take(hash);
    }

    /// <summary>The key after one more step over tokens.</summary>
    public PrefixKey Then(ReadOnlySpan<int> tokens) => Then(TokensKind, MemoryMarshal.AsBytes(tokens));

    /// <summary>The key after one more picture.</summary>
    public PrefixKey ThenImage(Digest content)
    {
        Span<byte> bytes = stackalloc byte[Digest.Length];
        content.Write(bytes);
        return Then(ImageKind, bytes);
    }

    /// <summary>The same place for somebody who shares nothing with others.</summary>
    public PrefixKey In(ReadOnlySpan<byte> scope) => Then(ScopeKind, scope);

    /// <inheritdoc/>
    public override string ToString() => Value.ToString();

    private PrefixKey Then(byte kind, ReadOnlySpan<byte> content)
    {
        Span<byte> head = stackalloc byte[Digest.Length + 1];
        Value.Write(head);
        head[Digest.Length] = kind;
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        hash.AppendData(head);
        hash.AppendData(content);
        return Take(hash);
    }

    private static PrefixKey Take(IncrementalHash hash)
    {
        Span<byte> value = stackalloc byte[Digest.Length];
        hash.GetHashAndReset(value);
        return new(Digest.Read(value));
    }
}
