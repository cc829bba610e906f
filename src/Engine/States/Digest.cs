using System.Buffers.Binary;
using System.Security.Cryptography;

namespace RwkvSk.Engine.States;

/// <summary>A SHA-256 value: 32 bytes that compare and hash without allocating.</summary>
internal readonly record struct Digest(UInt128 High, UInt128 Low)
{
    /// <summary>Bytes in a digest.</summary>
    public const int Length = SHA256.HashSizeInBytes;

    /// <summary>The digest of some content.</summary>
    public static Digest Of(ReadOnlySpan<byte> content)
    {
        Span<byte> hash = stackalloc byte[Length];
        SHA256.HashData(content, hash);
        return Read(hash);
    }

    /// <summary>Takes 32 bytes as they stand.</summary>
    public static Digest Read(ReadOnlySpan<byte> hash) => new(BinaryPrimitives.ReadUInt128BigEndian(hash), BinaryPrimitives.ReadUInt128BigEndian(hash[16..]));

    /// <summary>Writes the 32 bytes.</summary>
    public void Write(Span<byte> destination)
    {
        BinaryPrimitives.WriteUInt128BigEndian(destination, High);
        BinaryPrimitives.WriteUInt128BigEndian(destination[16..], Low);
    }

    /// <inheritdoc/>
    public override int GetHashCode() => unchecked((int)(ulong)Low);   // every bit of a SHA-256 is as good as any other

    /// <summary>Lower-case hexadecimal, 64 digits.</summary>
    public override string ToString() => $"{High:x32}{Low:x32}";
}
