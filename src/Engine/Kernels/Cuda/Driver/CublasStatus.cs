namespace RwkvSk.Engine.Kernels.Cuda.Driver;

/// <summary>What a call of cuBLAS gives back (cublasStatus_t).</summary>
internal enum CublasStatus
{
    Success = 0,
    NotInitialized = 1,
    AllocationFailed = 3,
    InvalidValue = 7,
    ArchitectureMismatch = 8,
    MappingError = 11,
    ExecutionFailed = 13,
    InternalError = 14,
    NotSupported = 15,
    LicenseError = 16,
}
