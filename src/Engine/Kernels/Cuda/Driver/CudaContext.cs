namespace RwkvSk.Engine.Kernels.Cuda.Driver;

/// <summary>
/// A GPU as one engine uses it: the device's primary context, which libtorch uses too, so that pointers of either are good for both; one stream of its own; and everything
/// that is made of them, which is freed with the context if nobody frees it before, so that a failure half way leaves nothing behind. One thread at a time; a thread
/// calls <see cref="MakeCurrent"/> before it does anything here.
/// </summary>
internal sealed class CudaContext : IDisposable
{
    private readonly LinkedList<IDisposable> _owned = [];
    private readonly nint _handle;
    private bool _isDisposed;

    private CudaContext(ICudaDriver driver, CudaDevice device, nint handle) => (Driver, Device, _handle, DefaultStream) = (driver, device, handle, CudaStream.Default(this));

    /// <summary>The driver.</summary>
    public ICudaDriver Driver { get; }

    /// <summary>The GPU.</summary>
    public CudaDevice Device { get; }

    /// <summary>The stream that everything runs on but what is said to go to the other.</summary>
    public CudaStream Stream { get; private set; } = null!;

    /// <summary>The default stream, libtorch's: what is put there comes in order with what libtorch computes.</summary>
    public CudaStream DefaultStream { get; }

    /// <summary>Bytes of device memory that were taken here and not given back.</summary>
    public long AllocatedBytes { get; private set; }

    /// <summary>Opens a device; it is current on the calling thread afterwards.</summary>
    /// <exception cref="CudaException">It cannot be opened. Nothing is kept.</exception>
    public static CudaContext Open(ICudaDriver driver, int ordinal = 0)
    {
        CudaErrors.Check(driver, driver.Init(), "cuInit");
        var device = CudaDevice.Read(driver, ordinal);
        CudaErrors.Check(driver, driver.RetainPrimaryContext(ordinal, out var handle), "cuDevicePrimaryCtxRetain", device.Name);
        var context = new CudaContext(driver, device, handle);
        try
        {
            context.MakeCurrent();
            context.Stream = context.Own(new CudaStream(context));
            return context;
        }
        catch
        {
            context.Dispose();
            throw;
        }
    }

    /// <summary>Makes the context the calling thread's. Cheap when it is already.</summary>
    public void MakeCurrent()
    {
        ObjectDisposedException.ThrowIf(_isDisposed, this);
        Check(Driver.SetCurrentContext(_handle), "cuCtxSetCurrent");
    }

    /// <summary>Device memory, not cleared.</summary>
    /// <exception cref="CudaException">There is not enough; the message says how much there is.</exception>
    public DeviceBuffer Allocate(long bytes)
    {
        var buffer = Own(new DeviceBuffer(this, bytes));
        AllocatedBytes += bytes;
        return buffer;
    }

    /// <summary>Host memory for copies, not cleared.</summary>
    public PinnedBuffer Pin(long bytes) => Own(new PinnedBuffer(this, bytes));

    /// <summary>Translates kernels for the device.</summary>
    /// <param name="ptx">Their text; a closing zero is added where there is none.</param>
    public CudaModule Load(ReadOnlySpan<byte> ptx) => Own(new CudaModule(this, ptx));

    /// <summary>cuBLAS on the stream.</summary>
    /// <param name="library">The library.</param>
    /// <exception cref="CudaException">It does not start, or there is no memory for its workspace.</exception>
    public CublasHandle Start(ICublas library) => Own(new CublasHandle(this, library));

    /// <summary>A mark in the stream, to wait for or to take the time at.</summary>
    public CudaEvent Event() => Own(new CudaEvent(this));

    /// <summary>Records what is put on the stream, instead of running it, as one graph.</summary>
    /// <param name="record">Launches, asynchronous copies and fills; no allocation, no waiting.</param>
    /// <exception cref="CudaException">Something in it cannot be recorded.</exception>
    public CudaGraph Capture(Action record) => Own(CudaGraph.Capture(this, record));

    /// <summary>The device memory that is free and that there is. Bytes.</summary>
    public (long Free, long Total) Memory()
    {
        Check(Driver.MemoryInfo(out var free, out var total), "cuMemGetInfo");
        return (free, total);
    }

    /// <summary>Frees what is left of what was made here, and lets go of the device.</summary>
    public void Dispose()
    {
        if (_isDisposed)
        {
            return;
        }

        _ = Driver.SetCurrentContext(_handle);
        while (_owned.Last is { } last)
        {
            last.Value.Dispose();   // takes itself off the list
        }

        _isDisposed = true;
        _ = Driver.ReleasePrimaryContext(Device.Ordinal);
    }

    /// <summary>Nothing, or the exception for what a call gave back.</summary>
    internal void Check(CudaStatus status, string call, string? doing = null) => CudaErrors.Check(Driver, status, call, doing);

    /// <summary>Before something made here is freed: the calling thread may be another than the one that used it. False where everything is freed already.</summary>
    internal bool Release(IDisposable part, long deviceBytes = 0)
    {
        if (_isDisposed || !_owned.Remove(part))
        {
            return false;
        }

        AllocatedBytes -= deviceBytes;
        _ = Driver.SetCurrentContext(_handle);
        return true;
    }

    private T Own<T>(T part)
        where T : IDisposable
    {
        _owned.AddLast(part);
        return part;
    }
}
