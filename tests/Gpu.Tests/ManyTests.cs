using RwkvSk.Engine;
using RwkvSk.Engine.Kernels.Cuda;
using RwkvSk.Engine.Kernels.Cuda.Driver;
using RwkvSk.Engine.Models;
using RwkvSk.Engine.Scheduling;
using RwkvSk.Engine.Tests.Kernels.Cpu;
using RwkvSk.Engine.Weights;
using RwkvSk.TestKit;
using Xunit;

namespace RwkvSk.Gpu.Tests;

/// <summary>Steps of many positions on a GPU, with libtorch's cuBLAS and without.</summary>
public class ManyTests
{
    private readonly Cublas? _cublas;

    public ManyTests()
    {
        Gpu.Require();
        _cublas = Cublas.TryLoad(out var reason);
        Assert.SkipWhen(_cublas is null, reason);
    }

    public static TheoryData<string, WeightPrecision, int> Cases
    {
        get
        {
            var cases = new TheoryData<string, WeightPrecision, int>();
            foreach (var version in new[] { "rwkv6", "rwkv7" })
            {
                foreach (var precision in new[] { WeightPrecision.Float32, WeightPrecision.BFloat16, WeightPrecision.Float16 })
                {
                    foreach (var count in new[] { 32, 128, 320 })
                    {
                        cases.Add(version, precision, count);
                    }
                }
            }

            return cases;
        }
    }

    [Theory, MemberData(nameof(Cases))]
    public void They_give_what_the_kernels_give_up_to_rounding(string version, WeightPrecision precision, int count) =>
        Tolerance.AssertClose(Decode(version, precision, count, null), Decode(version, precision, count, _cublas), $"{version} in {precision}", GpuModel.ToleranceOf(precision));

    [Theory, MemberData(nameof(Cases))]
    public void A_graph_gives_the_bits_of_its_launches(string version, WeightPrecision precision, int count) =>
        Assert.Equal(Decode(version, precision, count, _cublas, usesGraphs: false), Decode(version, precision, count, _cublas));

    [Theory, MemberData(nameof(Cases))]
    public void The_kernels_alone_give_each_row_the_bits_it_has_in_a_few(string version, WeightPrecision precision, int count)
    {
        var few = Decode(version, precision, 8, null);
        var many = Decode(version, precision, count, null);
        var (rowOfFew, rowOfMany) = (few.Length / 3, many.Length / 3);
        for (var step = 0; step < 3; step++)
        {
            Assert.Equal(few.AsSpan(step * rowOfFew, rowOfFew), many.AsSpan(step * rowOfMany, rowOfFew));
        }
    }

    [Theory, InlineData("rwkv6"), InlineData("rwkv7")]
    public void A_batch_gives_the_references_logits_in_every_row(string version)
    {
        const int Count = 320;
        using var model = new GpuModel(version, WeightPrecision.Float32, slots: Count);
        var (golden, size) = (model.Expected, model.Runner.VocabularySize);
        var expected = golden.Floats("logits40");
        var tokens = golden.Ints("tokens40");
        for (var at = 0; at < 8; at++)
        {
            var logits = model.Decode([.. Enumerable.Range(0, Count).Select(slot => (slot, tokens[at]))]);
            foreach (var row in logits.Chunk(size))
            {
                Tolerance.AssertClose(expected.AsSpan(at * size, size), row, version);
            }
        }
    }

    // Three steps. [3,count,V]
    private static float[] Decode(string version, WeightPrecision precision, int count, ICublas? cublas, bool usesGraphs = true)
    {
        using var file = WeightFiles.Open(Golden.File(version, "small_fp32.safetensors"));
        var config = RwkvConfig.Read(new WeightScope(new ShapeSource(file)));
        using var context = Gpu.Open();
        using var states = context.Allocate((count + 1L) * config.LayerCount * config.StateRows * config.Width * sizeof(float));
        context.Stream.Fill(states, 0);
        using var decoder = new CudaDecoder(context, file, "", config, states.Pointer, count + 1, new CudaDecoderOptions(count, precision, usesGraphs) { Cublas = cublas });
        var (logits, all) = (new float[count * config.VocabularySize], new List<float>());
        for (var step = 0; step < 3; step++)
        {
            decoder.Decode([.. Enumerable.Range(0, count).Select(slot => new BatchRow(slot, new[] { ((slot * 7) + step) % config.VocabularySize }, null, true))], logits);
            all.AddRange(logits);
        }

        return [.. all];
    }
}
