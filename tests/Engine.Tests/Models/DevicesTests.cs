using RwkvSk.Engine.Kernels.Cuda.Driver;
using RwkvSk.Engine.Models;
using RwkvSk.Engine.Tests.Kernels.Cuda.Driver;
using RwkvSk.Engine.Weights;
using RwkvSk.TestKit;
using RwkvSk.TestKit.Cuda;
using Xunit;

namespace RwkvSk.Engine.Tests.Models;

/// <summary>Where a model goes, and what is said when it cannot go where it was to.</summary>
public sealed class DevicesTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly ListLogger _log = new();

    public DevicesTests() => Assert.SkipWhen(LibTorch.Missing is not null, LibTorch.Missing ?? "");

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Auto_takes_the_CPU_and_says_why_in_one_line()
    {
        Assert.True(Devices.Choose(Device.Auto, _log, static () => (null, "the moon is full")).IsCpu);
        Assert.Equal("Information: Running on the CPU: the moon is full.", Assert.Single(_log.Lines));
    }

    [Fact]
    public void A_GPU_that_was_asked_for_and_is_not_there_is_an_error()
    {
        var refusal = Assert.Throws<LibTorchException>(() => Devices.Choose(Device.Cuda, _log, static () => (null, "the moon is full")));
        Assert.Equal("CUDA was asked for, but the moon is full.", refusal.Message);
        Assert.Empty(_log.Lines);
    }

    [Fact]
    public void The_CPU_asks_no_driver() => Assert.True(Devices.Choose(Device.Cpu, _log, static () => throw new InvalidOperationException()).IsCpu);

    [Fact]
    public void This_machine_has_a_GPU_or_a_reason()
    {
        using var device = Devices.Choose(Device.Auto, _log);
        Assert.Equal(device.IsCpu ? 1 : 0, _log.Lines.Count);
    }

    [Fact]
    public void A_model_that_does_not_fit_goes_to_the_CPU_or_is_refused_before_anything_is_loaded()
    {
        var folder = ModelFolder.Open(TinyModel.Create(_folder["tiny"]));
        using var weights = folder.OpenWeights();
        var driver = TestKernels.Driver(memory: 3 << 20);
        var placement = ModelPlacement.Choose(folder, weights, new EngineOptions(), _log, Gpu(driver));
        Assert.True(placement.Device.IsCpu);
        Assert.Equal(0, placement.Plan.NeededOnGpu);
        var line = Assert.Single(_log.Lines);
        Assert.Contains("of GPU memory and 3.0 MiB are free", line, StringComparison.Ordinal);

        var refusal = Assert.Throws<InsufficientMemoryException>(() => ModelPlacement.Choose(folder, weights, new EngineOptions { Device = Device.Cuda }, _log, Gpu(driver)));
        Assert.Contains(refusal.Message, line + ".", StringComparison.Ordinal);
        Assert.Equal(0, driver.LiveHandles);
    }

    [Fact]
    public void A_model_that_fits_is_planned_with_its_weights_and_states_on_the_GPU()
    {
        var folder = ModelFolder.Open(TinyModel.Create(_folder["tiny"]));
        using var weights = folder.OpenWeights();
        var driver = TestKernels.Driver(memory: 4L << 30);
        var placement = ModelPlacement.Choose(folder, weights, new EngineOptions { MaxRunning = 5 }, _log, Gpu(driver));
        using (placement.Device)
        {
            Assert.False(placement.Device.IsCpu);
            var onGpu = placement.Plan.Items.Where(static item => item.IsOnGpu).Select(static item => item.Kind);
            Assert.Superset(new HashSet<string> { MemoryKinds.CopiedWeights, MemoryKinds.Slots, MemoryKinds.Scratch }, onGpu.ToHashSet());
            Assert.StartsWith("6 states", placement.Plan.Items.Single(static item => item.Kind == MemoryKinds.Slots).Meaning, StringComparison.Ordinal);
            Assert.Equal(4L << 30, placement.Plan.FreeOnGpu);
            Assert.Empty(_log.Lines);
        }

        Assert.Equal(0, driver.LiveHandles);
    }

    private static ComputeDevice Gpu(HostDriver driver) => new(TorchSharp.torch.CPU, CudaContext.Open(driver));
}
