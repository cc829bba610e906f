using System.Globalization;
using RwkvSk.Engine;
using RwkvSk.TestKit;
using Xunit;

namespace RwkvSk.Gpu.Tests;

/// <summary>Many conversations for a long time. <c>RWKVSK_GPU_SOAK</c> sets how many tokens.</summary>
public sealed class SoakTests : IDisposable
{
    private const int Tokens = 100_000;

    private readonly TemporaryFolder _folder = new();

    public SoakTests() => Gpu.Require();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData(6), InlineData(7)]
    public async Task Every_answer_is_what_the_request_gives_alone(int version)
    {
        using var engine = RwkvEngine.Load(
            TinyModel.Create(_folder[$"tiny{version}"], version: version), new EngineOptions { Device = Device.Cuda, Precision = WeightPrecision.Float32, MaxRunning = 16, MaxWaiting = 1024 });
        var result = await new Soak(engine, conversations: 50, seed: 3).RunAsync(Wanted() / 2, TestContext.Current.CancellationToken);
        Assert.Equal(0, result.Different);
        Assert.True(result.Answers > 0 && result.Cancelled > 0);
    }

    private static long Wanted() =>
        Environment.GetEnvironmentVariable("RWKVSK_GPU_SOAK") is { Length: > 0 } text ? long.Parse(text, CultureInfo.InvariantCulture) : Tokens;
}
