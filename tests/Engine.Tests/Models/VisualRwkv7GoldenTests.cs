using RwkvSk.Engine.Models;
using RwkvSk.Engine.Vision;
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
    public void A_picture_goes_through_three_towers_and_gives_the_references_positions()
    {
        using var scope = NewDisposeScope();
        using var inference = inference_mode();
        using var model = Load();
        var golden = Expected();
        var (tower, encoder) = (Tower(model), Encoder(model));
        var features = tower.Forward([Pixels("dino", 64), Pixels("siglip", 64), Pixels("sam", 128)]);                    // [1,1024,72]
        var sampled = stack(Enumerable.Range(0, 28).Select(i => features[0, 37 * i])).contiguous();
        Tolerance.AssertClose(golden.Floats("full.vit_features_every_37th_token"), sampled.data<float>().ToArray(), "tower features: dino, siglip, sam");
        Tolerance.AssertClose(golden.Floats("full.pooled"), FeatureGrid.Pool(features, 16).contiguous().data<float>().ToArray(), "pooled features");
        Tolerance.AssertClose(golden.Floats("full.image_embeds"), encoder.Project(features).contiguous().data<float>().ToArray(), "image embeddings");
        Assert.Equal(["dino", "siglip", "sam"], encoder.Towers);

        Tensor Pixels(string name, long size) => tensor(golden.Floats($"full.pixel_values.{name}")).view(1, 3, size, size);
    }

    [Fact]
    public void The_padding_of_the_reference_gives_its_logits_states_and_greedy_answer()
    {
        using var scope = NewDisposeScope();
        using var model = Load();
        var golden = Expected();
        var x = tensor(golden.Floats("full.inputs_embeds")).view(1, -1, model.Config.Width);
        var padding = EvaluationPadding.Count(x.shape[1]);
        Assert.Equal(2, padding);

        var states = model.Empty();
        var logits = model.LogitsOf(EvaluationPadding.Apply(model.Model, x), states, 64);
        Tolerance.AssertClose(golden.Floats("full.logits"), logits.AsSpan(padding * model.Config.VocabularySize), "logits");
        for (var layer = 0; layer < model.Config.LayerCount; layer++)
        {
            float[] expected = [.. Enumerable.Range(0, 3).SelectMany(part => golden.Floats($"full.rnn_pad.state.{(3 * layer) + part}"))];
            Tolerance.AssertClose(expected, states[layer].Rows().data<float>().ToArray(), $"state of layer {layer}");
        }

        // The reference pads anew at every step.
        foreach (var expected in golden.Ints("full.generate.tokens"))
        {
            Assert.Equal(expected, model.Greedy(logits));
            x = cat([x, model.Embed([expected])], 1);
            logits = model.LogitsOf(EvaluationPadding.Apply(model.Model, x), model.Empty(), 64);
        }
    }

    [Theory]
    [InlineData(0), InlineData(1)]
    public void Each_row_of_a_batch_gives_its_own_logits(int row)
    {
        using var scope = NewDisposeScope();
        using var model = Load();
        var golden = Expected();
        var x = tensor(golden.Floats("feat.batch2.inputs_embeds")).view(2, 33, model.Config.Width).narrow(0, row, 1);
        var logits = model.LogitsOf(EvaluationPadding.Apply(model.Model, x), model.Empty(), 64);
        var size = 33 * model.Config.VocabularySize;
        Tolerance.AssertClose(golden.Floats("feat.batch2.logits").AsSpan(row * size, size), logits.AsSpan(EvaluationPadding.Count(33) * model.Config.VocabularySize), $"row {row}");
    }

    private static readonly Dictionary<string, int> Heads = new() { ["dino"] = 2, ["siglip"] = 4, ["sam"] = 2 };

    private static CompositeTower Tower(LoadedModel model)
    {
        var vit = model.Root["vit"];
        var (dino, siglip) = (vit["dino_featurizer"], vit["siglip_featurizer"]);
        return new CompositeTower(new VitTower(dino, VitConfig.Read(dino, Heads["dino"])), new VitTower(siglip, VitConfig.Read(siglip, Heads["siglip"])), new SamTower(vit["sam_featurizer"], Heads["sam"]));
    }

    private static VisionEncoder Encoder(LoadedModel model) => VisionReader.Read(model.Root, model.Config, Heads, 16, CPU);

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
