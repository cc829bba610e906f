using Microsoft.Extensions.Logging;
using static TorchSharp.torch;
using TorchDevice = TorchSharp.torch.Device;

namespace RwkvSk.Engine.Models;

/// <summary>Which device a model runs on.</summary>
internal static partial class Devices
{
    /// <summary>The wanted device, or for <see cref="Device.Auto"/> CUDA where it works and else the CPU, with a log line that says why.</summary>
    /// <exception cref="LibTorchException">CUDA was asked for and is not to be had.</exception>
    public static TorchDevice Choose(Device wanted, ILogger logger)
    {
        if (wanted == Device.Cpu)
        {
            return CPU;
        }

        var reason = WhyNoCuda();
        if (reason is null)
        {
            return CUDA;
        }

        if (wanted == Device.Cuda)
        {
            throw new LibTorchException($"CUDA was asked for, but {reason}");
        }

        LogCpu(logger, reason);
        return CPU;
    }

    private static string? WhyNoCuda()
    {
        try
        {
            return cuda.is_available() && TryInitializeDeviceType(TorchSharp.DeviceType.CUDA)
                ? null
                : "no usable GPU was found: it needs an NVIDIA GPU, a driver for CUDA 12.8 or later, and a libtorch with CUDA (build with -p:Torch=cuda, or set RWKVSK_LIBTORCH_DIR).";
        }
        catch (Exception exception) when (exception is System.Runtime.InteropServices.ExternalException or TypeInitializationException or NotSupportedException)
        {
            return $"libtorch could not start it: {exception.Message}";
        }
    }

    [LoggerMessage(EventId = 2, Level = LogLevel.Information, Message = "Running on the CPU: {Reason}")]
    private static partial void LogCpu(ILogger logger, string reason);
}
