using System.Runtime.InteropServices;
using RwkvSk.Engine.Kernels.Cuda.Driver;

namespace RwkvSk.TestKit.Cuda;

/// <summary>Runs a kernel on host memory, now, and says what went wrong; null when nothing did.</summary>
internal unsafe delegate string? HostKernels(string kernel, in LaunchShape shape, void** arguments);

/// <summary>Kernels that were compiled for the host, in a shared library that exports <c>rwkvsk_launch</c> and <c>rwkvsk_error</c>.</summary>
/// <param name="library">The library's handle.</param>
/// <param name="export">The function that launches.</param>
internal sealed unsafe class KernelLibrary(nint library, string export)
{
    private readonly delegate* unmanaged<byte*, uint, uint, uint, uint, uint, uint, uint, void**, int> _launch =
        (delegate* unmanaged<byte*, uint, uint, uint, uint, uint, uint, uint, void**, int>)NativeLibrary.GetExport(library, export);

    private readonly delegate* unmanaged<byte*> _error = (delegate* unmanaged<byte*>)NativeLibrary.GetExport(library, "rwkvsk_error");

    /// <summary>The library in a file.</summary>
    public static KernelLibrary Load(string path, string export = "rwkvsk_launch") => new(NativeLibrary.Load(path), export);

    /// <summary>As <see cref="HostKernels"/>.</summary>
    public string? Launch(string kernel, in LaunchShape shape, void** arguments)
    {
        var name = Marshal.StringToCoTaskMemUTF8(kernel);
        try
        {
            var failed = _launch((byte*)name, shape.GridX, shape.GridY, shape.GridZ, shape.BlockX, shape.BlockY, shape.BlockZ, shape.SharedBytes, arguments);
            return failed == 0 ? null : $"{kernel}: {Marshal.PtrToStringUTF8((nint)_error()) ?? $"error {failed}"}";
        }
        finally
        {
            Marshal.FreeCoTaskMem(name);
        }
    }
}
