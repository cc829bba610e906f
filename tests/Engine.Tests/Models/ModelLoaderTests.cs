using RwkvSk.Engine.Models;
using RwkvSk.Engine.Prompts;
using RwkvSk.Engine.Scheduling;
using RwkvSk.Engine.Vision;
using RwkvSk.TestKit;
using Xunit;
using static TorchSharp.torch;

namespace RwkvSk.Engine.Tests.Models;

/// <summary>A model folder of each VisualRWKV family, loaded as an application does.</summary>
public class ModelLoaderTests
{
    public ModelLoaderTests() => Assert.SkipWhen(LibTorch.Missing is not null, LibTorch.Missing ?? "");

    [Theory]
    [InlineData("visualrwkv5", """{"visionHeads":{"clip":4}}""", "clip", 17, ImageScan.Unidirectional)]
    [InlineData("visualrwkv6", """{"visionHeads":{"clip":2}}""", "clip", 17, ImageScan.Bidirectional)]
    [InlineData("visualrwkv7", """{"visionHeads":{"dino":2,"siglip":4,"sam":2},"positionsPerImage":16}""", "dino siglip sam", 16, ImageScan.Unidirectional)]
    public void Pictures_are_read_as_the_family_reads_them(string family, string folderFile, string towers, int positions, ImageScan scan)
    {
        using var folder = new TemporaryFolder();
        File.Copy(Golden.File(family, family + ".pth"), Path.Combine(folder.Path, family + ".pth"));
        File.WriteAllText(Path.Combine(folder.Path, "rwkvsk.json"), folderFile);
        var picture = new RgbImage(40, 30, Enumerable.Range(0, 40 * 30 * 3).Select(static i => (byte)(i * 37)).ToArray());

        var loaded = ModelLoader.Load(folder.Path, new EngineOptions { MaxRunning = 1, Device = Device.Cpu, ImageDecoder = new OnePicture(picture) }, null);
        using var runner = loaded.Runner;
        Assert.Equal(towers, string.Join(' ', loaded.Description.VisionTowers));
        Assert.Equal(positions, loaded.Description.PositionsPerImage);
        Assert.Equal(scan, loaded.Description.Preset.ImageScan);

        var logits = new float[runner.VocabularySize];
        var image = runner.EncodeImage(new ImageSegment(new byte[1]));
        runner.Step(new Batch(Phase.Prefill, [new BatchRow(0, new[] { 5, 6, 7 }, null, false)]), []);
        runner.Step(new Batch(Phase.Prefill, [new BatchRow(0, default, image, true)]), logits);

        using var scope = NewDisposeScope();
        using var model = new LoadedModel(Golden.File(family, family + ".pth"), "rwkv", scan: scan);
        var heads = new Dictionary<string, int> { ["clip"] = family == "visualrwkv5" ? 4 : 2, ["dino"] = 2, ["siglip"] = 4, ["sam"] = 2 };
        var encoder = VisionReader.Read(model.Root, model.Config, heads, positions, CPU);
        var states = model.Empty();
        model.Logits([5, 6, 7], states, 64);
        var expected = model.LogitsOfImage(encoder.Encode(picture).unsqueeze(0), states, encoder.Span);
        Tolerance.AssertClose(expected.AsSpan(^runner.VocabularySize..), logits, family, Tolerance.SameMath);
    }

    private sealed class OnePicture(RgbImage picture) : IImageDecoder
    {
        public RgbImage Decode(ReadOnlyMemory<byte> encoded, long maximumPixels) => picture;
    }
}
