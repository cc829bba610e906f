using System.Text.Json;
using RwkvSk.TestKit;
using Xunit;

namespace RwkvSk.Samples.Tests.Cli;

public sealed class CommandTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly string _model;

    public CommandTests()
    {
        Assert.SkipWhen(LibTorch.Missing is not null, LibTorch.Missing ?? "");
        _model = TinyModel.Create(_folder["tiny"]);
    }

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Inspect_shows_the_sizes_of_the_checkpoint()
    {
        using var report = JsonDocument.Parse(await CliRun.SucceedAsync("inspect", _model, "--json"));
        var root = report.RootElement;
        Assert.Equal("rwkv-7", root.GetProperty("version").GetString());
        Assert.Equal(
            [TinyModel.LayerCount, TinyModel.Width, TinyModel.HeadSize, TinyModel.FfnWidth, TinyModel.VocabularySize, TinyModel.PositionsPerImage, TinyModel.LayerCount * (TinyModel.HeadSize + 2) * TinyModel.Width * 4],
            new[] { "layers", "width", "head_size", "ffn_width", "vocabulary", "image_positions", "state_bytes" }.Select(name => root.GetProperty(name).GetInt32()));
        Assert.Equal("float32", root.GetProperty("dtype").GetString());
        Assert.Equal("siglip", Assert.Single(root.GetProperty("vision_towers").EnumerateArray()).GetString());
        Assert.Equal(Parameters(Path.Combine(_model, "model.safetensors")), root.GetProperty("parameters").GetInt64());

        var table = await CliRun.SucceedAsync("inspect", _model);
        Assert.Contains("siglip", table, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("rwkv4", "pth", 0, 5 * 32), InlineData("rwkv5", "pth", 16, 18 * 32), InlineData("rwkv6", "pth", 16, 18 * 32), InlineData("rwkv7", "pth", 16, 18 * 32)]
    [InlineData("rwkv4", "safetensors", 0, 5 * 32), InlineData("rwkv5", "safetensors", 16, 18 * 32), InlineData("rwkv6", "safetensors", 16, 18 * 32), InlineData("rwkv7", "safetensors", 16, 18 * 32)]
    [InlineData("rwkv4", "transformers", 0, 5 * 32), InlineData("rwkv5", "transformers", 16, 18 * 32), InlineData("rwkv6", "fla", 16, 18 * 32), InlineData("rwkv7", "fla", 16, 18 * 32)]
    [InlineData("rwkv6", "web-rwkv", 16, 18 * 32), InlineData("rwkv7", "web-rwkv", 16, 18 * 32), InlineData("rwkv6", "gguf", 16, 18 * 32), InlineData("rwkv7", "gguf", 16, 18 * 32)]
    public async Task Inspect_is_right_for_every_version_and_format(string version, string layout, int headSize, int stateNumbersPerLayer)
    {
        var golden = Golden.File(version, "small_fp32." + (layout == "pth" ? "pth" : "safetensors"));
        var path = golden;
        if (layout is not ("pth" or "safetensors"))
        {
            using var published = RwkvSk.Engine.Weights.SafetensorsFile.Open(golden);
            path = TestCheckpoints.Write(_folder, PlainTensor.All(published), version, layout);
        }

        using var report = JsonDocument.Parse(await CliRun.SucceedAsync("inspect", path, "--json"));
        var root = report.RootElement;
        Assert.Equal($"rwkv-{version[^1]}", root.GetProperty("version").GetString());
        Assert.Equal(
            [3, 32, headSize, version == "rwkv7" ? 128 : 48, 264, 0, 3 * stateNumbersPerLayer * 4, 1],
            new[] { "layers", "width", "head_size", "ffn_width", "vocabulary", "image_positions", "state_bytes", "files" }.Select(name => root.GetProperty(name).GetInt32()));
        Assert.Equal(layout is "pth" or "gguf" ? layout : "safetensors", root.GetProperty("format").GetString());
        Assert.Equal("float32", root.GetProperty("dtype").GetString());
        Assert.Equal(layout == "gguf" ? "world" : "none", root.GetProperty("tokenizer").GetString());
        Assert.Contains(
            layout switch { "pth" or "safetensors" => "published", "fla" => "flash-linear-attention", "gguf" => "GGUF", var other => other },
            root.GetProperty("layout").GetString(),
            StringComparison.Ordinal);
        Assert.Empty(root.GetProperty("vision_towers").EnumerateArray());
        if (layout == "pth")
        {
            Assert.Equal(Parameters(Golden.File(version, "small_fp32.safetensors")), root.GetProperty("parameters").GetInt64());
        }
    }

    [Fact]
    public async Task Turns_shows_what_every_turn_reads_and_reuses()
    {
        var table = await CliRun.SucceedAsync("turns", _model, "--image", _folder.Write("circle.png", TestPictures.Circle()), "--pause", "0", "--max-tokens", "6");
        var rows = table.Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries).Skip(2)
            .Select(static row => row.Split('|', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries)).ToList();
        Assert.Equal(5, rows.Count);
        Assert.All(rows, static row => Assert.Equal(int.Parse(row[1], null), int.Parse(row[2], null) + int.Parse(row[3], null)));
        Assert.Equal("0", rows[0][2]);
        Assert.All(rows.Skip(1), row => Assert.True(int.Parse(row[3], null) < int.Parse(rows[0][3], null) / 2, table));
    }

    [Fact]
    public async Task Tokenize_writes_what_the_tokenizer_gives_for_any_bytes()
    {
        byte[] bytes = [.. "User: there and the world\n\n"u8, 0xFF, 0xFE, 0x80, .. "你好 😀"u8];
        var ids = new List<int>();
        SmallVocabulary.Tokenizer.Encode(bytes, ids);
        var written = await CliRun.SucceedAsync("tokenize", _model, "--file", _folder.Write("text", bytes));
        Assert.Equal(ids, JsonSerializer.Deserialize<List<int>>(written)!);
    }

    [Fact]
    public async Task A_seed_and_a_prompt_give_one_answer()
    {
        string[] chat = ["chat", _model, "--prompt", "Hello", "--max-tokens", "24", "--temperature", "1.5", "--seed"];
        var answer = await CliRun.SucceedAsync([.. chat, "7"]);
        Assert.Equal(answer, await CliRun.SucceedAsync([.. chat, "7"]));
        var others = new HashSet<string>();
        foreach (var seed in new[] { "8", "9", "10" })
        {
            others.Add(await CliRun.SucceedAsync([.. chat, seed]));
        }

        Assert.NotEqual([answer], others);
    }

    [Fact]
    public async Task System_text_and_picture_are_part_of_what_is_read()
    {
        var picture = _folder.Write("circle.png", TestPictures.Circle());
        var bare = await CountAsync();
        Assert.Equal(bare + Tokens("System: there and the world\n\n"), await CountAsync("--system", "there and the world"));
        Assert.Equal(bare + TinyModel.PositionsPerImage + Tokens("User: ") + Tokens("\nHello\n\n") - Tokens("User: Hello\n\n"), await CountAsync("--image", picture));

        async Task<int> CountAsync(params string[] more)
        {
            var run = await CliRun.RunAsync("Hello\n", ["chat", _model, "--temperature", "0", "--max-tokens", "4", .. more]);
            Assert.Equal(0, run.ExitCode);
            return TokensRead(run.Error)[0];
        }
    }

    [Fact]
    public async Task A_conversation_reads_only_what_is_new()
    {
        var run = await CliRun.RunAsync("Hello\nthere\n\n/reset\nHello\n/exit\nnever asked\n", "chat", _model, "--temperature", "0", "--max-tokens", "8");
        Assert.Equal(0, run.ExitCode);
        var read = TokensRead(run.Error);
        Assert.Equal(3, read.Count);
        Assert.Equal(Tokens("User: Hello\n\n") + Tokens("Assistant:"), read[0]);
        Assert.InRange(read[1], 1, Tokens("User: there\n\n") + Tokens("Assistant:") + 16);
        Assert.True(read[2] < read[0], "the first question is known by now");
    }

    [Fact]
    public async Task A_mistyped_picture_ends_the_question_and_not_the_conversation()
    {
        var run = await CliRun.RunAsync("/image nowhere.png\nHello\nHello\n", "chat", _model, "--temperature", "0", "--max-tokens", "4");
        Assert.Equal(0, run.ExitCode);
        Assert.Contains("nowhere.png", run.Error, StringComparison.Ordinal);
        Assert.Equal(Tokens("User: Hello\n\n") + Tokens("Assistant:"), Assert.Single(TokensRead(run.Error)));
    }

    [Fact]
    public async Task Describe_is_a_greedy_chat_about_the_picture()
    {
        var picture = _folder.Write("circle.png", TestPictures.Circle());
        var described = await CliRun.SucceedAsync("describe", _model, picture, "--prompt", "Hello");
        Assert.Equal(described, await CliRun.SucceedAsync("chat", _model, "--image", picture, "--prompt", "Hello", "--temperature", "0"));
    }

    [Fact]
    public async Task Bench_reports_every_figure_beside_its_limit()
    {
        using var report = JsonDocument.Parse(await CliRun.SucceedAsync("bench", _model, "--prefill", "40", "--decode", "2", "--batch", "3", "--json"));
        var root = report.RootElement;
        string[] keys =
        [
            "prefill_tokens_per_second", "decode_tokens_per_second", "read_limit_gb_per_second", "decode_fraction_of_limit", "gemm_limit_gflops", "prefill_fraction_of_limit",
            "load_ms", "peak_rss_mb", "capture_ms", "restore_ms",
        ];
        foreach (var key in keys)
        {
            Assert.True(root.GetProperty(key).GetDouble() > 0, key);
        }

        Assert.Equal([1, 3], root.GetProperty("batch").EnumerateArray().Select(static b => b.GetProperty("size").GetInt32()));
        Assert.All(root.GetProperty("batch").EnumerateArray(), static b => Assert.True(b.GetProperty("tokens_per_second").GetDouble() > 0));
    }

    [Fact]
    public async Task A_plan_says_what_loading_takes_and_grows_by_a_state_a_slot()
    {
        var (one, five) = (await PlanAsync("1"), await PlanAsync("5"));
        var state = TinyModel.LayerCount * (TinyModel.HeadSize + 2) * TinyModel.Width * sizeof(float);
        Assert.Equal(4 * state, five.Slots - one.Slots);
        Assert.True(one.Mapped > 4 * TinyModel.VocabularySize * TinyModel.Width);
        Assert.Contains("it fits", await CliRun.SucceedAsync("inspect", _model, "--plan"), StringComparison.Ordinal);

        async Task<(long Slots, long Mapped)> PlanAsync(string slots)
        {
            using var report = JsonDocument.Parse(await CliRun.SucceedAsync("inspect", _model, "--plan", "--slots", slots, "--json"));
            var bytes = report.RootElement.GetProperty("bytes");
            return (bytes.GetProperty("slots").GetInt64(), bytes.GetProperty("weights.mapped").GetInt64());
        }
    }

    [Theory]
    [InlineData("rwkv7-0.1B", "rwkv-7", 191_034_624)]
    [InlineData("rwkv6-0.1B", "rwkv-6", 0)]
    [InlineData("rwkv4-0.1B", "rwkv-4", 0)]
    public async Task A_generated_model_runs_and_has_the_published_sizes(string like, string version, long publishedParameters)
    {
        // Few tokens keep the files small: embeddings and head are most of a small model.
        const int Vocabulary = 512;
        var folder = _folder[like];
        await CliRun.SucceedAsync("generate", "--like", like, "--seed", "3", "--out", folder, "--vocabulary-size", Vocabulary.ToString(System.Globalization.CultureInfo.InvariantCulture));
        using var report = JsonDocument.Parse(await CliRun.SucceedAsync("inspect", folder, "--json"));
        Assert.Equal(version, report.RootElement.GetProperty("version").GetString());
        if (publishedParameters > 0)
        {
            Assert.Equal(publishedParameters, report.RootElement.GetProperty("parameters").GetInt64() + (2L * 768 * (65536 - Vocabulary)));
        }

        Assert.NotEmpty((await CliRun.SucceedAsync("chat", folder, "--prompt", "Hello", "--max-tokens", "3", "--seed", "1")).Trim('\n', '\r'));
    }

    private static int Tokens(string text)
    {
        var ids = new List<int>();
        SmallVocabulary.Tokenizer.Encode(System.Text.Encoding.UTF8.GetBytes(text), ids);
        return ids.Count;
    }

    private static List<int> TokensRead(string error) =>
    [
        .. error.Split('\n').Where(static line => line.Contains(" tokens read, ", StringComparison.Ordinal))
            .Select(static line => int.Parse(line.TrimStart('>', ' ').Split(' ')[0], System.Globalization.CultureInfo.InvariantCulture)),
    ];

    private static long Parameters(string checkpoint)
    {
        var tensors = GoldenTensors.Read(checkpoint);
        return tensors.Names.Sum(name => tensors.Shape(name).Aggregate(1L, static (product, size) => product * size));
    }
}
