using RwkvSk.TestKit;
using RwkvSk.TestKit.Cuda;

namespace RwkvSk.Engine.Tests.Kernels.Cuda.Driver;

/// <summary>The driver's functions and cuBLAS's over host memory, compiled for one test class.</summary>
public sealed class DriverLibrary : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public DriverLibrary()
    {
        if (KernelShim.Compiler() is { } compiler)
        {
            (Path, Cublas) = (Compile(compiler, "driver"), Compile(compiler, "cublas"));
        }
    }

    /// <summary>The library; null where there is no compiler.</summary>
    public string? Path { get; }

    /// <summary>That with cuBLAS's; null where there is no compiler.</summary>
    public string? Cublas { get; }

    public void Dispose() => _folder.Dispose();

    private string Compile(string compiler, string name)
    {
        var library = _folder[$"lib{name}.so"];
        KernelShim.Run(compiler, AppContext.BaseDirectory, "-std=c++20", "-O1", "-shared", "-fPIC", $"{name}.cpp", "-o", library);
        return library;
    }
}
