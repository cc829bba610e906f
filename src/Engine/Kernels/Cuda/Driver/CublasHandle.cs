using RwkvSk.Engine.Models;

namespace RwkvSk.Engine.Kernels.Cuda.Driver;

/// <summary>cuBLAS on a context's stream, with a workspace of its own: so no product takes memory, and products can be recorded.</summary>
internal sealed class CublasHandle : IDisposable
{
    /// <summary>Bytes of the workspace: what cuBLAS itself takes on the GPUs that want most.</summary>
    public const long WorkspaceBytes = 32L << 20;

    private readonly CudaContext _context;
    private readonly ICublas _library;
    private readonly DeviceBuffer _workspace;
    private readonly nint _handle;
    private bool _isDisposed;

    internal CublasHandle(CudaContext context, ICublas library)
    {
        (_context, _library) = (context, library);
        _workspace = context.Allocate(WorkspaceBytes);
        Check(library.Create(out _handle), "cublasCreate", null);
        try
        {
            Check(library.SetStream(_handle, context.Stream.Handle), "cublasSetStream", null);
            Check(library.SetWorkspace(_handle, _workspace.Pointer, WorkspaceBytes), "cublasSetWorkspace", MemoryPlan.Size(WorkspaceBytes));   // after the stream, which resets it
        }
        catch
        {
            _ = library.Destroy(_handle);
            throw;
        }
    }

    /// <summary>Puts a product on the context's stream.</summary>
    /// <exception cref="CudaException">cuBLAS refuses; the message names the product.</exception>
    public void Multiply(in MatrixProduct product)
    {
        ObjectDisposedException.ThrowIf(_isDisposed, this);
        var status = _library.Multiply(_handle, product);
        if (status != CublasStatus.Success)
        {
            throw Failure(status, "cublasGemmEx", product.ToString());
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        if (!_isDisposed && _context.Release(this))
        {
            _ = _library.Destroy(_handle);
            _workspace.Dispose();
        }

        _isDisposed = true;
    }

    private static void Check(CublasStatus status, string call, string? doing)
    {
        if (status != CublasStatus.Success)
        {
            throw Failure(status, call, doing);
        }
    }

    private static CudaException Failure(CublasStatus status, string call, string? doing)
    {
        var (name, sentence) = Describe(status);
        return new CudaException($"{call} failed{(doing is null ? "" : $" ({doing})")}: {name}, {sentence}.", call, (int)status);
    }

    private static (string Name, string Sentence) Describe(CublasStatus status) => status switch
    {
        CublasStatus.NotInitialized => ("CUBLAS_STATUS_NOT_INITIALIZED", "the library could not be started on this GPU"),
        CublasStatus.AllocationFailed => ("CUBLAS_STATUS_ALLOC_FAILED", "the GPU has not the memory that cuBLAS needs for itself"),
        CublasStatus.InvalidValue => ("CUBLAS_STATUS_INVALID_VALUE", "an argument is not allowed"),
        CublasStatus.ArchitectureMismatch => ("CUBLAS_STATUS_ARCH_MISMATCH", "the GPU is too old for it"),
        CublasStatus.MappingError => ("CUBLAS_STATUS_MAPPING_ERROR", "the GPU's memory could not be reached"),
        CublasStatus.ExecutionFailed => ("CUBLAS_STATUS_EXECUTION_FAILED", "the product could not be started on the GPU"),
        CublasStatus.InternalError => ("CUBLAS_STATUS_INTERNAL_ERROR", "a call of cuBLAS's own failed"),
        CublasStatus.NotSupported => ("CUBLAS_STATUS_NOT_SUPPORTED", "it does not do that on this GPU"),
        CublasStatus.LicenseError => ("CUBLAS_STATUS_LICENSE_ERROR", "it says that it lacks a licence"),
        _ => ($"cuBLAS error {(int)status}", "cuBLAS does not say more"),
    };
}
