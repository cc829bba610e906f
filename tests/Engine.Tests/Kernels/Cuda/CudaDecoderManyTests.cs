using RwkvSk.Engine.Kernels.Cuda;
using RwkvSk.Engine.Kernels.Cuda.Driver;
using RwkvSk.Engine.Models;
using RwkvSk.Engine.Scheduling;
using RwkvSk.Engine.Tests.Kernels.Cpu;
using RwkvSk.Engine.Weights;
using RwkvSk.TestKit;
using RwkvSk.TestKit.Cuda;
using Xunit;

namespace RwkvSk.Engine.Tests.Kernels.Cuda;

/// <summary>Steps of many positions, whose products are cuBLAS's.</summary>
public unsafe class CudaDecoderManyTests
{
    public CudaDecoderManyTests() => Assert.SkipUnless(KernelShim.SkipReason.Length == 0, KernelShim.SkipReason);

    [Theory]
    [InlineData("rwkv6", "small_fp32.safetensors", 32), InlineData("rwkv7", "small_fp32.safetensors", 32)]
    [InlineData("rwkv6", "small_fp32.safetensors", 320), InlineData("rwkv7", "small_fp32.safetensors", 320)]
    [InlineData("rwkv6", "main_bf16.pth", 32), InlineData("rwkv7", "main_bf16.pth", 32)]
    public void A_batch_of_the_same_sequence_equals_the_reference_in_every_row(string version, string checkpoint, int count)
    {
        using var model = new CudaDecoderOverStates(Golden.File(version, checkpoint), count, positions: count, many: 32);
        var golden = GoldenTensors.Read(Golden.File(version, Path.GetFileNameWithoutExtension(checkpoint) + ".expected.safetensors"));
        var (expected, at, isExact) = (golden.Floats("logits40"), 0, checkpoint.Contains("fp32", StringComparison.Ordinal));
        foreach (var token in golden.Ints("tokens40").AsSpan(0, count > 32 ? 1 : 4))
        {
            var logits = model.Decode([.. Enumerable.Range(0, count).Select(slot => (slot, token))]);
            foreach (var row in logits.Chunk(model.Config.VocabularySize))
            {
                Tolerance.AssertClose(expected.AsSpan(at, row.Length), row, $"{version}/{checkpoint}", isExact ? Tolerance.Float32 : Tolerance.BFloat16Model);
            }

            at += model.Config.VocabularySize;
        }

        Assert.Equal(Multiplied(version, model.Config), model.Cublas.Products.Count(static product => product.Columns >= 32) - Prepared(model));
    }

    [Theory]
    [InlineData("rwkv6", "Float32"), InlineData("rwkv7", "Float32"), InlineData("rwkv6", "BFloat16"), InlineData("rwkv7", "BFloat16"), InlineData("rwkv6", "Float16"), InlineData("rwkv7", "Float16")]
    public void Many_positions_give_what_few_give_up_to_the_rounding_of_their_vectors(string version, string precision)
    {
        const int Count = 32;
        var (few, many) = (Run(null), Run(32));
        var tolerance = precision switch { "BFloat16" => Tolerance.BFloat16Model, "Float16" => Tolerance.Float16Model, _ => Tolerance.Float32 };
        Tolerance.AssertClose(few.Logits, many.Logits, $"{version} {precision}", tolerance);
        Tolerance.AssertClose(few.State, many.State, $"{version} {precision}, state", tolerance);
        Assert.True(few.Products == 0 && many.Products > 0);

        (float[] Logits, float[] State, int Products) Run(int? many)
        {
            using var model = new CudaDecoderOverStates(Golden.File(version, "small_fp32.safetensors"), Count, Enum.Parse<WeightPrecision>(precision), positions: Count, many: many);
            float[] logits = [.. Enumerable.Range(0, 2).SelectMany(step => model.Decode([.. Enumerable.Range(0, Count).Select(slot => (slot, ((slot * 7) + step) % 250))]))];
            return (logits, model.Rows(model.Config.LayerCount - 1, Count - 1), model.Cublas.Products.Count);
        }
    }

    [Theory, InlineData("rwkv6", "Float32"), InlineData("rwkv7", "Float16"), InlineData("rwkv7", "BFloat16")]
    public void A_graph_equals_its_launches_and_a_row_does_not_depend_on_which_others_are_there(string version, string precision)
    {
        const int Count = 33;   // a bucket of 64
        var recorded = Run(usesGraphs: true, isReversed: false);
        Assert.Equal(Run(usesGraphs: false, isReversed: true), recorded);

        using var model = Load(version, precision, 64, usesGraphs: true);
        foreach (var others in new[] { 35, 63 })
        {
            model.Reset(0);
            var together = model.Decode([.. Enumerable.Range(0, others + 1).Select(static slot => (slot, slot + 1))]);
            Assert.Equal(recorded[..model.Config.VocabularySize], together[..model.Config.VocabularySize]);
        }

        float[] Run(bool usesGraphs, bool isReversed)
        {
            using var model = Load(version, precision, Count, usesGraphs, isReversed);
            float[] logits = [.. Enumerable.Range(0, 2).SelectMany(step => model.Decode([.. Enumerable.Range(0, Count).Select(slot => (slot, slot + 1 + step))]))];
            Assert.Equal(usesGraphs ? 2 : 0, model.Driver.GraphLaunches);
            Assert.True(model.Driver.Launched.Count(static name => name == "cublasGemmEx") > 2 * model.Config.LayerCount);
            return logits;
        }
    }

    [Theory, InlineData("Int8"), InlineData("Int4")]
    public void Integers_stay_with_the_kernels_and_cuBLAS_is_not_even_started(string precision)
    {
        using var model = Load("rwkv7", precision, 40, usesGraphs: true);
        model.Decode([.. Enumerable.Range(0, 40).Select(static slot => (slot, slot))]);
        Assert.Equal(0, model.Cublas.Calls);
    }

    [Fact]
    public void Below_the_threshold_the_kernels_serve_and_keep_their_bits()
    {
        using var model = Load("rwkv7", "BFloat16", 40, usesGraphs: true);
        using var kernels = new CudaDecoderOverStates(Golden.File("rwkv7", "small_fp32.safetensors"), 16, WeightPrecision.BFloat16);
        (int, int)[] rows = [.. Enumerable.Range(0, 16).Select(static slot => (slot, slot + 5))];
        Assert.Equal(kernels.Decode(rows), model.Decode(rows));
        Assert.Empty(model.Cublas.Products);
    }

    [Fact]
    public void Whatever_call_of_cuBLAS_fails_everything_is_given_back_and_the_call_is_named()
    {
        using var file = WeightFiles.Open(Golden.File("rwkv6", "small_fp32.safetensors"));
        var config = RwkvConfig.Read(new WeightScope(new ShapeSource(file)));
        var named = new SortedSet<string>(StringComparer.Ordinal);
        for (var failAt = 1; ; failAt++)
        {
            var driver = new HostDriver(KernelShim.Load().Launch);
            var cublas = new HostCublas(driver) { FailAt = failAt };
            var failure = Record.Exception(() => Read(driver, cublas));
            Assert.Equal(0, driver.LiveHandles + cublas.LiveHandles);
            Assert.Empty(driver.Damage);
            if (failure is null)
            {
                Assert.True(failAt > cublas.Calls && cublas.Calls > 10);
                break;
            }

            var cuda = Assert.IsType<CudaException>(failure);
            Assert.StartsWith($"{cuda.Call} failed", cuda.Message, StringComparison.Ordinal);
            Assert.Contains("CUBLAS_STATUS_EXECUTION_FAILED", cuda.Message, StringComparison.Ordinal);
            named.Add(cuda.Call);
        }

        Assert.Equal(["cublasCreate", "cublasGemmEx", "cublasSetStream", "cublasSetWorkspace"], named);

        void Read(HostDriver driver, HostCublas cublas)
        {
            using var context = CudaContext.Open(driver);
            using var states = context.Allocate(2L * config.LayerCount * config.StateRows * config.Width * sizeof(float));
            context.Stream.Fill(states, 0);
            using var decoder = new CudaDecoder(context, file, "", config, states.Pointer, 2, new CudaDecoderOptions(1, WeightPrecision.Float16) { Cublas = cublas, ManyPositions = 1 });
            decoder.Decode([new BatchRow(0, new[] { 1 }, null, true)], new float[config.VocabularySize]);
        }
    }

    private static CudaDecoderOverStates Load(string version, string precision, int slots, bool usesGraphs, bool isReversed = false) =>
        new(Golden.File(version, "small_fp32.safetensors"), slots, Enum.Parse<WeightPrecision>(precision), positions: slots, usesGraphs, isReversed, many: 32);

    // r, k, v, output, two of the channel mix, and for RWKV-6 two gates; the head.
    private static int Multiplied(string version, RwkvConfig config) => (config.LayerCount * (version == "rwkv6" ? 8 : 6)) + 1;

    // What was called once so that it can be recorded: every shape.
    private static int Prepared(CudaDecoderOverStates model) => model.Cublas.Products.DistinctBy(static product => product with { A = 0, B = 0, C = 0 }).Count();
}
