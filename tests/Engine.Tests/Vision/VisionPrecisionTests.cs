using RwkvSk.Engine.Models;
using RwkvSk.Engine.Prompts;
using RwkvSk.Engine.Vision;
using RwkvSk.TestKit;
using Xunit;

namespace RwkvSk.Engine.Tests.Vision;

/// <summary>Towers and projector in 16 bits beside a language model in fp32: what it costs in accuracy.</summary>
public sealed class VisionPrecisionTests
{
    public VisionPrecisionTests() => Assert.SkipWhen(LibTorch.Missing is not null, LibTorch.Missing ?? "");

    // The root of the mean squared difference over that of the embeddings. bf16 keeps 8 bits: 0.2 % for every product of a matrix, through a dozen of them.
    [Theory]
    [InlineData("visualrwkv6", """{"visionHeads":{"clip":2}}""")]
    [InlineData("visualrwkv7", """{"visionHeads":{"dino":2,"siglip":4,"sam":2},"positionsPerImage":16}""")]
    public void Bf16_towers_stay_within_two_percent_of_fp32(string family, string folderFile)
    {
        using var folder = new TemporaryFolder();
        File.Copy(Golden.File(family, family + ".pth"), folder[family + ".pth"]);
        File.WriteAllText(folder["rwkvsk.json"], folderFile);
        var exact = Embeddings(WeightPrecision.Float32);
        var error = RelativeError(exact, Embeddings(WeightPrecision.BFloat16));
        TestContext.Current.TestOutputHelper?.WriteLine($"{family}: relative error of the image embeddings with bf16 towers {error:P2}, with fp16 towers {RelativeError(exact, Embeddings(WeightPrecision.Float16)):P2}");
        Assert.InRange(error, 1e-6, 0.02);

        float[] Embeddings(WeightPrecision precision)
        {
            var options = new EngineOptions { MaxRunning = 1, Device = Device.Cpu, Precision = WeightPrecision.Float32, VisionPrecision = precision, ImageDecoder = new Gradient() };
            using var runner = ModelLoader.Load(folder.Path, options, null).Runner;
            return [.. ((TorchImageEmbeddings)runner.EncodeImage(new ImageSegment(new byte[1]))).Rows.contiguous().data<float>()];
        }
    }

    private static double RelativeError(float[] exact, float[] other) =>
        Math.Sqrt(exact.Zip(other, static (a, b) => Math.Pow(a - b, 2)).Sum() / exact.Sum(static a => Math.Pow(a, 2)));

    private sealed class Gradient : IImageDecoder
    {
        public RgbImage Decode(ReadOnlyMemory<byte> encoded, long maximumPixels) =>
            new(40, 30, Enumerable.Range(0, 40 * 30 * 3).Select(static i => (byte)(i * 37)).ToArray());
    }
}
