using RwkvSk.Engine.Models;
using RwkvSk.Engine.Tests.Models;
using RwkvSk.Engine.Vision;
using RwkvSk.TestKit;
using Xunit;
using static TorchSharp.torch;
using LoadedModel = RwkvSk.Engine.Tests.Models.LoadedModel;

namespace RwkvSk.Engine.Tests.Vision;

/// <summary>The names and shapes of a checkpoint say how it sees. The towers are VisualRWKV v7's small golden ones: 24 + 16 + 32 channels, 32 x 32 patches.</summary>
public class VisionReaderTests
{
    private const int Features = 72, SiglipFeatures = 16, Width = 64;
    private static readonly Dictionary<string, int> Heads = new() { ["dino"] = 2, ["siglip"] = 4, ["sam"] = 2 };
    private static readonly RgbImage Picture = new(50, 37, Enumerable.Range(0, 50 * 37 * 3).Select(static i => (byte)(i * 31)).ToArray());

    public VisionReaderTests() => Assert.SkipWhen(LibTorch.Missing is not null, LibTorch.Missing ?? "");

    [Fact]
    public void HD_reads_every_patch_of_three_towers_through_its_gated_projector()
    {
        using var scope = NewDisposeScope();
        using var inference = inference_mode();
        using var model = Load();
        var (root, projector) = Edited(model, Features);
        var encoder = VisionReader.Read(root, model.Config, Heads, null, CPU);
        Assert.Equal((1024, new ImageSpan(0, 32)), (encoder.Positions, encoder.Span));

        var features = Tower(model).Forward(Picture, CPU);
        var expected = new GatedProjector(projector, Features, Width).Forward(features);
        Tolerance.AssertClose(expected.data<float>().ToArray(), encoder.Encode(Picture).contiguous().data<float>().ToArray(), "HD", Tolerance.SameMath);
    }

    [Fact]
    public void UHD_looks_at_the_quarters_too_and_rectifies()
    {
        using var scope = NewDisposeScope();
        using var inference = inference_mode();
        using var model = Load();
        var (root, projector) = Edited(model, 2 * SiglipFeatures, "vit.dino", "vit.sam");   // one tower of the three: five pictures go through it
        var encoder = VisionReader.Read(root, model.Config, Heads, null, CPU);
        Assert.Equal((1024, new ImageSpan(0, 32)), (encoder.Positions, encoder.Span));

        var siglip = root["vit"]["siglip_featurizer"];
        var tower = new CompositeTower(new VitTower(siglip, VitConfig.Read(siglip, 4)));
        var features = FeatureGrid.BesideQuarters(tower.Forward(Picture, CPU), [.. Quarters.Of(Picture).Select(quarter => tower.Forward(quarter, CPU))]);
        var expected = new ReluProjector(projector, 2 * SiglipFeatures, Width).Forward(features);
        Tolerance.AssertClose(expected.data<float>().ToArray(), encoder.Encode(Picture).contiguous().data<float>().ToArray(), "UHD", Tolerance.SameMath);
    }

    [Theory]
    [InlineData(1.5f), InlineData(0.5f)]
    public void UHD_with_a_gate_that_was_trained_uses_it(float gain)
    {
        using var scope = NewDisposeScope();
        using var inference = inference_mode();
        using var model = Load();
        var (root, projector) = Edited(model, 2 * SiglipFeatures, gain, "vit.dino", "vit.sam");
        var encoder = VisionReader.Read(root, model.Config, Heads, null, CPU);
        var features = zeros(1, 1024, 2 * SiglipFeatures).add(TensorMath.One);
        var expected = new GatedProjector(projector, 2 * SiglipFeatures, Width).Forward(features);
        Tolerance.AssertClose(expected.contiguous().data<float>().ToArray(), encoder.Project(features).contiguous().data<float>().ToArray(), "UHD, gated", Tolerance.SameMath);
    }

    [Fact]
    public void A_projector_for_other_towers_is_refused_with_both_widths()
    {
        using var scope = NewDisposeScope();
        using var model = Load();
        var (root, _) = Edited(model, 100);
        var refusal = Assert.Throws<ModelFormatException>(() => VisionReader.Read(root, model.Config, Heads, null, CPU));
        Assert.Contains("reads 100 features", refusal.Message, StringComparison.Ordinal);
        Assert.Contains("give 72", refusal.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(10), InlineData(33 * 33), InlineData(0)]
    public void Positions_that_the_grid_cannot_give_are_refused(int positions)
    {
        using var scope = NewDisposeScope();
        using var model = Load();
        var refusal = Assert.Throws<ModelFormatException>(() => VisionReader.Read(model.Root, model.Config, Heads, positions, CPU));
        Assert.Contains($"{positions} positions", refusal.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Unknown_towers_are_refused_with_what_is_known()
    {
        using var scope = NewDisposeScope();
        using var model = Load();
        var root = new WeightScope(new EditedSource(new Dictionary<string, Tensor?> { ["vit.resnet.conv1.weight"] = zeros(1) }));
        var refusal = Assert.Throws<ModelFormatException>(() => VisionReader.Read(root, model.Config, Heads, null, CPU));
        Assert.Contains("CLIP or SigLIP", refusal.Message, StringComparison.Ordinal);
    }

    private static LoadedModel Load() => new(Golden.File("visualrwkv7", "visualrwkv7.pth"), "rwkv");

    // The checkpoint with HD's projector of so many features in place of v7's, without some of its parts.
    private static (WeightScope Root, WeightScope Projector) Edited(LoadedModel model, int features, params string[] without) => Edited(model, features, 1, without);

    // gain 1 draws the gate as PyTorch initialises it, between ±1/√C.
    private static (WeightScope Root, WeightScope Projector) Edited(LoadedModel model, int features, float gain, params string[] without)
    {
        var random = new Random(features);
        var edits = new Dictionary<string, Tensor?>
        {
            ["proj.ln_v.weight"] = null,
            ["proj.ln_v.bias"] = null,
            ["proj.proj.weight"] = Draw(Width, features),
            ["proj.gate.weight"] = Draw(Width, Width, gain),
            ["proj.o_proj.weight"] = Draw(Width, Width),
        };
        foreach (var name in model.Source.Names.Where(name => without.Any(part => name.StartsWith(part, StringComparison.Ordinal))))
        {
            edits.Add(name, null);
        }

        var root = new WeightScope(new EditedSource(edits, model.Source));
        return (root, root["proj"]);

        Tensor Draw(int rows, int columns, float scale = 1) => tensor(Enumerable.Range(0, rows * columns).Select(_ => scale * (random.NextSingle() - 0.5f) / 4).ToArray()).view(rows, columns);
    }

    private static CompositeTower Tower(LoadedModel model)
    {
        var vit = model.Root["vit"];
        var (dino, siglip) = (vit["dino_featurizer"], vit["siglip_featurizer"]);
        return new CompositeTower(new VitTower(dino, VitConfig.Read(dino, 2)), new VitTower(siglip, VitConfig.Read(siglip, 4)), new SamTower(vit["sam_featurizer"], 2));
    }
}
