namespace RwkvSk.Engine.Kernels.Cuda.Driver;

/// <summary>
/// The functions of cuBLAS that are used, one method each, nothing decided and nothing thrown: <see cref="CublasHandle"/> checks the answers. All act on the calling thread's
/// current context.
/// </summary>
internal interface ICublas
{
    /// <summary>cublasCreate_v2.</summary>
    CublasStatus Create(out nint handle);

    /// <summary>cublasSetStream_v2: gives the workspace that was set back.</summary>
    CublasStatus SetStream(nint handle, nint stream);

    /// <summary>cublasSetWorkspace_v2: device memory that the caller keeps, so that no call takes any. Aligned to 256 bytes.</summary>
    CublasStatus SetWorkspace(nint handle, nint workspace, long bytes);

    /// <summary>cublasGemmEx, put on the handle's stream.</summary>
    CublasStatus Multiply(nint handle, in MatrixProduct product);

    /// <summary>cublasDestroy_v2: waits for the device.</summary>
    CublasStatus Destroy(nint handle);
}
