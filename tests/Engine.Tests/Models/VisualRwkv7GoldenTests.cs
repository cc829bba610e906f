using RwkvSk.Engine.Models;
using RwkvSk.Engine.Vision;
using RwkvSk.Engine.Weights;
using RwkvSk.TestKit;
using Xunit;
using static TorchSharp.torch;

namespace RwkvSk.Engine.Tests.Models;

/// <summary>VisualRWKV v7.00. The reference pads every prompt on the left with token 261 to a multiple of 16; where a case includes that, the test pads too.</summary>
public class VisualRwkv7GoldenTests
{
    private const int PadToken = 261;

    public VisualRwkv7GoldenTests() => Assert.SkipWhen(LibTorch.Missing is not null, LibTorch.Missing ?? "");

    [Theory]
    [InlineData("text16", 0)]
    [InlineData("text21", 11)]
    public void Text_alone_gives_the_references_logits(string name, int padding)
    {
        using var scope = NewDisposeScope();
        using var model = Load();
        var golden = Expected();
        var ids = Enumerable.Repeat(PadToken, padding).Concat(golden.Ints($"{name}.input_ids")).ToList();
        var logits = model.Logits(ids, model.Empty(), 64);
        Tolerance.AssertClose(golden.Floats($"{name}.logits"), logits.AsSpan(padding * model.Config.VocabularySize), name);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(5)]
    [InlineData(64)]
    public void Image_embeddings_among_tokens_give_the_references_logits_without_padding(int chunk)
    {
        using var scope = NewDisposeScope();
        using var model = Load();
        var golden = Expected();
        var x = tensor(golden.Floats("full.inputs_embeds")).view(1, -1, model.Config.Width);
        Tolerance.AssertClose(golden.Floats("full.rnn_nopad.logits"), model.LogitsOf(x, model.Empty(), chunk), "full, no padding");
    }

    [Fact]
    public void Two_images_are_pooled_projected_and_merged_as_in_the_reference()
    {
        using var scope = NewDisposeScope();
        using var model = Load();
        var golden = Expected();
        var projector = new ContextGatedProjector(new WeightScope(new GoldenSource(golden))["feat"]["proj"], 24, model.Config.Width);
        var features = tensor(golden.Floats("feat.two_images.features")).view(2, 64, 24);
        var embeddings = projector.Forward(FeatureGrid.Pool(features, 16));
        Tolerance.AssertClose(golden.Floats("feat.two_images.image_embeds"), embeddings.data<float>().ToArray(), "image embeddings");

        var (ids, image) = (golden.Ints("feat.two_images.input_ids"), 0);
        var rows = ids.Select(id => id == model.Config.VocabularySize - 1 ? embeddings.view(32, -1)[image++] : model.Model.Embeddings[id]).ToArray();
        var x = stack(rows).unsqueeze(0);
        Tolerance.AssertClose(golden.Floats("feat.two_images.inputs_embeds"), x.contiguous().data<float>().ToArray(), "merged embeddings");

        var padded = cat([model.Model.Embeddings[PadToken].view(1, 1, -1), x], 1);
        Tolerance.AssertClose(golden.Floats("feat.two_images.logits"), model.LogitsOf(padded, model.Empty(), 64).AsSpan(model.Config.VocabularySize), "logits");
    }

    [Fact]
    public void The_siglip_tower_gives_the_references_features()
    {
        LibTorchLoader.EnsureLoaded();
        using var scope = NewDisposeScope();
        using var file = SafetensorsFile.Open(Golden.File("vision", "siglip_timm.safetensors"));
        var golden = GoldenTensors.Read(Golden.File("vision", "siglip_timm.expected.safetensors"));
        var weights = new WeightScope(new FileWeightSource(file, CPU, ScalarType.Float32))["vit"]["siglip_featurizer"];
        var tower = new VitTower(weights, VitConfig.Read(weights, headCount: 2));
        using var inference = inference_mode();
        var features = tower.Forward(tensor(golden.Floats("pixel_values")).view(1, 3, 56, 56));
        Tolerance.AssertClose(golden.Floats("intermediate_second_to_last"), features.contiguous().data<float>().ToArray(), "features of the last block but one");
    }

    private static LoadedModel Load() => new(Golden.File("visualrwkv7", "visualrwkv7.pth"), "rwkv");

    private static GoldenTensors Expected() => GoldenTensors.Read(Golden.File("visualrwkv7", "visualrwkv7.expected.safetensors"));

    private sealed class GoldenSource(GoldenTensors golden) : IWeightSource
    {
        public IEnumerable<string> Names => golden.Names;

        public IReadOnlyList<long>? ShapeOf(string name) => golden.Contains(name) ? golden.Shape(name) : null;

        public Tensor Matrix(string name, ReadOnlySpan<long> shape) => Vector(name, shape);

        public Tensor Vector(string name, ReadOnlySpan<long> shape) => tensor(golden.Floats(name)).view(shape.ToArray());
    }
}
