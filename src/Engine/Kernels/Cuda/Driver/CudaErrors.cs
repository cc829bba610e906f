using RwkvSk.Engine.Models;

namespace RwkvSk.Engine.Kernels.Cuda.Driver;

/// <summary>The driver's answers as exceptions.</summary>
internal static class CudaErrors
{
    /// <summary>Nothing, or the exception for what a call gave back.</summary>
    /// <param name="driver">Who can name the code.</param>
    /// <param name="status">What the call gave back.</param>
    /// <param name="call">The driver's function.</param>
    /// <param name="doing">What it was to do, after the call's name; null where the name says it.</param>
    /// <exception cref="CudaException">It was not success.</exception>
    public static void Check(ICudaDriver driver, CudaStatus status, string call, string? doing = null)
    {
        if (status != CudaStatus.Success)
        {
            throw Failure(driver, status, call, doing);
        }
    }

    /// <summary>The exception for memory that was not to be had: how much it was, and how much is free.</summary>
    public static CudaException OutOfMemory(ICudaDriver driver, string call, long bytes) =>
        driver.MemoryInfo(out var free, out var total) == CudaStatus.Success
            ? Failure(driver, CudaStatus.OutOfMemory, call, $"of {MemoryPlan.Size(bytes)}, of the GPU's {MemoryPlan.Size(total)} are {MemoryPlan.Size(free)} free")
            : Failure(driver, CudaStatus.OutOfMemory, call, $"of {MemoryPlan.Size(bytes)}");

    private static CudaException Failure(ICudaDriver driver, CudaStatus status, string call, string? doing)
    {
        var (name, sentence) = driver.Describe(status);
        var failure = new CudaException($"{call} failed{(doing is null ? "" : $" ({doing})")}: {name}, {sentence}.", call, (int)status);
        return failure.IsFatal
            ? new CudaException($"{failure.Message} The GPU cannot be used any more by this process; start it again.", call, (int)status)
            : failure;
    }
}
