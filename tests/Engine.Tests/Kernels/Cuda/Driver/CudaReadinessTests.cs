using RwkvSk.Engine.Kernels.Cuda.Driver;
using RwkvSk.TestKit.Cuda;
using Xunit;

namespace RwkvSk.Engine.Tests.Kernels.Cuda.Driver;

/// <summary>Why a GPU cannot be used, in one sentence each.</summary>
public unsafe class CudaReadinessTests
{
    [Fact]
    public void A_driver_with_a_GPU_is_ready() => Assert.Null(CudaReadiness.WhyNot(TestKernels.Driver()));

    [Fact]
    public void An_old_driver_says_what_it_knows_and_what_is_expected() =>
        Assert.Equal("the NVIDIA driver is too old: it knows CUDA 11.4, expected 12.0 or later (driver 525)", CudaReadiness.WhyNot(Driver(version: 11040)));

    [Theory]
    [InlineData(100, "finds no GPU")]
    [InlineData(34, "stand-in and no driver")]
    [InlineData(803, "of different versions")]
    [InlineData(999, "does not start: CUDA_ERROR_999")]
    public void A_driver_that_does_not_start_says_why(int status, string why)
    {
        var driver = Driver();
        (driver.FailAt, driver.FailWith) = (1, (CudaStatus)status);
        Assert.Contains(why, CudaReadiness.WhyNot(driver), StringComparison.Ordinal);
    }

    [Fact]
    public void No_device_is_said() => Assert.Equal("the NVIDIA driver finds no GPU", CudaReadiness.WhyNot(Driver(devices: 0)));

    [Fact]
    public void A_machine_without_the_driver_has_a_reason_and_no_exception()
    {
        var driver = CudaDriver.TryLoad(out var reason);
        Assert.Equal(driver is null, reason.Length > 0);
        Assert.True(driver is not null || reason.Contains("NVIDIA driver", StringComparison.Ordinal));
    }

    private static HostDriver Driver(int version = 12080, int devices = 1) => new(static (string _, in LaunchShape _, void** _) => null) { Version = version, Devices = devices };
}
