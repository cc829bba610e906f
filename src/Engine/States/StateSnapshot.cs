using System.Runtime.InteropServices;
using System.Security.Cryptography;

namespace RwkvSk.Engine.States;

/// <summary>
/// The shape of a recurrent state: [L,R,C], fp32. R rows per layer: for RWKV-5, 6 and 7 row 0 is the time mix's token shift, rows 1..N hold the
/// WKV state [H,N,N] of the layer row-major ([head, value, key] for RWKV-7, [head, key, value] for RWKV-5 and 6), row N+1 is the channel mix's token
/// shift; for RWKV-4 the rows are shift, numerator, denominator, largest exponent, shift.
/// </summary>
/// <param name="LayerCount">L.</param>
/// <param name="RowCount">R: N + 2 for RWKV-5 to 7, 5 for RWKV-4.</param>
/// <param name="Width">C.</param>
public sealed record StateLayout(int LayerCount, int RowCount, int Width)
{
    /// <summary>Numbers in one state.</summary>
    public int Length => LayerCount * RowCount * Width;

    /// <summary>Bytes of one state in fp32.</summary>
    public long Bytes => (long)Length * sizeof(float);
}

/// <summary>Where a captured state comes from: the beginning its prompt was read from (model, scope, first state) and what has been read since.</summary>
internal readonly record struct SnapshotOrigin(PrefixKey Root, PrefixKey Key);

/// <summary>An immutable copy of a recurrent state: everything the model remembers of what it has read. Safe from any thread.</summary>
public sealed class StateSnapshot
{
    private readonly float[] _data;
    private byte[]? _fingerprint;

    /// <summary>Wraps numbers that nobody else will write.</summary>
    internal StateSnapshot(StateLayout layout, long position, float[] data)
    {
        ArgumentOutOfRangeException.ThrowIfNotEqual(data.Length, layout.Length);
        (Layout, Position, _data) = (layout, position, data);
    }

    /// <summary>The state's shape.</summary>
    public StateLayout Layout { get; }

    /// <summary>How many positions (tokens and image positions) this state has read.</summary>
    public long Position { get; }

    /// <summary>The numbers, [L,R,C] row-major.</summary>
    public ReadOnlyMemory<float> Data => _data;

    /// <summary>The same numbers for <see cref="StateBuffers"/>, once nobody will look at the snapshot again.</summary>
    internal float[] Numbers => _data;

    /// <summary>Where this engine captured it; null for a state from elsewhere.</summary>
    internal SnapshotOrigin? Origin { get; private init; }

    /// <summary>
    /// The same state with numbers of its own. To go on from a state several times needs no fork, because nothing that goes on from it changes it; a fork is for
    /// who hands one out and would not rely on that.
    /// </summary>
    /// <returns>A copy that shares nothing with this one.</returns>
    public StateSnapshot Fork() => new(Layout, Position, [.. _data]) { Origin = Origin };

    /// <summary>The same state with its origin; the numbers are shared.</summary>
    internal StateSnapshot With(SnapshotOrigin origin) => new(Layout, Position, _data) { Origin = origin };

    /// <summary>SHA-256 over the position and the numbers; computed once, when it is first asked for.</summary>
    internal byte[] Fingerprint()
    {
        if (_fingerprint is null)
        {
            using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
            hash.AppendData(BitConverter.GetBytes(Position));
            hash.AppendData(MemoryMarshal.AsBytes(_data.AsSpan()));
            _fingerprint = hash.GetHashAndReset();
        }

        return _fingerprint;
    }
}
