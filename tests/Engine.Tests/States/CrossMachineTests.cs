using RwkvSk.Engine.Models;
using RwkvSk.Engine.Prompts;
using RwkvSk.Engine.Tests.Scheduling;
using RwkvSk.TestKit;
using Xunit;

namespace RwkvSk.Engine.Tests.States;

/// <summary>A state that was captured with other vector instructions, as on another machine.</summary>
public sealed class CrossMachineTests
{
    public CrossMachineTests() => Assert.SkipWhen(LibTorch.Missing is not null, LibTorch.Missing ?? "");

    internal static Prompt Beginning => new(new Turn("System: be brief, and say what you mean.\n\n"), new Turn("User: what is a state good for?\n\n"));

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("rwkv4")]
    [InlineData("rwkv5")]
    [InlineData("rwkv6")]
    [InlineData("rwkv7")]
    public async Task A_state_captured_with_avx2_is_continued_token_for_token(string version)
    {
        using var folder = new TemporaryFolder();
        var model = Golden.File(version, "small_fp32.safetensors");
        using (var child = ChildProcess.CapturingWithoutAvx512(model, folder["a.state"]))
        {
            Assert.Equal(0, await child.WaitAsync(Cancel));
        }

        using var engine = Load(model, new EngineOptions { SnapshotSecret = new byte[16], PrefixCacheBytes = 0 }, out _);
        var resumed = await Streams.CollectAsync(engine.GenerateAsync(await engine.LoadSnapshotAsync(folder["a.state"], Cancel), new Prompt("Assistant:"), Streams.Greedy(24), Cancel));
        var straight = await engine.RunAsync(new Prompt([.. Beginning.Turns, new Turn("Assistant:")]), Streams.Greedy(24), Cancel);

        Assert.Equal(straight.Ids, resumed.Ids);
        Assert.Equal(straight.Usage.PromptPositions - "Assistant:".Length, resumed.Usage.ReusedPositions);
    }

    internal static RwkvEngine Load(string path, EngineOptions options, out RecordingRunner runner)
    {
        var model = new Models.LoadedModel(path);
        runner = new RecordingRunner(new TorchModelRunner(model.Model, null, options, TorchSharp.torch.CPU, model, new byte[32]));
        return TestEngine.Over(runner, options);
    }
}
