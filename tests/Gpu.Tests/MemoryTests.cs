using RwkvSk.Engine;
using RwkvSk.Engine.Models;
using RwkvSk.TestKit;
using Xunit;

namespace RwkvSk.Gpu.Tests;

/// <summary>Memory that is not there, and memory that comes back.</summary>
public sealed class MemoryTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public MemoryTests() => Gpu.Require();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Too_much_is_refused_with_figures_and_the_GPU_goes_on()
    {
        using var context = Gpu.Open();
        var total = context.Memory().Total;
        var failure = Assert.Throws<CudaException>(() => context.Allocate(2 * total));
        Assert.True(failure.IsOutOfMemory);
        Assert.False(failure.IsFatal);
        Assert.Contains(MemoryPlan.Size(2 * total), failure.Message, StringComparison.Ordinal);
        using var small = context.Allocate(1 << 20);
        small.Write<int>([1, 2, 3]);
        var seen = new int[3];
        small.Read<int>(seen);
        Assert.Equal([1, 2, 3], seen);
    }

    [Fact]
    public void A_model_that_cannot_fit_is_refused_before_it_is_loaded()
    {
        var path = TinyModel.Create(_folder["tiny"]);
        var refusal = Assert.Throws<InsufficientMemoryException>(() => RwkvEngine.Load(path, new EngineOptions { Device = Device.Cuda, MaxRunning = 50_000_000 }));
        Assert.Contains("of GPU memory", refusal.Message, StringComparison.Ordinal);
        using var engine = RwkvEngine.Load(path, new EngineOptions { Device = Device.Cuda });
    }

    [Fact]
    public void What_an_engine_took_of_the_driver_comes_back()
    {
        var path = TinyModel.Create(_folder["tiny"]);
        LoadOnce();
        using var context = Gpu.Open();
        var before = context.Memory().Free;
        for (var i = 0; i < 20; i++)
        {
            LoadOnce();
        }

        // libtorch keeps what it has had; the rest must not grow with every engine.
        Assert.InRange(context.Memory().Free, before - (64L << 20), long.MaxValue);

        void LoadOnce()
        {
            using var engine = RwkvEngine.Load(path, new EngineOptions { Device = Device.Cuda, MaxRunning = 64 });
        }
    }
}
