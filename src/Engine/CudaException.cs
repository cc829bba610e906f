namespace RwkvSk.Engine;

/// <summary>
/// A call of NVIDIA's driver, or of cuBLAS, failed. The message names the call, the driver's code and what it means; where memory ran out, how much was asked for and how much is free.
/// After a fault of the GPU itself (<see cref="IsFatal"/>) nothing on it works until the process is started again.
/// </summary>
public sealed class CudaException : Exception
{
    /// <summary>Creates the exception.</summary>
    /// <param name="message">What happened.</param>
    /// <param name="call">The driver's function, or cuBLAS's.</param>
    /// <param name="code">What it gave back.</param>
    public CudaException(string message, string call, int code)
        : base(message) => (Call, Code) = (call, code);

    /// <summary>The function that failed, e.g. <c>cuMemAlloc</c> or cuBLAS's <c>cublasGemmEx</c>.</summary>
    public string Call { get; }

    /// <summary>The driver's code (CUresult), e.g. 2 for out of memory; cuBLAS's (cublasStatus_t) where the function is cuBLAS's.</summary>
    public int Code { get; }

    /// <summary>Whether the GPU's memory did not suffice.</summary>
    public bool IsOutOfMemory => Code == (int)Kernels.Cuda.Driver.CudaStatus.OutOfMemory;

    /// <summary>Whether a kernel faulted: the driver keeps that error for everything that follows in this process.</summary>
    public bool IsFatal => Code is 700 or 702 or 710 or (>= 714 and <= 719);   // addresses, time, asserts, faults of the hardware
}
