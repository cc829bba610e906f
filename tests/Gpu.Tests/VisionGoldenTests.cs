using RwkvSk.Engine.Models;
using RwkvSk.Engine.Vision;
using RwkvSk.Engine.Weights;
using RwkvSk.TestKit;
using Xunit;
using static TorchSharp.torch;

namespace RwkvSk.Gpu.Tests;

/// <summary>What a VisualRWKV sees, on the GPU: towers and projectors against the originals.</summary>
public class VisionGoldenTests
{
    private static readonly Dictionary<string, int> Heads = new() { ["dino"] = 2, ["siglip"] = 4, ["sam"] = 2 };

    public VisionGoldenTests() => Gpu.Require();

    public static TheoryData<ScalarType> Types => [ScalarType.Float32, ScalarType.BFloat16, ScalarType.Float16];

    [Theory, MemberData(nameof(Types))]
    public void Three_towers_and_their_projector_give_the_references_positions(ScalarType type)
    {
        using var scope = NewDisposeScope();
        using var inference = inference_mode();
        using var file = WeightFiles.Open(Golden.File("visualrwkv7", "visualrwkv7.pth"));
        var golden = GoldenTensors.Read(Golden.File("visualrwkv7", "visualrwkv7.expected.safetensors"));
        var root = new WeightScope(new FileWeightSource(file, CUDA, type));
        var config = RwkvConfig.Read(root["rwkv"]);
        var encoder = VisionReader.Read(root, config, Heads, 16, CUDA);
        var vit = root["vit"];
        var tower = new CompositeTower(
            new VitTower(vit["dino_featurizer"], VitConfig.Read(vit["dino_featurizer"], 2)), new VitTower(vit["siglip_featurizer"], VitConfig.Read(vit["siglip_featurizer"], 4)),
            new SamTower(vit["sam_featurizer"], 2));
        var features = tower.Forward([Pixels("dino", 64), Pixels("siglip", 64), Pixels("sam", 128)]);
        var sampled = stack(Enumerable.Range(0, 28).Select(i => features.select(1, 37 * i).select(0, 0)));
        var tolerance = type switch
        {
            ScalarType.Float32 => Tolerance.Float32,
            ScalarType.BFloat16 => Tolerance.BFloat16Model,
            _ => Tolerance.Float16Model,
        };
        Tolerance.AssertClose(golden.Floats("full.vit_features_every_37th_token"), Numbers(sampled), $"tower features in {type}", tolerance);
        Tolerance.AssertClose(golden.Floats("full.image_embeds"), Numbers(encoder.Project(features)), $"image embeddings in {type}", tolerance);

        Tensor Pixels(string name, long size) => tensor(golden.Floats($"full.pixel_values.{name}")).view(1, 3, size, size).cuda();
    }

    [Fact]
    public void Image_embeddings_among_tokens_give_the_references_logits()
    {
        using var scope = NewDisposeScope();
        using var inference = inference_mode();
        using var file = WeightFiles.Open(Golden.File("visualrwkv7", "visualrwkv7.pth"));
        var golden = GoldenTensors.Read(Golden.File("visualrwkv7", "visualrwkv7.expected.safetensors"));
        var rwkv = new WeightScope(new FileWeightSource(file, CUDA, ScalarType.Float32))["rwkv"];
        var model = new RwkvModel(rwkv, RwkvConfig.Read(rwkv));
        var x = tensor(golden.Floats("full.inputs_embeds")).view(1, -1, model.Config.Width).cuda();
        var logits = model.Logits(model.Forward(x, model.EmptyStates(1, CUDA)));
        Tolerance.AssertClose(golden.Floats("full.rnn_nopad.logits"), Numbers(logits), "pictures among tokens");
    }

    private static float[] Numbers(Tensor tensor) => tensor.to(ScalarType.Float32).cpu().contiguous().data<float>().ToArray();
}
