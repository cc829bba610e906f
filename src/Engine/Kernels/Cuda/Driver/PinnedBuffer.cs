namespace RwkvSk.Engine.Kernels.Cuda.Driver;

/// <summary>Host memory that the GPU copies from and to while the thread goes on. What a stream still copies must not be touched: wait for the stream first.</summary>
internal sealed unsafe class PinnedBuffer : IDisposable
{
    private readonly CudaContext _context;
    private readonly nint _pointer;
    private bool _isDisposed;

    internal PinnedBuffer(CudaContext context, long bytes)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(bytes, 1);
        (_context, Bytes) = (context, bytes);
        context.Check(context.Driver.AllocatePinned(bytes, out _pointer), "cuMemHostAlloc", Models.MemoryPlan.Size(bytes));
    }

    /// <summary>Where it begins.</summary>
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

    /// <summary>All of it as numbers.</summary>
    public Span<T> Span<T>()
        where T : unmanaged => new((void*)Pointer, checked((int)(Bytes / sizeof(T))));

    /// <inheritdoc/>
    public void Dispose()
    {
        if (!_isDisposed && _context.Release(this))
        {
            _ = _context.Driver.FreePinned(_pointer);
        }

        _isDisposed = true;
    }
}
