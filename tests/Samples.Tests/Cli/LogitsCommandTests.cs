using RwkvSk.TestKit;
using Xunit;

namespace RwkvSk.Samples.Tests.Cli;

public sealed class LogitsCommandTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public LogitsCommandTests() => Assert.SkipWhen(LibTorch.Missing is not null, LibTorch.Missing ?? "");

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("rwkv4", "small_fp32.pth")]
    [InlineData("rwkv5", "small_fp32.pth")]
    [InlineData("rwkv6", "small_fp32.pth")]
    [InlineData("rwkv7", "main_bf16.pth")]
    [InlineData("rwkv7", "main_bf16.safetensors")]
    [InlineData("rwkv7", "small_fp32.pth")]
    [InlineData("rwkv7", "small_fp32.safetensors")]
    public async Task Logits_equal_the_reference_in_both_modes_and_for_every_chunk_length(string version, string checkpoint)
    {
        var golden = GoldenTensors.Read(Golden.File(version, Path.GetFileNameWithoutExtension(checkpoint) + ".expected.safetensors"));
        foreach (var mode in new[] { "--mode recurrent", "--mode parallel", "--chunk 1", "--chunk 7", "--mode parallel --chunk 16", "--chunk 64" })
        {
            var logits = await LogitsAsync(Golden.File(version, checkpoint), golden.Ints("tokens40"), mode.Split(' '));
            Tolerance.AssertClose(golden.Floats("logits40"), logits, $"{version} {checkpoint} {mode}");
        }
    }

    [Theory]
    [InlineData("--mode", "recurrent")]
    [InlineData("--chunk", "13")]
    public async Task A_written_state_continues_as_if_never_interrupted(params string[] mode)
    {
        var model = Golden.File("rwkv7", "small_fp32.safetensors");
        var tokens = GoldenTensors.Read(Golden.File("rwkv7", "small_fp32.expected.safetensors")).Ints("tokens40");
        var straight = await LogitsAsync(model, tokens, mode);
        var first = await LogitsAsync(model, tokens[..13], [.. mode, "--state-out", _folder["state"]]);
        var second = await LogitsAsync(model, tokens[13..], [.. mode, "--state-in", _folder["state"], "--state-out", _folder["end"]]);
        Assert.Equal(straight, first.Concat(second));   // bit for bit: the same steps from the same numbers
        Assert.NotEqual(straight[^second.Length..], await LogitsAsync(model, tokens[13..], mode));
    }

    [Fact]
    public async Task Pictures_come_first_unless_placeholders_say_where()
    {
        var (model, picture) = (TinyModel.Create(_folder["tiny"]), _folder.Write("circle.png", TestPictures.Circle()));
        int[] tokens = [5, 6, 7];
        var place = TinyModel.VocabularySize - 1;
        var first = await LogitsAsync(model, tokens, "--image", picture);
        Assert.Equal((tokens.Length + TinyModel.PositionsPerImage) * TinyModel.VocabularySize, first.Length);
        Assert.Equal(first, await LogitsAsync(model, [place, .. tokens], "--image", picture));
        Assert.Equal(first, await LogitsAsync(model, [.. Enumerable.Repeat(place, TinyModel.PositionsPerImage), .. tokens], "--image", picture));
        Assert.Equal(first, await LogitsAsync(model, [65535, .. tokens], "--image", picture));

        var middle = await LogitsAsync(model, [5, place, 6, 7], "--image", picture);
        Assert.Equal(first.Length, middle.Length);
        Assert.NotEqual(first[^TinyModel.VocabularySize..], middle[^TinyModel.VocabularySize..]);
    }

    [Fact]
    public async Task The_picture_decides_the_logits_and_both_modes_agree_on_them()
    {
        var (model, red, blue) = (TinyModel.Create(_folder["tiny"]), _folder.Write("red.png", TestPictures.Circle()), _folder.Write("blue.png", TestPictures.Circle(0x2850D7)));
        int[] tokens = [5, 6, 7, 8, 9];
        var parallel = await LogitsAsync(model, tokens, "--image", red);
        var recurrent = await LogitsAsync(model, tokens, "--image", red, "--mode", "recurrent");
        Tolerance.AssertClose(parallel, recurrent, "recurrent", Tolerance.SameMath);
        Assert.NotEqual(parallel, await LogitsAsync(model, tokens, "--image", blue));
        Assert.Equal(2 * TinyModel.PositionsPerImage * TinyModel.VocabularySize, (await LogitsAsync(model, [], "--image", red, "--image", blue)).Length);
    }

    [Fact]
    public async Task What_can_not_be_read_is_refused_in_one_sentence_and_no_file_is_written()
    {
        var (model, picture) = (TinyModel.Create(_folder["tiny"]), _folder.Write("circle.png", TestPictures.Circle()));
        var text = Golden.File("rwkv7", "small_fp32.safetensors");
        await LogitsAsync(text, [1, 2], "--state-out", _folder["other"]);
        File.Delete(_folder["out"]);

        Assert.Contains("99999", await RefusedAsync(model, "--tokens", "1,99999"), StringComparison.Ordinal);
        Assert.Contains("'x'", await RefusedAsync(model, "--tokens", "1,x"), StringComparison.Ordinal);
        Assert.Contains("nothing to read", await RefusedAsync(model), StringComparison.Ordinal);
        Assert.Contains("placeholders", await RefusedAsync(model, "--tokens", "65535,1,65535", "--image", picture), StringComparison.Ordinal);
        Assert.Contains("state", await RefusedAsync(model, "--tokens", "1", "--state-in", _folder["other"]), StringComparison.Ordinal);
        Assert.Contains("picture", await RefusedAsync(text, "--tokens", "1", "--image", picture), StringComparison.Ordinal);
        Assert.Contains("vocab.txt", await RefusedAsync(model, "--image", Path.Combine(model, "vocab.txt")), StringComparison.Ordinal);
    }

    private async Task<float[]> LogitsAsync(string model, int[] tokens, params string[] more)
    {
        await CliRun.SucceedAsync(["logits", model, "--tokens", string.Join(',', tokens), "--out", _folder["out"], "--dtype", "float32", "--device", "cpu", .. more]);
        return GoldenTensors.Read(_folder["out"]).Floats("logits");
    }

    private async Task<string> RefusedAsync(string model, params string[] more)
    {
        var sentence = await CliRun.FailAsync(["logits", model, "--out", _folder["out"], "--dtype", "float32", .. more]);
        Assert.Empty(Directory.EnumerateFiles(_folder.Path, "out*"));
        return sentence;
    }
}
