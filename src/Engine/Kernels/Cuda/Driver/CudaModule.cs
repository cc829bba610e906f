namespace RwkvSk.Engine.Kernels.Cuda.Driver;

/// <summary>A kernel of a loaded module.</summary>
/// <param name="Handle">The driver's handle.</param>
/// <param name="Name">For errors.</param>
internal readonly record struct CudaFunction(nint Handle, string Name);

/// <summary>Kernels, translated for the GPU.</summary>
internal sealed class CudaModule : IDisposable
{
    private const int FreeSharedBytes = 48 << 10;

    private readonly CudaContext _context;
    private readonly nint _handle;
    private bool _isDisposed;

    internal CudaModule(CudaContext context, ReadOnlySpan<byte> ptx)
    {
        _context = context;
        var status = context.Driver.LoadModule(ptx.IndexOf((byte)0) < 0 ? [.. ptx, 0] : ptx, out _handle, out var log);
        context.Check(status, "cuModuleLoadDataEx", log.Length == 0 ? null : $"the translator says: {log}");
    }

    /// <summary>A kernel by name.</summary>
    /// <param name="name">As it is declared.</param>
    /// <param name="sharedBytes">Most dynamic shared memory it will be launched with.</param>
    /// <exception cref="CudaException">There is none of that name, or the device has less shared memory.</exception>
    public CudaFunction Function(string name, int sharedBytes = 0)
    {
        ObjectDisposedException.ThrowIf(_isDisposed, this);
        _context.Check(_context.Driver.FindFunction(_handle, name, out var function), "cuModuleGetFunction", name);
        if (sharedBytes > FreeSharedBytes)
        {
            _context.Check(_context.Driver.AllowSharedMemory(function, sharedBytes), "cuFuncSetAttribute", $"{name} with {sharedBytes} bytes of shared memory, the GPU has {_context.Device.SharedBytes}");
        }

        return new CudaFunction(function, name);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        if (!_isDisposed && _context.Release(this))
        {
            _ = _context.Driver.UnloadModule(_handle);
        }

        _isDisposed = true;
    }
}
