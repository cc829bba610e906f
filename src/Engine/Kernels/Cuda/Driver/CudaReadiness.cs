using System.Globalization;

namespace RwkvSk.Engine.Kernels.Cuda.Driver;

/// <summary>Why a machine's GPU cannot be used, as far as the driver knows.</summary>
internal static class CudaReadiness
{
    /// <summary>The oldest CUDA of a driver that libtorch's pack and our kernels work with, 1000 x major + 10 x minor.</summary>
    public const int LeastVersion = 12000;

    private const string LeastDriver = "525";

    /// <summary>The reason as the rest of a sentence; null where nothing speaks against it.</summary>
    public static string? WhyNot(ICudaDriver driver)
    {
        var status = driver.Init();
        if (status != CudaStatus.Success)
        {
            var (name, sentence) = driver.Describe(status);
            return status switch
            {
                CudaStatus.NoDevice => "the NVIDIA driver finds no GPU",
                CudaStatus.StubLibrary => "the driver library that was found is the CUDA toolkit's stand-in and no driver",
                CudaStatus.SystemDriverMismatch => "the NVIDIA driver's library and its kernel module are of different versions: start the machine again",
                _ => $"the NVIDIA driver does not start: {name}, {sentence}",
            };
        }

        if (driver.DriverVersion(out var version) != CudaStatus.Success || version < LeastVersion)
        {
            return $"the NVIDIA driver is too old: it knows CUDA {Text(version)}, expected {Text(LeastVersion)} or later (driver {LeastDriver})";
        }

        return driver.DeviceCount(out var count) != CudaStatus.Success || count == 0 ? "the NVIDIA driver shows no GPU to this process" : null;
    }

    private static string Text(int version) => string.Create(CultureInfo.InvariantCulture, $"{version / 1000}.{version % 1000 / 10}");
}
