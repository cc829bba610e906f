using RwkvSk.Engine.Kernels.Cuda.Driver;

namespace RwkvSk.Engine.Kernels.Cuda.Weights;

/// <summary>Part of a buffer on the device.</summary>
internal readonly record struct DeviceRange(DeviceBuffer Buffer, long Offset)
{
    /// <summary>Where it begins.</summary>
    public nint Pointer => Buffer.Pointer + (nint)Offset;

    /// <summary>Writes numbers into it, from an offset in bytes on.</summary>
    public void Write<T>(ReadOnlySpan<T> source, long offset = 0)
        where T : unmanaged => Buffer.Write(source, Offset + offset);
}

/// <summary>Device memory that is taken piece by piece and given back as a whole, by its context.</summary>
internal sealed class DeviceArena(CudaContext context)
{
    private const int Alignment = 256;
    private const long Chunk = 4 << 20;

    private DeviceBuffer? _open;
    private long _used;

    /// <summary>Bytes of all pieces.</summary>
    public long Bytes { get; private set; }

    /// <summary>A piece, not cleared. Large ones get a buffer of their own.</summary>
    public DeviceRange Take(long bytes)
    {
        Bytes += bytes;
        if (bytes > Chunk / 4)
        {
            return new DeviceRange(context.Allocate(bytes), 0);
        }

        if (_open is null || _used + bytes > _open.Bytes)
        {
            (_open, _used) = (context.Allocate(Chunk), 0);
        }

        var range = new DeviceRange(_open, _used);
        _used += (bytes + Alignment - 1) / Alignment * Alignment;
        return range;
    }
}
