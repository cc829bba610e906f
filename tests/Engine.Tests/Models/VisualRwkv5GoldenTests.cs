using RwkvSk.Engine.Vision;
using RwkvSk.TestKit;
using Xunit;
using static TorchSharp.torch;

namespace RwkvSk.Engine.Tests.Models;

/// <summary>VisualRWKV v5: CLIP with its class token in front, one reading direction.</summary>
public class VisualRwkv5GoldenTests
{
    private static readonly Dictionary<string, int> Heads = new() { ["clip"] = 4 };

    public VisualRwkv5GoldenTests() => Assert.SkipWhen(LibTorch.Missing is not null, LibTorch.Missing ?? "");

    [Theory]
    [InlineData("single_grid-1", 17, 1), InlineData("batch2_grid2", 5, 2)]
    public void Pictures_among_text_give_the_references_embeddings_and_logits(string name, int positions, int rows)
    {
        using var scope = NewDisposeScope();
        using var model = new LoadedModel(Golden.File("visualrwkv5", "visualrwkv5.pth"), "rwkv");
        var golden = GoldenTensors.Read(Golden.File("visualrwkv5", "visualrwkv5.expected.safetensors"));
        var encoder = VisionReader.Read(model.Root, model.Config, Heads, positions, CPU);
        var pixels = tensor(golden.Floats("pixel_values")).view(2, 3, 56, 56).narrow(0, 0, rows);
        var tower = model.Root["vit"]["vision_model"];
        var images = encoder.Project(new VitTower(tower, VitConfig.Read(tower, Heads["clip"])).Forward(pixels));
        Tolerance.AssertClose(golden.Floats($"{name}.image_embeds"), images.contiguous().data<float>().ToArray(), "image embeddings");

        var ids = golden.Ints($"{name}.input_ids");
        var (length, logits) = (ids.Length / rows, golden.Floats($"{name}.logits"));
        for (var row = 0; row < rows; row++)
        {
            var text = ids[(row * length)..((row + 1) * length)];
            var start = Array.IndexOf(text, -200);
            foreach (var chunk in new[] { 1, 6, 64 })
            {
                var states = model.Empty();
                float[] actual =
                [
                    .. model.Logits(text[..start], states, chunk),
                    .. model.LogitsOfImage(images.narrow(0, row, 1), states, encoder.Span),
                    .. model.Logits(text[(start + 1)..], states, chunk),
                ];
                Tolerance.AssertClose(logits.AsSpan(row * actual.Length, actual.Length), actual, $"{name}, row {row}, text {chunk} at a time");
            }
        }
    }
}
