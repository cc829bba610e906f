using Microsoft.Extensions.Logging.Abstractions;
using RwkvSk.Engine;
using RwkvSk.Engine.Kernels.Cuda.Driver;
using RwkvSk.Engine.Models;
using RwkvSk.TestKit;
using Xunit;

[assembly: Xunit.v3.Parallelization(Mode = Xunit.Sdk.ParallelMode.None)]   // one GPU, and memory is measured

namespace RwkvSk.Gpu.Tests;

/// <summary>Whether there is a GPU to test on. Without a driver libtorch is not even loaded.</summary>
internal static class Gpu
{
    private static readonly Lazy<string?> Reason = new(WhyNot);

    /// <summary>Skips the test, with the reason, where there is none.</summary>
    public static void Require() => Assert.SkipWhen(Reason.Value is not null, $"needs a GPU: {Reason.Value}");

    /// <summary>The driver and the first GPU, for tests without libtorch.</summary>
    public static CudaContext Open() => CudaContext.Open(CudaDriver.TryLoad(out var reason) ?? throw new InvalidOperationException(reason));

    private static string? WhyNot()
    {
        if (CudaDriver.TryLoad(out var reason) is not { } driver)
        {
            return reason;
        }

        if (CudaReadiness.WhyNot(driver) is { } unready)
        {
            return unready;
        }

        if (LibTorch.Missing is { } missing)
        {
            return missing;
        }

        try
        {
            Devices.Choose(Device.Cuda, NullLogger.Instance).Dispose();
            return null;
        }
        catch (LibTorchException exception)
        {
            return exception.Message;
        }
    }
}
