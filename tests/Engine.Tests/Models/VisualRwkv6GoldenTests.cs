using System.Text.Json;
using RwkvSk.Engine.Models;
using RwkvSk.Engine.Vision;
using RwkvSk.TestKit;
using Xunit;
using static TorchSharp.torch;

namespace RwkvSk.Engine.Tests.Models;

/// <summary>VisualRWKV v6.0: CLIP, class token last, odd layers read the patches backwards. The reference computes the whole sequence at once; here text and picture are steps.</summary>
public class VisualRwkv6GoldenTests
{
    private const int Grid = 4;
    private static readonly Dictionary<string, int> Heads = new() { ["clip"] = 2 };

    public VisualRwkv6GoldenTests() => Assert.SkipWhen(LibTorch.Missing is not null, LibTorch.Missing ?? "");

    [Theory]
    [InlineData("sandwich", 17, 7), InlineData("first_grid2", 5, 0), InlineData("last_grid0", 1, 9), InlineData("last_grid1", 2, 9)]
    public void A_picture_among_text_gives_the_references_embeddings_and_logits(string name, int positions, int start)
    {
        using var scope = NewDisposeScope();
        using var model = Load(ImageScan.Bidirectional);
        var golden = Expected();
        var encoder = VisionReader.Read(model.Root, model.Config, Heads, positions, CPU);
        Assert.Equal(positions, encoder.Positions);

        var features = Clip(model).Forward(tensor(golden.Floats("sandwich.pixel_values")).view(1, 3, 56, 56));
        Tolerance.AssertClose(golden.Floats("clip.last_hidden_state"), features.data<float>().ToArray(), "CLIP");
        var image = encoder.Project(features);
        Tolerance.AssertClose(golden.Floats($"{name}.image_embeds"), image.contiguous().data<float>().ToArray(), "image embeddings");

        var ids = golden.Ints($"{name}.input_ids");
        Assert.Equal(start, Array.IndexOf(ids, -200));
        foreach (var chunk in new[] { 1, 4, 64 })
        {
            var states = model.Empty();
            float[] logits =
            [
                .. model.Logits(ids[..start], states, chunk),
                .. model.LogitsOfImage(image, states, encoder.Span),
                .. model.Logits(ids[(start + 1)..], states, chunk),
            ];
            Tolerance.AssertClose(golden.Floats($"{name}.logits"), logits, $"{name}, text {chunk} at a time");
        }
    }

    [Fact]
    public void A_sandwich_is_answered_as_by_the_reference()
    {
        using var scope = NewDisposeScope();
        using var model = Load(ImageScan.Bidirectional);
        var golden = Expected();
        var ids = golden.Ints("sandwich.input_ids");
        var states = model.Empty();
        model.Logits(ids[..7], states, 64);
        model.LogitsOfImage(Image(golden, model), states, new ImageSpan(0, Grid));
        var logits = model.Logits(ids[8..], states, 64);
        foreach (var expected in golden.Ints("sandwich.generate.tokens"))
        {
            Assert.Equal(expected, model.Greedy(logits));
            logits = model.Logits([expected], states, 1);
        }
    }

    [Fact]
    public void Reading_the_patches_in_one_direction_misses_by_as_much_as_the_reference_says()
    {
        using var scope = NewDisposeScope();
        using var model = Load(ImageScan.Unidirectional);
        var golden = Expected();
        var x = tensor(golden.Floats("sandwich.inputs_embeds")).view(1, -1, model.Config.Width);
        var (expected, logits) = (golden.Floats("sandwich.logits"), model.LogitsOf(x, model.Empty(), 64));
        var miss = expected.Zip(logits, static (a, b) => Math.Abs(a - b)).Max();
        using var facts = JsonDocument.Parse(File.ReadAllText(Golden.File("visualrwkv6", "visualrwkv6.json")));
        Assert.Equal(facts.RootElement.GetProperty("cases").GetProperty("sandwich").GetProperty("logits_absdiff_if_scanned_unidirectionally").GetDouble(), miss, 3);
    }

    [Fact]
    public void A_whole_sequence_with_its_span_in_the_middle_equals_text_picture_text()
    {
        using var scope = NewDisposeScope();
        using var model = Load(ImageScan.Bidirectional);
        var golden = Expected();
        var x = tensor(golden.Floats("sandwich.inputs_embeds")).view(1, -1, model.Config.Width);
        Tolerance.AssertClose(golden.Floats("sandwich.logits"), model.LogitsOfImage(x, model.Empty(), new ImageSpan(7, Grid)), "one step");
    }

    [Theory]
    [InlineData("text_only", 0, 1), InlineData("batch2", 8, 2)]
    public void Padded_prompts_of_the_reference_are_ordinary_sequences(string name, int start, int rows)
    {
        using var scope = NewDisposeScope();
        using var model = Load(ImageScan.Bidirectional);
        var golden = Expected();
        var x = tensor(golden.Floats($"{name}.inputs_embeds")).view(rows, -1, model.Config.Width);
        var (length, after, size) = ((int)x.shape[1], start + (Grid * Grid) + 1, (int)x.shape[1] * model.Config.VocabularySize);
        for (var row = 0; row < rows; row++)
        {
            var states = model.Empty();
            var sequence = x.narrow(0, row, 1);
            float[] logits =
            [
                .. model.LogitsOf(sequence.narrow(1, 0, start), states, 64),
                .. model.LogitsOfImage(sequence.narrow(1, start, after - start), states, new ImageSpan(0, Grid)),
                .. model.LogitsOf(sequence.narrow(1, after, length - after), states, 64),
            ];
            Tolerance.AssertClose(golden.Floats($"{name}.logits").AsSpan(row * size, size), logits, $"{name}, row {row}");
        }
    }

    [Fact]
    public void The_demos_route_in_one_direction_gives_its_states_and_answer()
    {
        using var scope = NewDisposeScope();
        using var model = Load(ImageScan.Unidirectional);
        var golden = Expected();
        var states = model.Empty();
        model.Logits(golden.Ints("app.prefix_tokens"), states, 64);
        var logits = model.LogitsOfImage(Image(golden, model), states, new ImageSpan(0, Grid));
        Tolerance.AssertClose(golden.Floats("app.logits_after_image"), logits.AsSpan(^model.Config.VocabularySize..), "logits after the picture");
        AssertStates("app.image_state");
        logits = model.Logits(golden.Ints("app.context_tokens"), states, 4);
        Tolerance.AssertClose(golden.Floats("app.logits_after_context"), logits.AsSpan(^model.Config.VocabularySize..), "logits after the question");
        AssertStates("app.state_after_context");
        foreach (var expected in golden.Ints("app.greedy_tokens"))
        {
            Assert.Equal(expected, model.Greedy(logits));
            logits = model.Logits([expected], states, 1);
        }

        void AssertStates(string name)
        {
            for (var layer = 0; layer < model.Config.LayerCount; layer++)
            {
                float[] expected = [.. Enumerable.Range(0, 3).SelectMany(part => golden.Floats($"{name}.{(3 * layer) + part}"))];
                Tolerance.AssertClose(expected, states[layer].Rows().data<float>().ToArray(), $"{name}, layer {layer}");
            }
        }
    }

    private static Tensor Image(GoldenTensors golden, LoadedModel model) => tensor(golden.Floats("sandwich.image_embeds")).view(1, -1, model.Config.Width);

    private static VitTower Clip(LoadedModel model)
    {
        var tower = model.Root["vit"]["vision_model"];
        return new VitTower(tower, VitConfig.Read(tower, Heads["clip"]));
    }

    private static LoadedModel Load(ImageScan scan) => new(Golden.File("visualrwkv6", "visualrwkv6.pth"), "rwkv", scan: scan);

    private static GoldenTensors Expected() => GoldenTensors.Read(Golden.File("visualrwkv6", "visualrwkv6.expected.safetensors"));
}
