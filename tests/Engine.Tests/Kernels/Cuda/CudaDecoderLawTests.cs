using RwkvSk.Engine.Kernels.Cpu;
using RwkvSk.Engine.Kernels.Cuda;
using RwkvSk.Engine.Kernels.Cuda.Driver;
using RwkvSk.Engine.Models;
using RwkvSk.Engine.Sampling;
using RwkvSk.Engine.Scheduling;
using RwkvSk.Engine.Tests.Kernels.Cpu;
using RwkvSk.Engine.Weights;
using RwkvSk.TestKit;
using RwkvSk.TestKit.Cuda;
using Xunit;

namespace RwkvSk.Engine.Tests.Kernels.Cuda;

/// <summary>What holds for the GPU's decoder whatever the weights: a position's numbers depend on its sequence alone, to the bit.</summary>
public unsafe class CudaDecoderLawTests
{
    private static readonly int[] Tokens = [.. Enumerable.Range(0, 61).Select(static i => (i * 37) % 250)];

    public CudaDecoderLawTests() => Assert.SkipUnless(KernelShim.SkipReason.Length == 0, KernelShim.SkipReason);

    [Theory, InlineData("rwkv6"), InlineData("rwkv7")]
    public void A_batch_equals_each_alone_bit_for_bit(string version)
    {
        const int Slots = 19;   // 19 rows fill up to 32, 11 to 16, 5 to 8, 3 to 4
        using var model = Load(version, Slots);
        var alone = new List<float[]>();
        for (var slot = 0; slot < Slots; slot++)
        {
            Read(model, slot);
            alone.Add(model.Decode((slot, 100 + slot)));
        }

        foreach (var count in new[] { 19, 11, 5, 3 })
        {
            for (var slot = 0; slot < count; slot++)
            {
                Read(model, slot);
            }

            var together = model.Decode([.. Enumerable.Range(0, count).Reverse().Select(static slot => (slot, 100 + slot))]);
            for (var i = 0; i < count; i++)
            {
                Assert.Equal(alone[count - 1 - i], together.AsSpan(i * model.Config.VocabularySize, model.Config.VocabularySize).ToArray());
            }
        }

        static void Read(CudaDecoderOverStates model, int slot)
        {
            model.Reset(slot);
            model.Read(slot, Tokens.AsSpan(slot, 3), 3);
        }
    }

    [Theory, InlineData("rwkv6"), InlineData("rwkv7")]
    public void A_graph_equals_its_launches_and_the_order_of_threads_does_not_matter(string version)
    {
        using var model = Load(version, slots: 3);
        var (expected, launches) = (Run(model), model.Driver.Launched.ToArray());
        Assert.True(model.Driver.GraphLaunches > 0);

        using var bare = new CudaDecoderOverStates(Golden.File(version, "small_fp32.safetensors"), slots: 3, usesGraphs: false, isReversed: true);
        Assert.Equal(expected, Run(bare));
        Assert.Equal(launches, bare.Driver.Launched);
        Assert.Equal(0, bare.Driver.GraphLaunches);

        static float[] Run(CudaDecoderOverStates model) =>
            [.. model.Read(0, Tokens.AsSpan(0, 7), 4), .. model.Decode((0, 1), (2, 5)), .. model.Decode((1, 2)), .. model.Decode((2, 7), (1, 1), (0, 3))];
    }

    [Theory, InlineData("rwkv6"), InlineData("rwkv7")]
    public void A_state_that_was_restored_goes_on_as_if_never_interrupted(string version)
    {
        using var model = Load(version, slots: 2);
        model.Read(0, Tokens.AsSpan(0, 20), 16);
        var states = Enumerable.Range(0, model.Config.LayerCount).Select(layer => model.Rows(layer, 0)).ToArray();
        var expected = model.Read(0, Tokens.AsSpan(20, 9), 1);
        for (var layer = 0; layer < states.Length; layer++)
        {
            model.Write(layer, 1, states[layer]);
        }

        Assert.Equal(expected, model.Read(1, Tokens.AsSpan(20, 9), 1));
    }

    [Theory]
    [InlineData("rwkv6", "Int8", 0.9995), InlineData("rwkv7", "Int8", 0.9995), InlineData("rwkv6", "Int4", 0.97), InlineData("rwkv7", "Int4", 0.97)]
    [InlineData("rwkv6", "Float16", 0.9999), InlineData("rwkv7", "Float16", 0.9999), InlineData("rwkv6", "BFloat16", 0.9995), InlineData("rwkv7", "BFloat16", 0.9995)]
    public void Smaller_weights_point_where_fp32_does_and_keep_the_bits_of_a_batch(string version, string precision, double leastCosine)
    {
        using var exact = Load(version, slots: 1);
        using var model = new CudaDecoderOverStates(Golden.File(version, "small_fp32.safetensors"), slots: 3, precision: Enum.Parse<WeightPrecision>(precision));
        var (expected, found) = (exact.Read(0, Tokens.AsSpan(0, 24), 1), model.Read(0, Tokens.AsSpan(0, 24), 1));
        var cosine = Dot(expected, found) / Math.Sqrt(Dot(expected, expected) * Dot(found, found));
        Assert.True(cosine > leastCosine, $"{version} {precision}: the logits' cosine is {cosine:f5}");

        model.Read(1, Tokens.AsSpan(0, 24), 16);
        model.Read(2, Tokens.AsSpan(0, 24), 16);
        var together = model.Decode((0, 9), (1, 9), (2, 9));
        Assert.All(together.Chunk(model.Config.VocabularySize), row => Assert.Equal(together[..model.Config.VocabularySize], row));

        static double Dot(float[] a, float[] b) => a.Zip(b, static (x, y) => (double)x * y).Sum();
    }

    [Theory]
    [InlineData("rwkv6", "main_bf16.pth", "Auto"), InlineData("rwkv7", "main_bf16.pth", "Auto")]
    [InlineData("rwkv6", "small_fp32.safetensors", "Float16"), InlineData("rwkv7", "small_fp32.safetensors", "Float16")]
    public void It_gives_what_the_decoder_of_the_CPU_gives_in_the_same_format(string version, string checkpoint, string precision)
    {
        var wanted = Enum.Parse<WeightPrecision>(precision);
        using var cpu = new DecoderOverStates(Golden.File(version, checkpoint), SimdLevels.Best, precision: wanted);
        using var gpu = new CudaDecoderOverStates(Golden.File(version, checkpoint), precision: wanted);
        Tolerance.AssertClose(cpu.Read(0, Tokens.AsSpan(0, 30), 1), gpu.Read(0, Tokens.AsSpan(0, 30), 1), $"{version} {precision}");
    }

    [Theory, InlineData("rwkv6", 9), InlineData("rwkv7", 7)]
    public void A_layer_takes_few_launches(string version, int perLayer)
    {
        using var model = Load(version, slots: 1);
        model.Decode((0, 1));
        Assert.Equal((perLayer * model.Config.LayerCount) + 3, model.Driver.Launched.Count);   // embeddings, last norm, head
        Assert.Equal(1, model.Driver.GraphLaunches);
    }

    [Fact]
    public void A_token_without_an_embedding_is_refused_before_anything_is_read()
    {
        using var model = Load("rwkv7", slots: 1);
        var logits = new float[model.Config.VocabularySize];
        foreach (var token in new[] { -1, model.Config.VocabularySize, int.MaxValue })
        {
            Assert.Throws<ArgumentOutOfRangeException>(() => model.Decoder.Prefill(new BatchRow(0, new[] { token }, null, true), logits));
            Assert.Throws<ArgumentOutOfRangeException>(() => model.Decode((0, token)));
        }

        Assert.Empty(model.Driver.Launched);
    }

    [Fact]
    public void Rows_that_want_no_logits_get_none_and_cost_no_head()
    {
        using var model = Load("rwkv7", slots: 3);
        var (logits, size) = (new float[2 * model.Config.VocabularySize], model.Config.VocabularySize);
        model.Decoder.Decode([new BatchRow(0, new[] { 3 }, null, false)], []);
        var launchesWithout = model.Driver.Launched.Count;
        model.Decoder.Decode([new BatchRow(0, new[] { 4 }, null, false), new BatchRow(1, new[] { 5 }, null, true), new BatchRow(2, new[] { 6 }, null, false)], logits);
        Assert.Equal(launchesWithout + 2, model.Driver.Launched.Count - launchesWithout);

        using var other = Load("rwkv7", slots: 1);
        Assert.Equal(other.Decode((0, 5)), logits[..size]);
        Assert.All(logits[size..], static x => Assert.Equal(0, x));
    }

    [Fact]
    public void Whatever_call_of_the_driver_fails_everything_is_given_back()
    {
        using var file = WeightFiles.Open(Golden.File("rwkv7", "small_fp32.safetensors"));
        var config = RwkvConfig.Read(new WeightScope(new ShapeSource(file)));
        var (calls, failAt) = (int.MaxValue, 1);
        for (; failAt <= calls; failAt += failAt < 60 ? 1 : 17)
        {
            var driver = new HostDriver(KernelShim.Load().Launch) { FailAt = failAt, FailWith = CudaStatus.OutOfMemory };
            var failure = Record.Exception(() => Read(driver));
            Assert.True(failure is CudaException or null, $"call {failAt}: {failure}");
            Assert.Equal(0, driver.LiveHandles);
            Assert.Empty(driver.Damage);
            calls = failure is null ? driver.Calls : calls;
        }

        Assert.True(calls > 100 && calls < int.MaxValue, $"the last run made {calls} calls and none failed");

        void Read(HostDriver driver)
        {
            using var context = CudaContext.Open(driver);
            using var states = context.Allocate(2L * config.LayerCount * config.StateRows * config.Width * sizeof(float));
            context.Stream.Fill(states, 0);
            using var decoder = new CudaDecoder(context, file, "", config, states.Pointer, 2, new CudaDecoderOptions(1, WeightPrecision.Auto));
            decoder.Decode([new BatchRow(0, new[] { 1 }, null, true)], new float[config.VocabularySize]);
            decoder.Forbid([0]);
            decoder.Decode([new BatchRow(0, new[] { 1 }, null, false, new TokenChoice(1, 0.5f, 0, 1, 0))], [], new ChosenToken[1]);
        }
    }

    private static CudaDecoderOverStates Load(string version, int slots) => new(Golden.File(version, "small_fp32.safetensors"), slots, positions: Math.Max(16, slots));
}
