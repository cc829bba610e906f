using RwkvSk.Engine.Models;
using RwkvSk.Engine.Prompts;
using RwkvSk.Engine.Tests.Scheduling;
using RwkvSk.TestKit;
using Xunit;
using static RwkvSk.Engine.Tests.Scheduling.Streams;

namespace RwkvSk.Engine.Tests.Models;

/// <summary>The engine's laws over the real arithmetic: a small RWKV-7 checkpoint in fp32, whose logits are compared bit for bit.</summary>
public sealed class EngineOverTorchTests
{
    public EngineOverTorchTests() => Assert.SkipWhen(LibTorch.Missing is not null, LibTorch.Missing ?? "");

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(1, 256)]
    [InlineData(2, 16)]
    [InlineData(3, 5)]
    public async Task Kept_prefixes_change_no_bit_of_the_logits(int seed, int chunkLength)
    {
        var random = new Random(seed);
        using var warm = Load(new EngineOptions { ChunkLength = chunkLength });
        using var cold = Load(new EngineOptions { ChunkLength = chunkLength, PrefixCacheBytes = 0 });
        var turns = new List<Turn>();
        long reused = 0;

        for (var round = 0; round < 16; round++)
        {
            if (round % 5 == 4)
            {
                turns[random.Next(turns.Count)] = RandomTurn(random);   // an edit
            }

            turns.Add(RandomTurn(random));
            var prompt = new Prompt([.. turns, new Turn("Assistant:")]);

            var expected = await cold.Engine.RunAsync(prompt, Greedy(6), Cancel);
            var found = await warm.Engine.RunAsync(prompt, Greedy(6), Cancel);

            Assert.Equal(expected.Ids, found.Ids);
            Assert.Equal(cold.Runner.TakeLogits(), warm.Runner.TakeLogits());
            reused += found.Usage.ReusedPositions;
        }

        Assert.True(reused > 0);
        Assert.True(warm.Runner.PrefillPositions < cold.Runner.PrefillPositions / 2);
    }

    [Fact]
    public async Task Interleaved_answers_equal_single_ones_token_for_token()
    {
        using var together = Load(new EngineOptions { MaxRunning = 4, ChunkLength = 16 });
        using var alone = Load(new EngineOptions { MaxRunning = 1, ChunkLength = 16, PrefixCacheBytes = 0 });
        var random = new Random(4);
        var prompts = Enumerable.Range(0, 12).Select(i => new Prompt(RandomTurn(random), new Turn($"{i} Assistant:"))).ToArray();

        var found = await Task.WhenAll(prompts.Select((prompt, i) => together.Engine.RunAsync(prompt, Greedy(8 + i), Cancel)));

        for (var i = 0; i < prompts.Length; i++)
        {
            Assert.Equal((await alone.Engine.RunAsync(prompts[i], Greedy(8 + i), Cancel)).Ids, found[i].Ids);
        }
    }

    [Fact]
    public async Task A_captured_state_goes_on_bit_for_bit()
    {
        using var one = Load(new EngineOptions());
        using var other = Load(new EngineOptions { PrefixCacheBytes = 0 });
        var snapshot = await one.Engine.CaptureAsync(new Prompt(new Turn("System: be brief.\n\n"), new Turn("User: hello\n\n")), Cancel);

        await CollectAsync(one.Engine.GenerateAsync(snapshot, new Prompt("Assistant:"), Greedy(5), Cancel));
        await other.Engine.RunAsync(Turns("System: be brief.\n\n", "User: hello\n\n", "Assistant:"), Greedy(5), Cancel);

        Assert.Equal(other.Runner.TakeLogits(), one.Runner.TakeLogits());
    }

    private static Turn RandomTurn(Random random) => new(
        [.. Enumerable.Range(0, random.Next(1, 4)).Select(_ => new TextSegment(new string((char)('a' + random.Next(26)), random.Next(1, 40)) + " "))]);

    private static Loaded Load(EngineOptions options)
    {
        var model = new LoadedModel(Golden.File("rwkv7", "small_fp32.safetensors"));
        var runner = new RecordingRunner(new TorchModelRunner(model.Model, null, options, TorchSharp.torch.CPU, model, new byte[32]));
        return new Loaded(TestEngine.Over(runner, options), runner);
    }

    private sealed record Loaded(RwkvEngine Engine, RecordingRunner Runner) : IDisposable
    {
        public void Dispose() => Engine.Dispose();
    }
}
