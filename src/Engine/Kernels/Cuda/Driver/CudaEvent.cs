namespace RwkvSk.Engine.Kernels.Cuda.Driver;

/// <summary>A mark in a stream.</summary>
internal sealed class CudaEvent : IDisposable
{
    private readonly CudaContext _context;
    private readonly nint _handle;
    private bool _isDisposed;

    internal CudaEvent(CudaContext context)
    {
        _context = context;
        context.Check(context.Driver.CreateEvent(out _handle), "cuEventCreate");
    }

    /// <summary>Sets the mark behind what is on the stream now.</summary>
    public void Record() => _context.Check(_context.Driver.RecordEvent(Handle, _context.Stream.Handle), "cuEventRecord");

    /// <summary>Waits for the mark.</summary>
    public void Synchronize() => _context.Check(_context.Driver.SynchronizeEvent(Handle), "cuEventSynchronize");

    /// <summary>Time on the GPU between two marks that have been passed. Milliseconds.</summary>
    public float Since(CudaEvent earlier)
    {
        _context.Check(_context.Driver.ElapsedTime(earlier.Handle, Handle, out var milliseconds), "cuEventElapsedTime");
        return milliseconds;
    }

    private nint Handle
    {
        get
        {
            ObjectDisposedException.ThrowIf(_isDisposed, this);
            return _handle;
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        if (!_isDisposed && _context.Release(this))
        {
            _ = _context.Driver.DestroyEvent(_handle);
        }

        _isDisposed = true;
    }
}
