using RwkvSk.Engine.Weights;
using RwkvSk.TestKit;
using Xunit;

namespace RwkvSk.Samples.Tests.Cli;

/// <summary><c>convert</c>: the same model in the published layout, whatever it came in.</summary>
public sealed class ConvertCommandTests : IDisposable
{
    private static readonly int[] Tokens = [1, 5, 9, 250, 17, 3, 3, 80];

    private readonly TemporaryFolder _folder = new();

    public ConvertCommandTests() => Assert.SkipWhen(LibTorch.Missing is not null, LibTorch.Missing ?? "");

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("rwkv4", "pth"), InlineData("rwkv5", "pth"), InlineData("rwkv6", "pth"), InlineData("rwkv7", "pth")]
    [InlineData("rwkv4", "transformers"), InlineData("rwkv5", "transformers"), InlineData("rwkv5", "web-rwkv"), InlineData("rwkv6", "web-rwkv"), InlineData("rwkv7", "web-rwkv")]
    [InlineData("rwkv6", "fla"), InlineData("rwkv7", "fla"), InlineData("rwkv6", "gguf"), InlineData("rwkv7", "gguf")]
    public async Task A_converted_checkpoint_gives_the_originals_logits_bit_for_bit(string version, string layout)
    {
        var original = Original(version, layout);
        await CliRun.SucceedAsync("convert", original, _folder["converted.safetensors"]);
        using (var converted = SafetensorsFile.Open(_folder["converted.safetensors"]))
        using (var published = SafetensorsFile.Open(Golden.File(version, "small_fp32.safetensors")))
        {
            // Layer 0's value residual is read by nobody, and a GGUF file has fillers in its place.
            var names = published.Tensors.Keys.Where(name => layout != "gguf" || name is not ("blocks.0.att.v0" or "blocks.0.att.v1" or "blocks.0.att.v2")).Order(StringComparer.Ordinal).ToArray();
            Assert.Equal(names, converted.Tensors.Keys.Order(StringComparer.Ordinal));
            Assert.All(names, name => Assert.Equal(published.Tensors[name].Shape, converted.Tensors[name].Shape));
        }

        var logits = await LogitsAsync(_folder["converted.safetensors"]);
        Assert.Equal(await LogitsAsync(original), logits);
        Assert.Equal(await LogitsAsync(Golden.File(version, "small_fp32.safetensors")), logits);
    }

    [Fact]
    public async Task A_picture_model_keeps_its_eyes()
    {
        var (model, picture) = (TinyModel.Create(_folder["tiny"]), _folder.Write("circle.png", TestPictures.Circle()));
        var before = await LogitsAsync(model, "--image", picture);
        await CliRun.SucceedAsync("convert", model, _folder["converted.safetensors"]);
        File.Move(_folder["converted.safetensors"], Path.Combine(model, "model.safetensors"), overwrite: true);
        Assert.Equal(before, await LogitsAsync(model, "--image", picture));
    }

    [Theory]
    [InlineData("float32"), InlineData("bfloat16"), InlineData("float16")]
    public async Task A_type_is_taken_on_by_every_number_rounded_to_nearest(string dtype)
    {
        var original = Golden.File("rwkv7", "small_fp32.pth");
        await CliRun.SucceedAsync("convert", original, _folder["converted.safetensors"], "--dtype", dtype);
        using var converted = SafetensorsFile.Open(_folder["converted.safetensors"]);
        using var source = WeightFiles.Open(original);
        foreach (var info in converted.Tensors.Values)
        {
            Assert.Equal(dtype, info.Type.ToString(), ignoreCase: true);
            Assert.Equal(source.Floats(info.Name).Select(value => Rounded(value, dtype)), converted.Floats(info.Name));
        }

        await LogitsAsync(_folder["converted.safetensors"]);

        static float Rounded(float value, string dtype) => dtype switch
        {
            "bfloat16" => BitConverter.UInt32BitsToSingle((BitConverter.SingleToUInt32Bits(value) + 0x7fff + ((BitConverter.SingleToUInt32Bits(value) >> 16) & 1)) & 0xffff0000),
            "float16" => (float)(Half)value,
            _ => value,
        };
    }

    [Fact]
    public async Task Converting_again_changes_no_byte()
    {
        await CliRun.SucceedAsync("convert", Original("rwkv7", "gguf"), _folder["once.safetensors"], "--dtype", "bfloat16");
        await CliRun.SucceedAsync("convert", _folder["once.safetensors"], _folder["twice.safetensors"], "--dtype", "bfloat16");
        await CliRun.SucceedAsync("convert", _folder["once.safetensors"], _folder["plain.safetensors"]);
        var once = await File.ReadAllBytesAsync(_folder["once.safetensors"], TestContext.Current.CancellationToken);
        Assert.Equal(once, await File.ReadAllBytesAsync(_folder["twice.safetensors"], TestContext.Current.CancellationToken));
        Assert.Equal(once, await File.ReadAllBytesAsync(_folder["plain.safetensors"], TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task The_input_is_never_written_over()
    {
        var input = _folder["model.safetensors"];
        File.Copy(Golden.File("rwkv7", "small_fp32.safetensors"), input);
        File.CreateSymbolicLink(_folder["link.safetensors"], input);
        var before = await File.ReadAllBytesAsync(input, TestContext.Current.CancellationToken);
        foreach (var output in new[] { input, _folder["link.safetensors"], Path.Combine(_folder.Path, ".", "model.safetensors") })
        {
            Assert.Contains("another name", await CliRun.FailAsync("convert", input, output, "--dtype", "float16"), StringComparison.Ordinal);
        }

        Assert.Equal(before, await File.ReadAllBytesAsync(input, TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task What_cannot_be_converted_is_refused_in_one_sentence_and_leaves_no_file()
    {
        SafetensorsWriter.Write(_folder["large.safetensors"], [SafetensorsTensor.From("emb.weight", [2], new[] { 1f, 70_000f })]);
        Assert.Contains("70000", await CliRun.FailAsync("convert", _folder["large.safetensors"], _folder["out.safetensors"], "--dtype", "float16"), StringComparison.Ordinal);
        SafetensorsWriter.Write(_folder["other.safetensors"], [SafetensorsTensor.From("encoder.weight", [1], new[] { 1f })]);
        Assert.Contains("'emb.weight'", await CliRun.FailAsync("convert", _folder["other.safetensors"], _folder["out.safetensors"]), StringComparison.Ordinal);
        Assert.Contains(".safetensors", await CliRun.FailAsync("convert", _folder["large.safetensors"], _folder["out.pth"]), StringComparison.Ordinal);
        Assert.Contains("no vocabulary", await CliRun.FailAsync("convert", _folder["large.safetensors"], _folder["out.safetensors"], "--vocabulary", _folder["out.txt"]), StringComparison.Ordinal);
        Assert.Empty(Directory.EnumerateFiles(_folder.Path, "out*"));
    }

    [Fact]
    public async Task The_vocabulary_inside_a_GGUF_file_can_be_taken_out()
    {
        await CliRun.SucceedAsync("convert", Original("rwkv7", "gguf"), _folder["converted.safetensors"], "--vocabulary", _folder["rwkv_vocab.txt"]);
        var text = _folder.Write("text", "a\n\nz"u8);
        Assert.Equal("[98,257,123]", (await CliRun.SucceedAsync("tokenize", _folder["converted.safetensors"], "--file", text)).Trim());
    }

    private string Original(string version, string layout)
    {
        if (layout == "pth")
        {
            return Golden.File(version, "small_fp32.pth");
        }

        using var published = SafetensorsFile.Open(Golden.File(version, "small_fp32.safetensors"));
        return TestCheckpoints.Write(_folder, PlainTensor.All(published), version, layout);
    }

    private async Task<float[]> LogitsAsync(string model, params string[] more)
    {
        await CliRun.SucceedAsync(["logits", model, "--tokens", string.Join(',', Tokens), "--out", _folder["logits"], "--dtype", "float32", "--device", "cpu", .. more]);
        return GoldenTensors.Read(_folder["logits"]).Floats("logits");
    }
}
