using RwkvSk.Engine;
using RwkvSk.Engine.Constraints;
using RwkvSk.Engine.Kernels.Cuda;
using RwkvSk.Engine.Models;
using RwkvSk.Engine.Prompts;
using RwkvSk.Engine.Sampling;
using RwkvSk.Engine.Scheduling;
using RwkvSk.Engine.Tests.Kernels.Cpu;
using RwkvSk.Engine.Weights;
using RwkvSk.TestKit;
using Xunit;

namespace RwkvSk.Gpu.Tests;

/// <summary>What is true of decoding on a GPU whatever is decoded.</summary>
public sealed class LawTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public LawTests() => Gpu.Require();

    public static TheoryData<string, WeightPrecision> Cases
    {
        get
        {
            var cases = new TheoryData<string, WeightPrecision>();
            foreach (var version in new[] { "rwkv6", "rwkv7" })
            {
                foreach (var precision in new[] { WeightPrecision.Float32, WeightPrecision.BFloat16, WeightPrecision.Float16, WeightPrecision.Int8, WeightPrecision.Int4 })
                {
                    cases.Add(version, precision);
                }
            }

            return cases;
        }
    }

    public void Dispose() => _folder.Dispose();

    [Theory, MemberData(nameof(Cases))]
    public void A_graph_gives_the_bits_of_its_launches(string version, WeightPrecision precision) =>
        Assert.Equal(DecodeDirectly(version, precision, usesGraphs: false), DecodeDirectly(version, precision, usesGraphs: true));

    [Theory, MemberData(nameof(Cases))]
    public void A_row_of_a_batch_has_the_bits_it_has_alone(string version, WeightPrecision precision)
    {
        const int Slots = 37;   // no size that there is a graph for; from 32 on, cuBLAS multiplies what is no integer: ManyTests
        var isInteger = precision is WeightPrecision.Int8 or WeightPrecision.Int4;
        using var model = new GpuModel(version, precision, slots: Slots);
        var tokens = Enumerable.Range(0, Slots).Select(static slot => (slot * 7 % 200) + 1).ToArray();
        var alone = new List<float>();
        for (var slot = 0; slot < Slots; slot++)
        {
            model.Runner.Reset(slot);
            model.Decode((slot, tokens[slot]));
            alone.AddRange(model.Decode((slot, slot + 1)));
        }

        foreach (var count in new[] { 1, 2, 3, 5, 8, 9, 16, 33, Slots }.Where(count => isInteger || count < CudaDecoder.ManyPositions))
        {
            for (var slot = 0; slot < count; slot++)
            {
                model.Runner.Reset(slot);
            }

            model.Decode([.. Enumerable.Range(0, count).Select(slot => (slot, tokens[slot]))]);
            Assert.Equal(alone[..(count * model.Runner.VocabularySize)], model.Decode([.. Enumerable.Range(0, count).Select(static slot => (slot, slot + 1))]));
        }
    }

    [Theory, MemberData(nameof(Cases))]
    public void A_restored_snapshot_continues_as_if_never_interrupted(string version, WeightPrecision precision)
    {
        using var model = new GpuModel(version, precision);
        model.Read(0, [.. Enumerable.Range(1, 40)]);
        model.Decode((0, 7));
        var snapshot = model.Runner.Capture(0, 41);
        var straight = model.DecodeAll(0, Enumerable.Range(50, 20));
        model.Runner.Restore(2, snapshot);
        Assert.Equal(straight, model.DecodeAll(2, Enumerable.Range(50, 20)));
    }

    [Theory, MemberData(nameof(Cases))]
    public void The_same_run_gives_the_same_bits(string version, WeightPrecision precision)
    {
        using var model = new GpuModel(version, precision);
        Assert.Equal(Run(0), Run(1));

        float[] Run(int slot)
        {
            model.Runner.Reset(slot);
            return [.. model.Read(slot, [.. Enumerable.Range(1, 100)]), .. model.DecodeAll(slot, Enumerable.Range(1, 30))];
        }
    }

    [Theory, MemberData(nameof(Cases))]
    public async Task Answers_are_the_same_token_for_token_whether_the_GPU_chooses_or_the_engine_samples(string version, WeightPrecision precision)
    {
        Assert.Equal(await AnswersAsync(isChosen: false), await AnswersAsync(isChosen: true));

        async Task<int[][]> AnswersAsync(bool isChosen)
        {
            using var model = new GpuModel(version, precision, slots: 5);
            Assert.NotNull(model.Runner.Chooser);
            using var engine = TestEngine.Over(isChosen ? model.Runner : new LogitsRunner(model.Runner), new EngineOptions { MaxRunning = 5, PrefixCacheBytes = 0 });
            GenerationOptions[] ways =
            [
                .. new SamplingOptions[] { SamplingOptions.Greedy, new() { Seed = 1, TopP = 1 }, new() { Seed = 2, Temperature = 1.7f, TopP = 0.9f, TopK = 25 }, new() { Seed = 3, PresencePenalty = 0.4f } }
                    .Select(static way => new GenerationOptions { Sampling = way, MaximumTokens = 64 }),
                new() { Sampling = new SamplingOptions { Seed = 4 }, MaximumTokens = 64, Constraint = Constraint.AnyJsonObject },
            ];
            return await Task.WhenAll(ways.Select((way, i) => AnswerAsync(engine, $"{i}", way)));
        }
    }

    [Fact]
    public async Task Two_engines_of_a_process_do_not_disturb_each_other()
    {
        var path = TinyModel.Create(_folder["tiny"]);
        var options = new EngineOptions { Device = Device.Cuda, Precision = WeightPrecision.Float32, MaxRunning = 2 };
        using var one = RwkvEngine.Load(path, options);
        var alone = await AnswerAsync(one, "one");
        using (var other = RwkvEngine.Load(path, options))
        {
            var both = await Task.WhenAll(AnswerAsync(one, "one"), AnswerAsync(other, "one"), AnswerAsync(other, "one"));
            Assert.All(both, answer => Assert.Equal(alone, answer));
        }

        Assert.Equal(alone, await AnswerAsync(one, "one"));
    }

    private static async Task<int[]> AnswerAsync(RwkvEngine engine, string question, GenerationOptions? generation = null)
    {
        var ids = new List<int>();
        generation ??= new GenerationOptions { MaximumTokens = 64, Sampling = SamplingOptions.Greedy };
        await foreach (var token in engine.GenerateAsync(new Prompt($"User: {question}{new string('?', 40)}\n\nAssistant:"), generation, TestContext.Current.CancellationToken))
        {
            ids.Add(token.Id);
        }

        return [.. ids];
    }

    private static float[] DecodeDirectly(string version, WeightPrecision precision, bool usesGraphs)
    {
        using var file = WeightFiles.Open(Golden.File(version, "small_fp32.safetensors"));
        var config = RwkvConfig.Read(new WeightScope(new ShapeSource(file)));
        using var context = Gpu.Open();
        using var states = context.Allocate(3L * config.LayerCount * config.StateRows * config.Width * sizeof(float));
        context.Stream.Fill(states, 0);
        using var decoder = new CudaDecoder(context, file, "", config, states.Pointer, 3, new CudaDecoderOptions(16, precision, usesGraphs));
        var (logits, all) = (new float[2 * config.VocabularySize], new List<float>());
        for (var token = 1; token < 30; token++)
        {
            decoder.Decode([new BatchRow(0, new[] { token }, null, true), new BatchRow(1, new[] { token + 3 }, null, true)], logits);
            all.AddRange(logits);
        }

        return [.. all];
    }
}
