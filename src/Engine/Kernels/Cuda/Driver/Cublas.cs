using System.Diagnostics;
using System.Runtime.InteropServices;

namespace RwkvSk.Engine.Kernels.Cuda.Driver;

/// <summary>NVIDIA's cuBLAS as libtorch has brought it along.</summary>
internal sealed unsafe class Cublas : ICublas
{
    private const int Plain = 0, Turned = 1;   // cublasOperation_t
    private const int Compute32F = 68;         // cublasComputeType_t: products and sums of fp32, no TF32
    private const int DefaultAlgorithm = -1;   // cublasGemmAlgo_t

    private readonly delegate* unmanaged<nint*, CublasStatus> _create;
    private readonly delegate* unmanaged<nint, CublasStatus> _destroy;
    private readonly delegate* unmanaged<nint, nint, CublasStatus> _setStream;
    private readonly delegate* unmanaged<nint, nint, nuint, CublasStatus> _setWorkspace;
    private readonly delegate* unmanaged<nint, int, int, int, int, int, void*, nint, int, int, nint, int, int, void*, nint, int, int, int, int, CublasStatus> _gemm;

    private Cublas(nint library)
    {
        _create = (delegate* unmanaged<nint*, CublasStatus>)Export(library, "cublasCreate_v2");
        _destroy = (delegate* unmanaged<nint, CublasStatus>)Export(library, "cublasDestroy_v2");
        _setStream = (delegate* unmanaged<nint, nint, CublasStatus>)Export(library, "cublasSetStream_v2");
        _setWorkspace = (delegate* unmanaged<nint, nint, nuint, CublasStatus>)Export(library, "cublasSetWorkspace_v2");
        _gemm = (delegate* unmanaged<nint, int, int, int, int, int, void*, nint, int, int, nint, int, int, void*, nint, int, int, int, int, CublasStatus>)Export(library, "cublasGemmEx");
    }

    // The first function that the library does not have.
    private string? Missing { get; set; }

    /// <summary>The cuBLAS that this process has loaded, else one beside its libtorch, else one that the loader finds; null, with the reason, where there is none.</summary>
    /// <param name="reason">Why there is none, as the rest of a sentence; empty where there is one.</param>
    public static Cublas? TryLoad(out string reason)
    {
        using var process = Process.GetCurrentProcess();
        foreach (var name in Candidates([.. process.Modules.Cast<ProcessModule>().Select(static module => module.FileName)]))
        {
            if (TryLoad(name, out reason) is { } loaded)
            {
                return loaded;
            }
        }

        reason = $"there is no cuBLAS beside libtorch ({string.Join(", ", Names())})";
        return null;
    }

    /// <summary>The same from a library of a known name.</summary>
    public static Cublas? TryLoad(string name, out string reason)
    {
        if (!NativeLibrary.TryLoad(name, out var library))
        {
            reason = $"{name} does not load";
            return null;
        }

        var cublas = new Cublas(library);
        reason = cublas.Missing is null ? "" : $"{name} has no {cublas.Missing}";
        return cublas.Missing is null ? cublas : null;
    }

    /// <summary>Where to look for it, the best first.</summary>
    /// <param name="loaded">Paths of what the process has loaded. The names of libtorch's packages carry hashes.</param>
    internal static IEnumerable<string> Candidates(IReadOnlyList<string> loaded)
    {
        var folder = Path.GetDirectoryName(loaded.FirstOrDefault(static path => Path.GetFileNameWithoutExtension(path) is "libtorch_cuda" or "torch_cuda"));
        return
        [
            .. loaded.Where(static path => IsCublas(Path.GetFileName(path))),
            .. folder is null ? [] : Names().Select(name => Path.Combine(folder, name)),
            .. Names(),
        ];
    }

    /// <inheritdoc/>
    public CublasStatus Create(out nint handle)
    {
        fixed (nint* result = &handle)
        {
            return _create(result);
        }
    }

    /// <inheritdoc/>
    public CublasStatus SetStream(nint handle, nint stream) => _setStream(handle, stream);

    /// <inheritdoc/>
    public CublasStatus SetWorkspace(nint handle, nint workspace, long bytes) => _setWorkspace(handle, workspace, (nuint)bytes);

    /// <inheritdoc/>
    public CublasStatus Multiply(nint handle, in MatrixProduct product)
    {
        // Read before the call returns: pointers to factors are the host's unless one says otherwise.
        var (one, before, type) = (1f, product.Adds ? 1f : 0f, (int)product.Type);
        return _gemm(
            handle, product.TurnsA ? Turned : Plain, Plain, product.Rows, product.Columns, product.Inner,
            &one, product.A, type, product.StrideA, product.B, type, product.StrideB,
            &before, product.C, (int)CublasType.Float32, product.StrideC, Compute32F, DefaultAlgorithm);
    }

    /// <inheritdoc/>
    public CublasStatus Destroy(nint handle) => _destroy(handle);

    private static string[] Names() => OperatingSystem.IsWindows() ? ["cublas64_13.dll", "cublas64_12.dll"] : ["libcublas.so.13", "libcublas.so.12"];

    private static bool IsCublas(string file) =>
        (file.StartsWith("libcublas", StringComparison.Ordinal) && !file.StartsWith("libcublasLt", StringComparison.Ordinal) && file.Contains(".so", StringComparison.Ordinal))
        || (file.StartsWith("cublas64_", StringComparison.OrdinalIgnoreCase) && file.EndsWith(".dll", StringComparison.OrdinalIgnoreCase));

    private nint Export(nint library, string name)
    {
        if (!NativeLibrary.TryGetExport(library, name, out var address))
        {
            Missing ??= name;
        }

        return address;
    }
}
