namespace RwkvSk.Engine.Kernels.Cuda.Driver;

/// <summary>
/// A queue of the GPU: what is put on it runs in order, after the call has returned. It does not wait for the default stream, on which libtorch computes, nor that for it:
/// whoever hands memory over between them waits first.
/// </summary>
internal sealed unsafe class CudaStream : IDisposable
{
    private readonly CudaContext _context;
    private readonly nint _handle;
    private bool _isDisposed;

    internal CudaStream(CudaContext context)
    {
        _context = context;
        context.Check(context.Driver.CreateStream(out _handle), "cuStreamCreate");
    }

    private CudaStream(CudaContext context, nint handle) => (_context, _handle) = (context, handle);

    /// <summary>The stream that everybody has: libtorch computes on it.</summary>
    internal static CudaStream Default(CudaContext context) => new(context, 0);

    /// <summary>The driver's handle.</summary>
    public nint Handle
    {
        get
        {
            ObjectDisposedException.ThrowIf(_isDisposed, this);
            return _handle;
        }
    }

    /// <summary>Runs a kernel.</summary>
    public void Launch(CudaFunction function, in LaunchShape shape, ref KernelArguments arguments) =>
        _context.Check(arguments.Launch(_context.Driver, function.Handle, shape, Handle), "cuLaunchKernel", function.Name);

    /// <summary>Runs a kernel whose arguments lie somewhere.</summary>
    public void Launch(CudaFunction function, in LaunchShape shape, void** arguments) =>
        _context.Check(_context.Driver.Launch(function.Handle, shape, arguments, Handle), "cuLaunchKernel", function.Name);

    /// <summary>Copies the beginning of <paramref name="source"/> to the device.</summary>
    public void Copy(PinnedBuffer source, DeviceBuffer target, long bytes, long targetOffset = 0)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(bytes, source.Bytes);
        _ = target.Fits(targetOffset, bytes);
        _context.Check(_context.Driver.QueueCopyToDevice(target.Pointer + (nint)targetOffset, (void*)source.Pointer, bytes, Handle), "cuMemcpyHtoDAsync");
    }

    /// <summary>Copies from the device to the beginning of <paramref name="target"/>.</summary>
    public void Copy(DeviceBuffer source, PinnedBuffer target, long bytes, long sourceOffset = 0)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(bytes, target.Bytes);
        _ = source.Fits(sourceOffset, bytes);
        _context.Check(_context.Driver.QueueCopyToHost((void*)target.Pointer, source.Pointer + (nint)sourceOffset, bytes, Handle), "cuMemcpyDtoHAsync");
    }

    /// <summary>Copies from place to place on the device.</summary>
    public void Copy(nint source, nint target, long bytes) => _context.Check(_context.Driver.QueueCopyOnDevice(target, source, bytes, Handle), "cuMemcpyDtoDAsync");

    /// <summary>Copies rows that lie apart.</summary>
    public void Copy(in PitchedCopy rows) => _context.Check(_context.Driver.QueueCopyRows(rows, Handle), "cuMemcpy2DAsync");

    /// <summary>Sets every byte of <paramref name="target"/>.</summary>
    public void Fill(DeviceBuffer target, byte value) => _context.Check(_context.Driver.QueueFill(target.Pointer, value, target.Bytes, Handle), "cuMemsetD8Async");

    /// <summary>Waits until everything has run. A kernel's fault is known here at the latest.</summary>
    public void Synchronize() => _context.Check(_context.Driver.SynchronizeStream(Handle), "cuStreamSynchronize");

    /// <inheritdoc/>
    public void Dispose()
    {
        if (!_isDisposed && _context.Release(this))
        {
            _ = _context.Driver.DestroyStream(_handle);
        }

        _isDisposed = true;
    }
}
