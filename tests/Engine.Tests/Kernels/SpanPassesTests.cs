using System.Runtime.Intrinsics;
using RwkvSk.Engine.Kernels.Torch;
using RwkvSk.Engine.Kernels.Torch.Spans;
using RwkvSk.Engine.Models;
using RwkvSk.Engine.Tests.Models;
using RwkvSk.TestKit;
using Xunit;
using static TorchSharp.torch;

namespace RwkvSk.Engine.Tests.Kernels;

/// <summary>The fused passes compute what the formulas say.</summary>
public sealed class SpanPassesTests
{
    private const int Width = 128, Layers = 3, Rank = 16, Vocabulary = 40;

    public SpanPassesTests()
    {
        Assert.SkipWhen(LibTorch.Missing is not null, LibTorch.Missing ?? "");
        Assert.SkipUnless(SpanPasses.IsSupported, "needs 512-bit vectors");
    }

    [Theory]
    [InlineData(1, 1), InlineData(1, 15), InlineData(1, 16), InlineData(1, 17), InlineData(2, 1), InlineData(3, 50)]
    public void A_span_of_RWKV_7_equals_the_formula(int batch, int length)
    {
        using var scope = NewDisposeScope();
        using var inference = inference_mode();
        var model = Model(ScalarType.Float32);
        var x = Normal(new Random(6), batch * length, Width).view(batch, length, Width);
        var (expected, expectedStates) = Run(model, x, new StepContext());
        var (actual, states) = Run(model, x, null);
        Tolerance.AssertClose(expected, actual, $"hidden values, {batch} x {length}");
        Tolerance.AssertClose(expectedStates, states, $"states, {batch} x {length}");
    }

    [Fact]
    public void A_span_of_RWKV_7_in_bf16_is_as_near_to_fp32_as_the_formula_in_bf16()
    {
        using var scope = NewDisposeScope();
        using var inference = inference_mode();
        var x = Normal(new Random(6), 70, Width).view(1, 70, Width);
        var exact = Run(Model(ScalarType.Float32), x, new StepContext()).Hidden;
        var narrow = Model(ScalarType.BFloat16);
        var (formula, passes) = (Run(narrow, x, new StepContext()).Hidden, Run(narrow, x, null).Hidden);
        Assert.NotEqual(exact, formula);
        Assert.InRange(Distance(exact, passes), 0, 1.25 * Distance(exact, formula));
    }

    [Theory]
    [InlineData(1), InlineData(16), InlineData(37)]
    public void The_recurrence_of_RWKV_6_equals_the_chunked_form(int length)
    {
        using var scope = NewDisposeScope();
        using var inference = inference_mode();
        var random = new Random(17);
        var heads = new Heads(2, length, 2, Wkv6Span.Size, random);
        var (r, k, v) = (heads.Normal(), heads.Normal(), heads.Normal());
        var decay = heads.Make(() => random.Next(4) == 0 ? -40 * random.NextDouble() : -random.NextDouble());
        var bonus = new Heads(1, 1, 2, Wkv6Span.Size, random).Normal().view(2, Wkv6Span.Size);
        var start = new Heads(2, 2, Wkv6Span.Size, Wkv6Span.Size, random).Normal();
        var (y, state) = Wkv6.Forward(r, decay, k, v, bonus, start);
        var before = Values(start);
        var (spanY, spanState) = Wkv6Span.Forward(r, decay, k, v, bonus, start);
        Tolerance.AssertClose(Values(y), Values(spanY), "y", Tolerance.SameMath);
        Tolerance.AssertClose(Values(state), Values(spanState), "state", Tolerance.SameMath);
        Assert.Equal(before, Values(start));
    }

    [Theory]
    [InlineData(1), InlineData(33), InlineData(70)]
    public void The_recurrence_of_RWKV_4_equals_the_chunked_form(int length)
    {
        using var scope = NewDisposeScope();
        using var inference = inference_mode();
        var random = new Random(18);
        var (k, v) = (Normal(random, 2 * length, 48).mul(tensor(8f)).view(2, length, 48), Normal(random, 2 * length, 48).view(2, length, 48));
        var (decay, bonus) = (Normal(random, 1, 48).view(48).exp().neg(), Normal(random, 1, 48).view(48));
        var start = cat([zeros(2, 2, 48), full([2, 1, 48], -1e30f)], 1);
        var (y, state) = Wkv4.Forward(k, v, decay, bonus, start);
        var (spanY, spanState) = Wkv4Span.Forward(k, v, decay, bonus, start);
        Tolerance.AssertClose(Values(y), Values(spanY), "y", Tolerance.Exponents);
        Tolerance.AssertClose(Values(state), Values(spanState), "state", Tolerance.Exponents);
    }

    [Fact]
    public void Exponentials_are_right_to_the_last_places()
    {
        for (var x = -86.9f; x < 87.9f; x += 0.0137f)
        {
            var y = SpanMath.Exp(Vector512.Create(x)).GetElement(3);
            Assert.InRange(y / Math.Exp(x), 1 - 3e-7, 1 + 3e-7);
        }
    }

    private static (float[] Hidden, float[] States) Run(RwkvModel model, Tensor x, StepContext? step)
    {
        var states = model.EmptyStates(x.shape[0], CPU);
        var hidden = model.Forward(x.clone(), states, step);
        hidden = model.Forward(hidden.clone(), states, step is null ? null : new StepContext());   // from a state that is not empty
        return (Values(hidden), Values(RwkvModel.Pack(states)));
    }

    private static Tensor Normal(Random random, long rows, long columns) => new Heads(1, 1, rows, columns, random).Normal().view(rows, columns);

    private static float[] Values(Tensor x) => x.contiguous().data<float>().ToArray();

    private static double Distance(float[] a, float[] b) => Math.Sqrt(a.Zip(b, static (x, y) => ((double)x - y) * ((double)x - y)).Sum());

    // Equal seeds: the models of two formats have the same weights.
    private static RwkvModel Model(ScalarType type)
    {
        var random = new Random(5);
        var weights = new Dictionary<string, Tensor?>();
        Matrix("emb.weight", Vocabulary, Width);
        Matrix("head.weight", Vocabulary, Width);
        Norm("ln_out");
        Norm("blocks.0.ln0");
        for (var i = 0; i < Layers; i++)
        {
            var att = $"blocks.{i}.att";
            Norm($"blocks.{i}.ln1");
            Norm($"blocks.{i}.ln2");
            Norm($"{att}.ln_x");
            foreach (var name in new[] { "x_r", "x_w", "x_k", "x_v", "x_a", "x_g", "w0", "a0", "v0", "k_k", "k_a" })
            {
                weights[$"{att}.{name}"] = new Heads(1, 1, 1, Width, random).Uniform(0.3, 1).view(Width);
            }

            foreach (var name in "wagv")
            {
                Matrix($"{att}.{name}1", Width, Rank);
                Matrix($"{att}.{name}2", Rank, Width);
            }

            foreach (var name in new[] { "receptance", "key", "value", "output" })
            {
                Matrix($"{att}.{name}.weight", Width, Width);
            }

            weights[$"{att}.r_k"] = Normal(random, Width / Rwkv7Heads.Size, Rwkv7Heads.Size);
            weights[$"blocks.{i}.ffn.x_k"] = new Heads(1, 1, 1, Width, random).Uniform(0, 1).view(Width);
            Matrix($"blocks.{i}.ffn.key.weight", 4 * Width, Width);
            Matrix($"blocks.{i}.ffn.value.weight", Width, 4 * Width);
        }

        var root = new WeightScope(new EditedSource(weights));
        return new RwkvModel(root, RwkvConfig.Read(root));

        void Matrix(string name, long rows, long columns) => weights[name] = nn.functional.normalize(Normal(random, rows, columns), 2, -1).to(type);

        void Norm(string name) => (weights[$"{name}.weight"], weights[$"{name}.bias"]) = (new Heads(1, 1, 1, Width, random).Uniform(0.8, 1.2).view(Width), new Heads(1, 1, 1, Width, random).Uniform(-0.1, 0.1).view(Width));
    }
}
