namespace RwkvSk.Engine.Kernels.Cuda.Driver;

/// <summary>Memory of the GPU.</summary>
internal sealed unsafe class DeviceBuffer : IDisposable
{
    private readonly CudaContext _context;
    private readonly nint _pointer;
    private bool _isDisposed;

    internal DeviceBuffer(CudaContext context, long bytes)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(bytes, 1);
        (_context, Bytes) = (context, bytes);
        var status = context.Driver.Allocate(bytes, out _pointer);
        if (status == CudaStatus.OutOfMemory)
        {
            throw CudaErrors.OutOfMemory(context.Driver, "cuMemAlloc", bytes);
        }

        context.Check(status, "cuMemAlloc");
    }

    /// <summary>Where it begins, for kernels; aligned to 256 bytes.</summary>
    public nint Pointer
    {
        get
        {
            ObjectDisposedException.ThrowIf(_isDisposed, this);
            return _pointer;
        }
    }

    /// <summary>How long it is.</summary>
    public long Bytes { get; }

    /// <summary>Writes numbers from <paramref name="offset"/> bytes on; they are there when this returns. For loading: the stream's order does not cover it.</summary>
    public void Write<T>(ReadOnlySpan<T> source, long offset = 0)
        where T : unmanaged
    {
        var bytes = Fits(offset, (long)source.Length * sizeof(T));
        fixed (T* from = source)
        {
            _context.Check(_context.Driver.CopyToDevice(Pointer + (nint)offset, from, bytes), "cuMemcpyHtoD");
        }
    }

    /// <summary>Reads numbers from <paramref name="offset"/> bytes on, after waiting for the stream.</summary>
    public void Read<T>(Span<T> target, long offset = 0)
        where T : unmanaged
    {
        var bytes = Fits(offset, (long)target.Length * sizeof(T));
        _context.Stream.Synchronize();
        fixed (T* to = target)
        {
            _context.Check(_context.Driver.CopyToHost(to, Pointer + (nint)offset, bytes), "cuMemcpyDtoH");
        }
    }

    /// <summary>The bytes from <paramref name="offset"/> on must be inside.</summary>
    internal long Fits(long offset, long bytes)
    {
        if (offset < 0 || bytes < 0 || offset > Bytes - bytes)
        {
            throw new ArgumentOutOfRangeException(nameof(bytes), $"The buffer has {Bytes} bytes; {bytes} from {offset} on are not inside.");
        }

        return bytes;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        if (!_isDisposed && _context.Release(this, Bytes))
        {
            _ = _context.Driver.Free(_pointer);
        }

        _isDisposed = true;
    }
}
