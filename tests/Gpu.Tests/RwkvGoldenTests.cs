using RwkvSk.Engine;
using RwkvSk.Engine.Scheduling;
using RwkvSk.TestKit;
using Xunit;

namespace RwkvSk.Gpu.Tests;

/// <summary>The language models on the GPU against the public references: prompts by libtorch, tokens by the kernels, or by libtorch where a version has none.</summary>
public class RwkvGoldenTests
{
    public RwkvGoldenTests() => Gpu.Require();

    public static TheoryData<string, WeightPrecision> Cases
    {
        get
        {
            var cases = new TheoryData<string, WeightPrecision>();
            foreach (var version in new[] { "rwkv4", "rwkv5", "rwkv6", "rwkv7" })
            {
                foreach (var precision in new[] { WeightPrecision.Float32, WeightPrecision.BFloat16, WeightPrecision.Float16 })
                {
                    cases.Add(version, precision);
                }
            }

            return cases;
        }
    }

    [Theory, MemberData(nameof(Cases))]
    public void A_prompt_gives_the_references_logits_at_every_position(string version, WeightPrecision precision)
    {
        using var model = new GpuModel(version, precision);
        var (golden, tokens) = (model.Expected, model.Expected.Ints("tokens40"));
        var logits = new float[tokens.Length * model.Runner.VocabularySize];
        model.Runner.StepWithAllLogits(new BatchRow(1, tokens, null, true), logits);
        Tolerance.AssertClose(golden.Floats("logits40"), logits, $"{version} in {precision}", GpuModel.ToleranceOf(precision));
    }

    [Theory, MemberData(nameof(Cases))]
    public void Decoding_gives_the_references_logits_at_every_position(string version, WeightPrecision precision)
    {
        using var model = new GpuModel(version, precision);
        var golden = model.Expected;
        Tolerance.AssertClose(golden.Floats("logits40"), model.DecodeAll(2, golden.Ints("tokens40")), $"{version} in {precision}", GpuModel.ToleranceOf(precision));
    }

    [Theory]
    [InlineData("rwkv4"), InlineData("rwkv5"), InlineData("rwkv6"), InlineData("rwkv7")]
    public void The_greedy_continuation_is_the_references(string version)
    {
        using var model = new GpuModel(version, WeightPrecision.Float32);
        var golden = model.Expected;
        var logits = model.Read(0, golden.Ints("tokens40"));
        foreach (var expected in golden.Ints("greedy_tokens"))
        {
            Assert.Equal(expected, Array.IndexOf(logits, logits.Max()));
            logits = model.Decode((0, expected));
        }
    }

    [Theory]
    [InlineData("rwkv4"), InlineData("rwkv5"), InlineData("rwkv6"), InlineData("rwkv7")]
    public void A_captured_state_can_be_continued_from(string version)
    {
        using var model = new GpuModel(version, WeightPrecision.Float32);
        var golden = model.Expected;
        model.Read(0, golden.Ints("tokens40"));
        model.Runner.Restore(3, model.Runner.Capture(0, 40));
        Tolerance.AssertClose(golden.Floats("cont_logits"), model.DecodeAll(3, golden.Ints("cont_tokens")), "continued");
    }

    // Root mean square of the error over that of the logits; half a step of the weights, averaged over the rows, is an eighth of these limits.
    [Theory]
    [InlineData("rwkv6", WeightPrecision.Int8, 0.05), InlineData("rwkv7", WeightPrecision.Int8, 0.05)]
    [InlineData("rwkv6", WeightPrecision.Int4, 0.5), InlineData("rwkv7", WeightPrecision.Int4, 0.5)]
    public void Quantised_weights_stay_near_the_reference(string version, WeightPrecision precision, double limit)
    {
        using var model = new GpuModel(version, precision);
        var golden = model.Expected;
        var (expected, seen) = (golden.Floats("logits40"), model.DecodeAll(0, golden.Ints("tokens40")));
        var error = Math.Sqrt(expected.Zip(seen, static (x, y) => Math.Pow(x - (double)y, 2)).Sum() / expected.Sum(static x => (double)x * x));
        Assert.True(error > 0 && error < limit, $"{version} in {precision}: {error:g3} of the logits' size, expected below {limit}");
    }
}
