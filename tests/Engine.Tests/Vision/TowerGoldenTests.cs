using RwkvSk.Engine.Models;
using RwkvSk.Engine.Vision;
using RwkvSk.Engine.Weights;
using RwkvSk.TestKit;
using Xunit;
using static TorchSharp.torch;

namespace RwkvSk.Engine.Tests.Vision;

/// <summary>Each vision tower against its original, stage by stage.</summary>
public class TowerGoldenTests
{
    public TowerGoldenTests() => Assert.SkipWhen(LibTorch.Missing is not null, LibTorch.Missing ?? "");

    [Theory]
    [InlineData("clip", "vision_model", 2, 3, "Clip"), InlineData("siglip_hf", "vision_model", 4, 3, "Siglip")]
    [InlineData("siglip_timm", "siglip_featurizer", 2, 2, "Siglip"), InlineData("dinov2", "dino_featurizer", 2, 3, "Dino")]
    public void A_vision_transformer_gives_the_originals_features(string name, string path, int heads, int usedLayers, string kind)
    {
        using var scope = NewDisposeScope();
        using var inference = inference_mode();
        using var file = SafetensorsFile.Open(Golden.File("vision", name + ".safetensors"));
        var golden = Expected(name);
        var weights = new WeightScope(new FileWeightSource(file, CPU, ScalarType.Float32))["vit"][path];
        var tower = new VitTower(weights, VitConfig.Read(weights, heads));
        Assert.Equal((kind, usedLayers, 56), (tower.Config.Kind.ToString(), tower.Blocks.Count, tower.Preprocessor.Size));

        var pixels = tensor(golden.Floats("pixel_values")).view(-1, 3, 56, 56);
        var isTimm = golden.Contains("after_pos_embed");
        var x = tower.Embed(pixels.narrow(0, 0, 1));
        AssertEqual(isTimm ? "after_pos_embed" : "hidden_states.0", x);
        for (var i = 0; i < tower.Blocks.Count; i++)
        {
            x = tower.Blocks[i].Forward(x);
            if (!isTimm || i == 0)
            {
                AssertEqual(isTimm ? "block0_out_with_prefix_tokens" : $"hidden_states.{i + 1}", x);
            }
        }

        AssertEqual(isTimm ? "intermediate_second_to_last" : "last_hidden_state", tower.Forward(pixels));

        void AssertEqual(string stage, Tensor actual) => Tolerance.AssertClose(golden.Floats(stage), actual.contiguous().data<float>().ToArray(), $"{name}: {stage}");
    }

    [Fact]
    public void The_sam_tower_gives_the_originals_features()
    {
        using var scope = NewDisposeScope();
        using var inference = inference_mode();
        using var file = SafetensorsFile.Open(Golden.File("vision", "sam.safetensors"));
        var golden = Expected("sam");
        var tower = new SamTower(new WeightScope(new FileWeightSource(file, CPU, ScalarType.Float32))["vit"]["sam_featurizer"], headCount: 2);
        Assert.Equal((4, 24, 64), (tower.Grid, tower.Width, tower.Preprocessor.Size));

        var x = tower.Embed(tensor(golden.Floats("pixel_values")).view(1, 3, 64, 64));
        AssertEqual("after_pos_embed", x);
        for (var i = 0; i < tower.Blocks.Count; i++)
        {
            x = tower.Blocks[i].Forward(x);
            AssertEqual($"block{i}_out", x);
        }

        AssertEqual("neck_out", tower.Neck(x));
        AssertEqual("down_sampler.output", SamTower.Unshuffle(tensor(golden.Floats("down_sampler.input")).view(1, 1, 64, 64)));

        void AssertEqual(string stage, Tensor actual) => Tolerance.AssertClose(golden.Floats(stage), actual.contiguous().data<float>().ToArray(), $"SAM: {stage}");
    }

    private static GoldenTensors Expected(string name) => GoldenTensors.Read(Golden.File("vision", name + ".expected.safetensors"));
}
