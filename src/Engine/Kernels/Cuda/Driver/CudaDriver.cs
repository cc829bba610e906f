using System.Runtime.InteropServices;
using System.Text;

namespace RwkvSk.Engine.Kernels.Cuda.Driver;

/// <summary>NVIDIA's driver library, loaded when it is first asked for. A machine without it never notices.</summary>
internal sealed unsafe partial class CudaDriver : ICudaDriver
{
    private const int LogBytes = 16 << 10;
    private const int MaxDynamicSharedBytes = 8;         // CUfunction_attribute
    private const uint NonBlocking = 1;                  // CUstream_flags
    private const int ThreadLocal = 1;                   // CUstreamCaptureMode
    private const uint HostSide = 1, DeviceSide = 2;   // CUmemorytype

    private CudaDriver(CudaExports exports) => _cu = exports;

    /// <summary>The driver, or null with the reason.</summary>
    /// <param name="reason">Why there is none, as the rest of a sentence; empty where there is one.</param>
    public static CudaDriver? TryLoad(out string reason) => TryLoad(OperatingSystem.IsWindows() ? "nvcuda.dll" : "libcuda.so.1", out reason);

    /// <summary>The same from a library of another name.</summary>
    public static CudaDriver? TryLoad(string name, out string reason)
    {
        if (!NativeLibrary.TryLoad(name, out var library))
        {
            reason = $"no NVIDIA driver was found ({name} does not load)";
            return null;
        }

        var exports = new CudaExports(library);
        reason = exports.Missing is null ? "" : $"the NVIDIA driver is too old: it has no {exports.Missing}";
        return exports.Missing is null ? new CudaDriver(exports) : null;
    }

    /// <inheritdoc/>
    public CudaStatus Init() => _cu.Init(0);

    /// <inheritdoc/>
    public CudaStatus DriverVersion(out int version)
    {
        fixed (int* result = &version)
        {
            return _cu.DriverGetVersion(result);
        }
    }

    /// <inheritdoc/>
    public CudaStatus DeviceCount(out int count)
    {
        fixed (int* result = &count)
        {
            return _cu.DeviceGetCount(result);
        }
    }

    /// <inheritdoc/>
    public CudaStatus DeviceName(int device, out string name)
    {
        const int Length = 256;
        var text = stackalloc byte[Length];
        text[0] = 0;
        var status = _cu.DeviceGetName(text, Length, device);
        name = Text(text);
        return status;
    }

    /// <inheritdoc/>
    public CudaStatus DeviceAttribute(int device, CudaAttribute attribute, out int value)
    {
        fixed (int* result = &value)
        {
            return _cu.DeviceGetAttribute(result, (int)attribute, device);
        }
    }

    /// <inheritdoc/>
    public CudaStatus DeviceMemory(int device, out long bytes)
    {
        fixed (long* result = &bytes)
        {
            return _cu.DeviceTotalMem((nuint*)result, device);
        }
    }

    /// <inheritdoc/>
    public CudaStatus RetainPrimaryContext(int device, out nint context)
    {
        fixed (nint* result = &context)
        {
            return _cu.DevicePrimaryCtxRetain(result, device);
        }
    }

    /// <inheritdoc/>
    public CudaStatus ReleasePrimaryContext(int device) => _cu.DevicePrimaryCtxRelease(device);

    /// <inheritdoc/>
    public CudaStatus SetCurrentContext(nint context) => _cu.CtxSetCurrent(context);

    /// <inheritdoc/>
    public CudaStatus LoadModule(ReadOnlySpan<byte> ptx, out nint module, out string log)
    {
        // The size of a log is passed as the pointer's value, and comes back there.
        var keys = stackalloc int[] { 3, 4, 5, 6 };   // CU_JIT_INFO_LOG_BUFFER, its size, CU_JIT_ERROR_LOG_BUFFER, its size
        var said = new byte[LogBytes];
        var failed = new byte[LogBytes];
        fixed (byte* text = ptx, info = said, error = failed)
        {
            fixed (nint* result = &module)
            {
                var values = stackalloc void*[] { info, (void*)(LogBytes - 1), error, (void*)(LogBytes - 1) };
                var status = _cu.ModuleLoadDataEx(result, text, 4, keys, values);
                log = (Text(error) + Text(info)).Trim();
                return status;
            }
        }
    }

    /// <inheritdoc/>
    public CudaStatus UnloadModule(nint module) => _cu.ModuleUnload(module);

    /// <inheritdoc/>
    public CudaStatus FindFunction(nint module, string name, out nint function)
    {
        fixed (byte* text = Encoding.UTF8.GetBytes(name + '\0'))
        {
            fixed (nint* result = &function)
            {
                return _cu.ModuleGetFunction(result, module, text);
            }
        }
    }

    /// <inheritdoc/>
    public CudaStatus AllowSharedMemory(nint function, int bytes) => _cu.FuncSetAttribute(function, MaxDynamicSharedBytes, bytes);

    /// <inheritdoc/>
    public CudaStatus Launch(nint function, in LaunchShape shape, void** arguments, nint stream) =>
        _cu.LaunchKernel(function, shape.GridX, shape.GridY, shape.GridZ, shape.BlockX, shape.BlockY, shape.BlockZ, shape.SharedBytes, stream, arguments, null);

    /// <inheritdoc/>
    public (string Name, string Sentence) Describe(CudaStatus status)
    {
        byte* name = null, sentence = null;
        _ = _cu.GetErrorName(status, &name);
        _ = _cu.GetErrorString(status, &sentence);
        return (name is null ? $"CUDA error {(int)status}" : Text(name), sentence is null ? "the driver does not say more" : Text(sentence));
    }

    private static string Text(byte* zeroEnded) => Marshal.PtrToStringUTF8((nint)zeroEnded) ?? "";
}
