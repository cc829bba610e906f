using RwkvSk.Engine.Models;
using RwkvSk.Engine.Tests.Models;
using RwkvSk.Engine.Vision;
using RwkvSk.TestKit;
using Xunit;
using static TorchSharp.torch;

namespace RwkvSk.Engine.Tests.Vision;

public class ProjectorTests
{
    private const int Features = 3, Width = 2;

    public ProjectorTests() => Assert.SkipWhen(LibTorch.Missing is not null, LibTorch.Missing ?? "");

    [Fact]
    public void The_HD_projector_gates_what_it_projected()
    {
        using var scope = NewDisposeScope();
        var (x, weights) = (new[] { 0.5f, -1f, 2f }, Weights());
        var p = Times("proj.weight", x);
        var gate = Times("gate.weight", p);
        var expected = Times("o_proj.weight", [.. p.Zip(gate, static (a, b) => a / (1 + MathF.Exp(-b)))]);
        var actual = new GatedProjector(new WeightScope(new EditedSource(weights)), Features, Width).Forward(tensor(x).view(1, 1, Features));
        Tolerance.AssertClose(expected, actual.data<float>().ToArray(), "HD", Tolerance.Kernel);

        float[] Times(string name, float[] input) => Product(weights[name]!, input);
    }

    [Fact]
    public void The_UHD_projector_rectifies_and_ignores_the_gate()
    {
        using var scope = NewDisposeScope();
        var (x, weights) = (new[] { 0.5f, -1f, 2f }, Weights());
        var expected = Product(weights["o_proj.weight"]!, [.. Product(weights["proj.weight"]!, x).Select(static p => MathF.Max(p, 0))]);
        var actual = new ReluProjector(new WeightScope(new EditedSource(weights)), Features, Width).Forward(tensor(x).view(1, 1, Features));
        Tolerance.AssertClose(expected, actual.data<float>().ToArray(), "UHD", Tolerance.Kernel);
    }

    private static Dictionary<string, Tensor?> Weights() => new()
    {
        ["proj.weight"] = tensor(new[] { 1f, 0.5f, -0.25f, 2f, -1f, 0.75f }).view(Width, Features),
        ["gate.weight"] = tensor(new[] { 0.3f, -0.6f, 1.2f, 0.1f }).view(Width, Width),
        ["o_proj.weight"] = tensor(new[] { -1f, 0.4f, 0.2f, 0.9f }).view(Width, Width),
    };

    private static float[] Product(Tensor weight, float[] x)
    {
        var w = weight.data<float>().ToArray();
        return [.. Enumerable.Range(0, Width).Select(row => Enumerable.Range(0, x.Length).Sum(i => w[(row * x.Length) + i] * x[i]))];
    }
}
