using System.Runtime.CompilerServices;
using RwkvSk.Engine.Constraints;
using RwkvSk.Engine.Kernels.Cuda.Parameters;
using RwkvSk.Engine.Prompts;
using RwkvSk.Engine.Sampling;
using RwkvSk.Engine.Scheduling;
using RwkvSk.Engine.Tests.Scheduling;
using RwkvSk.TestKit;
using RwkvSk.TestKit.Cuda;
using Xunit;
using static RwkvSk.Engine.Tests.Scheduling.Streams;

namespace RwkvSk.Engine.Tests.Models;

/// <summary>Whole answers of an engine on a GPU, with the driver and the kernels on the host: tokens are chosen on the device, or sampled out of its logits.</summary>
public sealed class CudaEngineTests
{
    private const int Slots = 6;

    private static readonly Constraint Moves = Constraint.FromJsonSchema("""{"type":"array","items":{"enum":["left","right","up"]},"minItems":3,"maxItems":6}""");

    public CudaEngineTests()
    {
        Assert.SkipWhen(LibTorch.Missing is not null, LibTorch.Missing ?? "");
        Assert.SkipUnless(KernelShim.SkipReason.Length == 0, KernelShim.SkipReason);
    }

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Theory, InlineData("rwkv6"), InlineData("rwkv7")]
    public async Task Answers_are_the_same_token_for_token_whether_the_device_chooses_or_the_engine_samples(string version)
    {
        var (chosen, sampled) = (await AnswersAsync(version, isChosen: true), await AnswersAsync(version, isChosen: false));
        Assert.All(sampled, static answer => Assert.True(answer.Ids.Distinct().Count() > 2));   // something to get wrong
        for (var i = 0; i < sampled.Count; i++)
        {
            Assert.Equal(sampled[i].Ids, chosen[i].Ids);
            Assert.Equal((sampled[i].Text, sampled[i].Reason), (chosen[i].Text, chosen[i].Reason));
            Assert.Equal(sampled[i].Usage.GeneratedTokens, chosen[i].Usage.GeneratedTokens);
        }
    }

    [Fact]
    public async Task A_chosen_token_brings_a_few_bytes_to_the_host_and_a_sampled_one_its_logits()
    {
        using var gpu = new HostGpu("rwkv7");
        Assert.NotNull(gpu.Runner.Chooser);
        var prompt = new Prompt(new string('a', 40));   // libtorch reads it: its logits do not pass through the driver
        using (var engine = Over(gpu.Runner))
        {
            var decoded = (await engine.RunAsync(prompt, Seeded(1, 31), Cancel)).Ids.Count - 1;
            Assert.InRange(decoded, 10, 30);
            Assert.Equal(decoded * (Unsafe.SizeOf<Choice>() + sizeof(int)), gpu.Driver.BytesToHost);
        }

        using var other = new HostGpu("rwkv7");
        using (var engine = Over(new LogitsRunner(other.Runner)))
        {
            var decoded = (await engine.RunAsync(prompt, Seeded(1, 31), Cancel)).Ids.Count - 1;
            Assert.Equal(decoded * other.Runner.VocabularySize * sizeof(float), other.Driver.BytesToHost);
        }
    }

    private static async Task<IReadOnlyList<Result>> AnswersAsync(string version, bool isChosen)
    {
        using var gpu = new HostGpu(version, slots: Slots);
        using var engine = Over(isChosen ? gpu.Runner : new LogitsRunner(gpu.Runner));
        GenerationOptions[] ways =
        [
            Greedy(24), Seeded(1, 24), Greedy(24) with { Sampling = new SamplingOptions { Seed = 2, Temperature = 1.7f, TopP = 0.9f, TopK = 25 } },
            Greedy(24) with { Sampling = new SamplingOptions { Seed = 3, TopP = 1, PresencePenalty = 0.4f } },
            Seeded(4, 60) with { Constraint = Moves }, Seeded(5, 120) with { StopSequences = ["e", "5"] },
        ];
        return await Task.WhenAll(ways.Select((way, i) => engine.RunAsync(new Prompt($"{new string('q', 20 + i)}:"), way, Cancel)));
    }

    private static RwkvEngine Over(IModelRunner runner) => TestEngine.Over(runner, new EngineOptions { MaxRunning = runner.SlotCount, PrefixCacheBytes = 0 });
}
