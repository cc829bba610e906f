using Microsoft.Extensions.Logging;
using RwkvSk.Engine.Kernels.Cuda.Driver;
using static TorchSharp.torch;

namespace RwkvSk.Engine.Models;

/// <summary>Which device a model runs on.</summary>
internal static partial class Devices
{
    /// <summary>The wanted device, or for <see cref="Device.Auto"/> CUDA where it works and else the CPU, with a log line that says why.</summary>
    /// <exception cref="LibTorchException">CUDA was asked for and is not to be had.</exception>
    public static ComputeDevice Choose(Device wanted, ILogger logger) => Choose(wanted, logger, Open);

    /// <summary>The same with another way to a GPU.</summary>
    /// <param name="wanted">What was asked for.</param>
    /// <param name="logger">Where a line goes.</param>
    /// <param name="open">Opens the GPU, or gives the reason why not as the rest of a sentence.</param>
    public static ComputeDevice Choose(Device wanted, ILogger logger, Func<(ComputeDevice? Gpu, string Reason)> open)
    {
        if (wanted == Device.Cpu)
        {
            return ComputeDevice.Cpu;
        }

        var (gpu, reason) = open();
        if (gpu is not null)
        {
            return gpu;
        }

        if (wanted == Device.Cuda)
        {
            throw new LibTorchException($"CUDA was asked for, but {reason}.");
        }

        LogCpu(logger, reason);
        return ComputeDevice.Cpu;
    }

    /// <summary>For <see cref="Device.Auto"/>: the GPU is there, but not for this model.</summary>
    [LoggerMessage(EventId = 2, Level = LogLevel.Information, Message = "Running on the CPU: {Reason}.")]
    public static partial void LogCpu(ILogger logger, string reason);

    // The driver is asked before libtorch: it gives the better reasons.
    private static (ComputeDevice? Gpu, string Reason) Open()
    {
        var driver = CudaDriver.TryLoad(out var reason);
        reason = driver is null ? reason : CudaReadiness.WhyNot(driver) ?? LibTorchLoader.NoCuda ?? TorchRefuses() ?? "";
        if (driver is null || reason.Length > 0)
        {
            return (null, reason);
        }

        try
        {
            // fp32 means fp32: libtorch's convolutions would round their inputs to 10 bits, and its fp16 products would add in fp16.
            (backends.cudnn.allow_tf32, backends.cuda.matmul.allow_tf32, backends.cuda.matmul.allow_fp16_reduced_precision_reduction) = (false, false, false);
            return (new ComputeDevice(CUDA, CudaContext.Open(driver)), "");
        }
        catch (CudaException exception)
        {
            return (null, exception.Message.TrimEnd('.'));
        }
    }

    private static string? TorchRefuses()
    {
        try
        {
            return cuda.is_available() && TryInitializeDeviceType(TorchSharp.DeviceType.CUDA)
                ? null
                : "libtorch does not take the GPU that the driver has: it was made for a newer driver (CUDA 12.8 where it is the package's), or for other GPUs";
        }
        catch (Exception exception) when (exception is System.Runtime.InteropServices.ExternalException or TypeInitializationException or NotSupportedException)
        {
            return $"libtorch could not start it: {exception.Message.TrimEnd('.')}";
        }
    }
}
