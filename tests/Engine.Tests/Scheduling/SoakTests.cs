using RwkvSk.TestKit;
using Xunit;

namespace RwkvSk.Engine.Tests.Scheduling;

/// <summary>A short soak; <c>tests/Benchmarks</c> runs the long one.</summary>
public sealed class SoakTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Fifty_conversations_at_once_say_what_each_says_alone()
    {
        using var engine = TestEngine.Over(new FakeModelRunner(slots: 8) { IsRecording = false }, new EngineOptions { MaxRunning = 8, MaxWaiting = 64 });
        var result = await new Soak(engine, conversations: 50, seed: 1).RunAsync(20_000, TestContext.Current.CancellationToken);
        Assert.Equal(0, result.Different);
        Assert.True(result.Answers > 100 && result.Cancelled > 50, result.ToString());
        Assert.Equal(0, engine.LiveRequests);
    }

    [Fact]
    public async Task Fifty_conversations_over_a_real_model_say_what_each_says_alone()
    {
        Assert.SkipWhen(LibTorch.Missing is not null, LibTorch.Missing ?? "");
        using var engine = RwkvEngine.Load(TinyModel.Create(_folder["tiny"]), new EngineOptions { Device = Device.Cpu, Precision = WeightPrecision.Float32, MaxRunning = 8, MaxWaiting = 64, Threads = 1 });
        var result = await new Soak(engine, conversations: 50, seed: 2).RunAsync(2_000, TestContext.Current.CancellationToken);
        Assert.Equal(0, result.Different);
        Assert.True(result.Answers > 10 && result.Cancelled > 5, result.ToString());
    }
}
