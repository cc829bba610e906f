using RwkvSk.TestKit;
using Xunit;

namespace RwkvSk.Samples.Tests.Cli;

/// <summary>Whatever is wrong with the input: exit code 1, nothing on the output, one sentence that names the file.</summary>
public sealed class BadInputTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public BadInputTests() => Assert.SkipWhen(LibTorch.Missing is not null, LibTorch.Missing ?? "");

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task A_model_that_is_not_there() =>
        Assert.Contains("nowhere", await CliRun.FailAsync("inspect", _folder["nowhere"]), StringComparison.Ordinal);

    [Fact]
    public async Task A_truncated_checkpoint()
    {
        var whole = await File.ReadAllBytesAsync(Path.Combine(TinyModel.Create(_folder["tiny"]), "model.safetensors"), TestContext.Current.CancellationToken);
        foreach (var length in new[] { 0, 7, 100, whole.Length / 2, whole.Length - 1 })
        {
            var path = _folder.Write("cut.safetensors", whole.AsSpan(0, length));
            Assert.Contains(path, await CliRun.FailAsync("inspect", path), StringComparison.Ordinal);
        }
    }

    [Theory]
    [InlineData("unknown_global.pth", "getpid")]
    [InlineData("truncated.pth", "truncated.pth")]
    public async Task A_pickle_that_must_not_be_read(string file, string named) =>
        Assert.Contains(named, await CliRun.FailAsync("inspect", Golden.File("loader", file)), StringComparison.Ordinal);

    [Fact]
    public async Task A_file_that_is_no_checkpoint()
    {
        var path = _folder.Write("notes.txt", "just notes"u8);
        Assert.Contains(path, await CliRun.FailAsync("bench", path), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_model_without_a_vocabulary()
    {
        var model = TinyModel.Create(_folder["tiny"]);
        File.Delete(Path.Combine(model, "rwkvsk.json"));
        File.Delete(Path.Combine(model, "vocab.txt"));
        var picture = _folder.Write("circle.png", TestPictures.Circle());
        foreach (var args in new string[][] { ["tokenize", model, "--file", picture], ["chat", model, "--prompt", "Hello"], ["describe", model, picture] })
        {
            Assert.Contains("vocabulary", await CliRun.FailAsync(args), StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task A_picture_that_is_none_and_one_that_is_far_too_large()
    {
        var model = TinyModel.Create(_folder["tiny"]);
        var (text, huge) = (_folder.Write("notes.png", "just notes"u8), _folder.Write("huge.png", TestPictures.Promising(50_000, 50_000)));
        foreach (var command in new[] { "describe", "chat", "logits" })
        {
            foreach (var picture in new[] { text, huge, _folder["nowhere.png"] })
            {
                string[] args = command switch
                {
                    "describe" => [command, model, picture],
                    "chat" => [command, model, "--prompt", "Hello", "--image", picture],
                    _ => [command, model, "--image", picture, "--out", _folder["out"]],
                };
                var sentence = await CliRun.FailAsync(args);
                Assert.Contains(picture, sentence, StringComparison.Ordinal);
                if (picture == huge)
                {
                    Assert.Contains("50000", sentence.Replace(",", "", StringComparison.Ordinal), StringComparison.Ordinal);
                }
            }
        }
    }

    [Theory]
    [InlineData("logits", "model")]                                    // no --out
    [InlineData("bench", "model", "--decode", "0")]
    [InlineData("chat", "model", "--temperature", "-1")]
    [InlineData("inspect", "model", "--dtype", "float13")]
    [InlineData("sing")]
    public async Task A_wrong_usage_is_explained(params string[] args)
    {
        var run = await CliRun.RunAsync("", args);
        Assert.NotEqual(0, run.ExitCode);
        Assert.NotEmpty(run.Error);
    }
}
