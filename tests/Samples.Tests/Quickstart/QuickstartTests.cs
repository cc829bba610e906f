using System.Text.RegularExpressions;
using RwkvSk.Samples.Quickstart;
using RwkvSk.TestKit;
using Xunit;

namespace RwkvSk.Samples.Tests.Quickstart;

public sealed partial class QuickstartTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public QuickstartTests() => Assert.SkipWhen(LibTorch.Missing is not null, LibTorch.Missing ?? "");

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task The_embedded_model_sees_answers_and_calls_the_function()
    {
        Assert.SkipUnless(File.Exists(Path.Combine(Arguments.BundledModel, "model.safetensors")), $"there is no '{Path.Combine(Arguments.BundledModel, "model.safetensors")}' yet");
        var (code, output, error) = await RunAsync();
        Assert.True(code == 0, output + error);
        Assert.Contains("There is a large red circle at the top left, a small blue square in the center and a small green star at the bottom right.", output, StringComparison.Ordinal);
        Assert.Contains("There are 3 objects.", output, StringComparison.Ordinal);
        Assert.Contains("At the top left.", output, StringComparison.Ordinal);

        Assert.Contains("It is red.", output, StringComparison.Ordinal);
        Assert.Contains("lamp.set_color was called; the lamp is red.", output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_model_that_calls_no_function_is_reported_as_such()
    {
        var (code, output, error) = await RunAsync(_folder.Write("circle.png", TestPictures.Circle()), "--model", TinyModel.Create(_folder["tiny"]));
        Assert.Empty(error);
        Assert.Equal(1, code);
        Assert.Contains("did not call lamp.set_color", output, StringComparison.Ordinal);

        var costs = Cost().Matches(output).Select(static match => (Read: int.Parse(match.Groups[1].Value), Reused: int.Parse(match.Groups[2].Value))).ToList();
        Assert.Equal(5, costs.Count);
        Assert.Equal(0, costs[0].Reused);
        Assert.All([costs[1], costs[2], costs[4]], static cost => Assert.True(cost.Reused > TinyModel.PositionsPerImage, $"the picture was read again: {cost}"));
    }

    [Fact]
    public async Task Wrong_arguments_and_missing_files_are_explained()
    {
        foreach (var args in new string[][] { ["--speed"], ["a.png", "b.png"], ["--model"], [_folder["nowhere.png"]], ["--model", _folder["nowhere"]] })
        {
            var (code, _, error) = await RunAsync(args);
            Assert.Equal(1, code);
            Assert.Single(error.Split('\n', StringSplitOptions.RemoveEmptyEntries));
            Assert.Contains(args[^1], error, StringComparison.Ordinal);
        }
    }

    private static async Task<(int Code, string Output, string Error)> RunAsync(params string[] args)
    {
        using var output = new StringWriter();
        using var error = new StringWriter();
        return (await RwkvSk.Samples.Quickstart.Program.RunAsync(args, output, error), output.ToString(), error.ToString());
    }

    [GeneratedRegex(@"\[(\d+) tokens read, (\d+) reused")]
    private static partial Regex Cost();
}
