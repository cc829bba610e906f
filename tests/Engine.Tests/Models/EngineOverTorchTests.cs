using RwkvSk.Engine.Models;
using RwkvSk.Engine.Prompts;
using RwkvSk.Engine.States;
using RwkvSk.Engine.Tests.Scheduling;
using RwkvSk.Engine.Vision;
using RwkvSk.TestKit;
using Xunit;
using static RwkvSk.Engine.Tests.Scheduling.Streams;

namespace RwkvSk.Engine.Tests.Models;

/// <summary>The engine's laws over the real arithmetic: a small RWKV-7 checkpoint in fp32, read by libtorch and decoded by
/// the CPU's kernels as the product does it, whose logits are compared bit for bit.</summary>
public sealed class EngineOverTorchTests
{
    public EngineOverTorchTests() => Assert.SkipWhen(LibTorch.Missing is not null, LibTorch.Missing ?? "");

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(1, 256, "rwkv7")]
    [InlineData(2, 16, "rwkv7")]
    [InlineData(3, 5, "rwkv7")]
    [InlineData(4, 16, "rwkv6")]
    [InlineData(5, 16, "rwkv5")]
    [InlineData(6, 16, "rwkv4")]
    public async Task Kept_prefixes_change_no_bit_of_the_logits(int seed, int chunkLength, string version)
    {
        var random = new Random(seed);
        using var warm = Load(new EngineOptions { ChunkLength = chunkLength }, version);
        using var cold = Load(new EngineOptions { ChunkLength = chunkLength, PrefixCacheBytes = 0 }, version);
        var turns = new List<Turn>();
        long reused = 0;

        for (var round = 0; round < 16; round++)
        {
            if (round % 5 == 4)
            {
                turns[random.Next(turns.Count)] = RandomTurn(random);   // an edit
            }

            turns.Add(RandomTurn(random));
            var prompt = new Prompt([.. turns, new Turn("Assistant:")]);

            var expected = await cold.Engine.RunAsync(prompt, Greedy(6), Cancel);
            var found = await warm.Engine.RunAsync(prompt, Greedy(6), Cancel);

            Assert.Equal(expected.Ids, found.Ids);
            Assert.Equal(cold.Runner.TakeLogits(), warm.Runner.TakeLogits());
            reused += found.Usage.ReusedPositions;
        }

        Assert.True(reused > 0);
        Assert.True(warm.Runner.PrefillPositions < cold.Runner.PrefillPositions / 2);
    }

    [Fact]
    public async Task Kept_pictures_and_what_follows_them_change_no_bit_of_the_logits()
    {
        using var folder = new TemporaryFolder();
        var path = TinyModel.Create(folder["tiny"]);
        using var store = new DiskSnapshotStore(folder["states"], 1 << 26);
        var stores = new EngineOptions { Device = Device.Cpu, ChunkLength = 8, PrefixCacheBytes = 200_000, SnapshotStores = [store], LeastStoredPositions = 1 };
        using var warm = LoadFolder(path, stores);
        using var cold = LoadFolder(path, new EngineOptions { Device = Device.Cpu, ChunkLength = 8, PrefixCacheBytes = 0, ImageCacheBytes = 0 });
        byte[][] pictures = [TestPictures.Circle(), await File.ReadAllBytesAsync(Golden.File("preprocess", "images", "rgb_64x48.png"), Cancel)];
        var random = new Random(9);
        var turns = new List<Turn>();
        long reused = 0;

        for (var round = 0; round < 12; round++)
        {
            if (round % 4 == 3)
            {
                turns.RemoveRange(random.Next(turns.Count), 1);
            }

            turns.Add(new Turn(new TextSegment("User: "), new ImageSegment(pictures[random.Next(2)]), new TextSegment(new string((char)('a' + random.Next(3)), random.Next(1, 20)) + "\n\n")));
            var prompt = new Prompt([.. turns, new Turn("Assistant:")]);
            await cold.Engine.RunAsync(prompt, Greedy(4), Cancel);
            reused += (await warm.Engine.RunAsync(prompt, Greedy(4), Cancel)).Usage.ReusedPositions;

            Assert.Equal(cold.Runner.TakeLogits(), warm.Runner.TakeLogits());
        }

        Assert.True(reused > 0);
    }

    [Fact]
    public async Task A_picture_that_was_saved_again_is_the_same_and_one_changed_pixel_makes_it_another()
    {
        using var folder = new TemporaryFolder();
        using var loaded = LoadFolder(TinyModel.Create(folder["tiny"]), new EngineOptions { Device = Device.Cpu });
        var png = await File.ReadAllBytesAsync(Golden.File("preprocess", "images", "rgb_64x48.png"), Cancel);
        var pixels = new SkiaImageDecoder().Decode(png, long.MaxValue);
        var bitmap = Bitmap(pixels);
        var changed = bitmap.ToArray();
        changed[^1] ^= 1;
        await loaded.Engine.RunAsync(About(png), Greedy(2), Cancel);

        var same = await loaded.Engine.RunAsync(About(png), Greedy(2), Cancel);
        var again = await loaded.Engine.RunAsync(About(bitmap), Greedy(2), Cancel);
        var another = await loaded.Engine.RunAsync(About(changed), Greedy(2), Cancel);

        Assert.True(same.Usage.ReusedPositions > TinyModel.PositionsPerImage);
        Assert.Equal(same.Usage.ReusedPositions, again.Usage.ReusedPositions);
        Assert.True(another.Usage.ReusedPositions < TinyModel.PositionsPerImage);

        static Prompt About(byte[] picture) => new(new Turn(new TextSegment("User: "), new ImageSegment(picture), new TextSegment("hello\n\n")), new Turn("Assistant:"));
    }

    /// <summary>A 24-bit BMP: rows from below, blue first. The width must be a multiple of 4.</summary>
    private static byte[] Bitmap(RgbImage image)
    {
        var file = new byte[54 + (image.Width * image.Height * 3)];
        "BM"u8.CopyTo(file);
        BitConverter.TryWriteBytes(file.AsSpan(2), file.Length);
        BitConverter.TryWriteBytes(file.AsSpan(10), 54);
        BitConverter.TryWriteBytes(file.AsSpan(14), 40);
        BitConverter.TryWriteBytes(file.AsSpan(18), image.Width);
        BitConverter.TryWriteBytes(file.AsSpan(22), image.Height);
        file[26] = 1;
        file[28] = 24;
        for (var y = 0; y < image.Height; y++)
        {
            for (var x = 0; x < image.Width; x++)
            {
                var from = image.Rgb.Span.Slice(((y * image.Width) + x) * 3, 3);
                var into = file.AsSpan(54 + ((((image.Height - 1 - y) * image.Width) + x) * 3), 3);
                (into[0], into[1], into[2]) = (from[2], from[1], from[0]);
            }
        }

        return file;
    }

    [Fact]
    public async Task Interleaved_answers_equal_single_ones_token_for_token()
    {
        using var together = Load(new EngineOptions { MaxRunning = 4, ChunkLength = 16 });
        using var alone = Load(new EngineOptions { MaxRunning = 1, ChunkLength = 16, PrefixCacheBytes = 0 });
        var random = new Random(4);
        var prompts = Enumerable.Range(0, 12).Select(i => new Prompt(RandomTurn(random), new Turn($"{i} Assistant:"))).ToArray();

        var found = await Task.WhenAll(prompts.Select((prompt, i) => together.Engine.RunAsync(prompt, Greedy(8 + i), Cancel)));

        for (var i = 0; i < prompts.Length; i++)
        {
            Assert.Equal((await alone.Engine.RunAsync(prompts[i], Greedy(8 + i), Cancel)).Ids, found[i].Ids);
        }
    }

    [Fact]
    public async Task A_captured_state_goes_on_bit_for_bit()
    {
        using var one = Load(new EngineOptions());
        using var other = Load(new EngineOptions { PrefixCacheBytes = 0 });
        var snapshot = await one.Engine.CaptureAsync(new Prompt(new Turn("System: be brief.\n\n"), new Turn("User: hello\n\n")), Cancel);

        await CollectAsync(one.Engine.GenerateAsync(snapshot, new Prompt("Assistant:"), Greedy(5), Cancel));
        await other.Engine.RunAsync(Turns("System: be brief.\n\n", "User: hello\n\n", "Assistant:"), Greedy(5), Cancel);

        Assert.Equal(other.Runner.TakeLogits(), one.Runner.TakeLogits());
    }

    [Theory]
    [InlineData("rwkv4")]
    [InlineData("rwkv5")]
    [InlineData("rwkv6")]
    [InlineData("rwkv7")]
    public async Task After_a_restart_a_stored_state_changes_no_bit_of_the_logits(string version)
    {
        using var folder = new TemporaryFolder();
        using var store = new DiskSnapshotStore(folder.Path, 1 << 24);
        var (prompt, options) = (Turns("System: be brief, whatever you are asked.\n\n", "User: hello, and how are you today?\n\n", "Assistant:"), new EngineOptions { SnapshotStores = [store], SnapshotSecret = new byte[16] });
        IReadOnlyList<float[]> logits;
        using (var first = Load(options, version))
        {
            await first.Engine.RunAsync(prompt, Greedy(5), Cancel);
            logits = first.Runner.TakeLogits();
        }

        using var second = Load(options, version);
        var answer = await second.Engine.RunAsync(prompt, Greedy(5), Cancel);

        Assert.True(answer.Usage.ReusedPositions > 70);
        Assert.Equal(logits, second.Runner.TakeLogits());
    }

    /// <summary>The largest change of a logit, over the spread of the logits, when a state has been through 16 bits; printed for those who want to know more than that it is small.</summary>
    [Theory]
    [InlineData("rwkv4")]
    [InlineData("rwkv5")]
    [InlineData("rwkv6")]
    [InlineData("rwkv7")]
    public async Task Half_precision_at_rest_moves_logits_by_little(string version)
    {
        using var folder = new TemporaryFolder();
        using var engine = Load(new EngineOptions { SnapshotPrecision = SnapshotPrecision.Float16 }, version);
        var state = await engine.Engine.CaptureAsync(Turns("System: be brief, whatever you are asked.\n\n", "User: hello, and how are you today?\n\n"), Cancel);
        await engine.Engine.SaveSnapshotAsync(state, folder["half"], Cancel);
        var half = await engine.Engine.LoadSnapshotAsync(folder["half"], Cancel);
        var change = 0.0;
        var spread = 0.0;
        for (var length = 1; length <= 32; length += 3)
        {
            var rest = new Prompt(new string('a', length));
            await CollectAsync(engine.Engine.GenerateAsync(state, rest, Greedy(1), Cancel));
            var whole = Assert.Single(engine.Runner.TakeLogits());
            await CollectAsync(engine.Engine.GenerateAsync(half, rest, Greedy(1), Cancel));
            change = Math.Max(change, whole.Zip(Assert.Single(engine.Runner.TakeLogits()), static (a, b) => Math.Abs(a - b)).Max());
            spread = Math.Max(spread, whole.Max() - whole.Min());
        }

        TestContext.Current.TestOutputHelper?.WriteLine($"{version}: largest change {change:G3}, spread {spread:G3}");
        Assert.NotEqual(state.Data.ToArray(), half.Data.ToArray());
        Assert.InRange(change / spread, 0, 1e-3);
    }

    private static Turn RandomTurn(Random random) => new(
        [.. Enumerable.Range(0, random.Next(1, 4)).Select(_ => new TextSegment(new string((char)('a' + random.Next(26)), random.Next(1, 40)) + " "))]);

    private static Loaded Load(EngineOptions options, string version = "rwkv7")
    {
        var model = new LoadedModel(Golden.File(version, "small_fp32.safetensors"));
        var runner = new RecordingRunner(new TorchModelRunner(model.Model, null, options, TorchSharp.torch.CPU, model, new byte[32], model.Decoder(options)));
        return new Loaded(TestEngine.Over(runner, options), runner);
    }

    private static Loaded LoadFolder(string path, EngineOptions options)
    {
        var model = ModelLoader.Load(path, options, null);
        var runner = new RecordingRunner(model.Runner);
        return new Loaded(new RwkvEngine(runner, model.Tokenizer, model.Description, options), runner);
    }

    private sealed record Loaded(RwkvEngine Engine, RecordingRunner Runner) : IDisposable
    {
        public void Dispose() => Engine.Dispose();
    }
}
