using System.Diagnostics.CodeAnalysis;

namespace RwkvSk.Engine.States;

/// <summary>
/// 32 opaque bytes that name a kept state, or who may share it. Equal keys stand for equal content: a key is a hash over the model and everything that was
/// read, so it tells nobody what that was, and two engines that read the same write the same.
/// </summary>
public readonly struct SnapshotKey : IEquatable<SnapshotKey>
{
    /// <summary>Bytes in a key.</summary>
    public const int Length = Digest.Length;

    private readonly Digest _value;

    /// <summary>Takes a key's bytes.</summary>
    /// <param name="bytes">32 bytes.</param>
    /// <exception cref="ArgumentException">They are not 32.</exception>
    public SnapshotKey(ReadOnlySpan<byte> bytes)
    {
        if (bytes.Length != Length)
        {
            throw new ArgumentException($"A snapshot's key has {Length} bytes, found {bytes.Length}.", nameof(bytes));
        }

        _value = Digest.Read(bytes);
    }

    internal SnapshotKey(Digest value) => _value = value;

    /// <summary>The key as the engine's own rooms know it.</summary>
    internal Digest Value => _value;

    /// <summary>Reads what <see cref="ToString"/> writes.</summary>
    /// <param name="text">64 hexadecimal digits.</param>
    /// <param name="key">The key, where it is one.</param>
    /// <returns>Whether it is one.</returns>
    public static bool TryParse(ReadOnlySpan<char> text, out SnapshotKey key)
    {
        Span<byte> bytes = stackalloc byte[Length];
        var isKey = text.Length == 2 * Length && Convert.FromHexString(text, bytes, out _, out _) == System.Buffers.OperationStatus.Done;
        key = isKey ? new SnapshotKey(bytes) : default;
        return isKey;
    }

    /// <summary>Writes the 32 bytes.</summary>
    /// <param name="destination">At least 32 bytes.</param>
    public void CopyTo(Span<byte> destination) => _value.Write(destination);

    /// <inheritdoc/>
    public bool Equals(SnapshotKey other) => _value == other._value;

    /// <inheritdoc/>
    public override bool Equals([NotNullWhen(true)] object? obj) => obj is SnapshotKey other && Equals(other);

    /// <inheritdoc/>
    public override int GetHashCode() => _value.GetHashCode();

    /// <summary>Lower-case hexadecimal, 64 digits.</summary>
    public override string ToString() => _value.ToString();

    /// <summary>Whether two keys are equal.</summary>
    public static bool operator ==(SnapshotKey left, SnapshotKey right) => left.Equals(right);

    /// <summary>Whether two keys differ.</summary>
    public static bool operator !=(SnapshotKey left, SnapshotKey right) => !left.Equals(right);
}
