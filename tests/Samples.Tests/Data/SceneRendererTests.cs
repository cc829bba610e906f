using RwkvSk.Engine.Vision;
using RwkvSk.Trainer.Data;
using Xunit;

namespace RwkvSk.Samples.Tests.Data;

public class SceneRendererTests(ITestOutputHelper output)
{
    [Fact]
    public void Every_object_shows_its_colour_in_its_cell_and_nowhere_else()
    {
        using var renderer = new SceneRenderer(RenderStyle.Training with { Outlined = 0, Noisy = 0, Jpeg = 0, Stretched = 0 });
        var random = new Random(5);
        for (var i = 0; i < 200; i++)
        {
            var scene = SceneGenerator.Next(random);
            var image = renderer.Render(scene, random);
            for (var cell = 0; cell < 9; cell++)
            {
                var painted = DifferentFrom(scene.Background, image, cell);
                Assert.True(scene.At(cell) is null ? painted < 0.05 : painted > 0.01, $"cell {cell} of scene {i} is painted to {painted:p1}; it holds {scene.At(cell)}");
            }
        }
    }

    [Fact]
    public void Large_and_small_do_not_overlap()
    {
        foreach (var style in new[] { RenderStyle.Training, RenderStyle.Evaluation })
        {
            Assert.True(style.Small.High < style.Large.Low);
        }
    }

    [Fact]
    public void An_encoded_picture_is_a_file_of_the_scenes_size()
    {
        using var renderer = new SceneRenderer(RenderStyle.Evaluation);
        var random = new Random(9);
        for (var i = 0; i < 20; i++)
        {
            var scene = SceneGenerator.Next(random);
            var image = new SkiaImageDecoder().Decode(renderer.RenderEncoded(scene, random), 1_000_000);
            Assert.Equal((scene.Width, scene.Height), (image.Width, image.Height));
        }
    }

    [Fact]
    public void Throughput()
    {
        using var renderer = new SceneRenderer();
        var random = new Random(1);
        var start = Environment.CpuUsage.TotalTime;
        var pictures = Enumerable.Range(0, 500).Select(_ => SceneGenerator.Next(random)).Select(s => renderer.Render(s, random)).ToList();
        output.WriteLine($"{500 / (Environment.CpuUsage.TotalTime - start).TotalSeconds:f0} pictures per second of processor time, of {pictures.Average(p => p.Width * p.Height):f0} pixels");
        start = Environment.CpuUsage.TotalTime;
        pictures.ForEach(p => Preprocess.ToSquare(p));
        output.WriteLine($"{500 / (Environment.CpuUsage.TotalTime - start).TotalSeconds:f0} squares");
        Assert.All(pictures, p => Assert.Equal(p.Width * p.Height * 3, p.Rgb.Length));
    }

    /// <summary>Share of a cell's pixels that are not the background's colour.</summary>
    private static double DifferentFrom(Rgb background, RgbImage image, int cell)
    {
        var (count, different) = (0, 0);
        for (var y = image.Height * (cell / 3) / 3; y < image.Height * ((cell / 3) + 1) / 3; y++)
        {
            for (var x = image.Width * (cell % 3) / 3; x < image.Width * ((cell % 3) + 1) / 3; x++)
            {
                var at = ((y * image.Width) + x) * 3;
                var pixel = image.Rgb.Span.Slice(at, 3);
                var distance = Math.Abs(pixel[0] - background.R) + Math.Abs(pixel[1] - background.G) + Math.Abs(pixel[2] - background.B);
                (count, different) = (count + 1, different + (distance > 24 ? 1 : 0));
            }
        }

        return different / (double)count;
    }
}
