using RwkvSk.TestKit;
using RwkvSk.TestKit.Cuda;

namespace RwkvSk.Engine.Tests.Kernels.Cuda.Driver;

/// <summary>The driver's functions over host memory, compiled for one test class.</summary>
public sealed class DriverLibrary : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public DriverLibrary()
    {
        if (KernelShim.Compiler() is { } compiler)
        {
            Path = _folder["driver.so"];
            KernelShim.Run(compiler, AppContext.BaseDirectory, "-std=c++20", "-O1", "-shared", "-fPIC", "driver.cpp", "-o", Path);
        }
    }

    /// <summary>The library; null where there is no compiler.</summary>
    public string? Path { get; }

    public void Dispose() => _folder.Dispose();
}
