using RwkvSk.Engine.Prompts;
using RwkvSk.Engine.States;
using RwkvSk.Engine.Tests.Scheduling;
using RwkvSk.Engine.Weights;
using RwkvSk.TestKit;
using Xunit;

namespace RwkvSk.Engine.Tests.States;

public sealed class SnapshotFileTests : IDisposable
{
    private static readonly byte[] Secret = [.. Enumerable.Range(0, 32).Select(static i => (byte)i)];

    private readonly TemporaryFolder _folder = new();

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task A_saved_state_comes_back_bit_for_bit_in_another_engine()
    {
        using var first = Engine();
        var captured = await first.CaptureAsync(new Prompt("a system prompt of some length"), Cancel);
        await first.SaveSnapshotAsync(captured, _folder["a.state"], Cancel);

        using var second = Engine();
        var loaded = await second.LoadSnapshotAsync(_folder["a.state"], Cancel);

        Assert.Equal(captured.Position, loaded.Position);
        Assert.Equal(captured.Data.ToArray(), loaded.Data.ToArray());
        var rest = new Prompt("and then?");
        Assert.Equal(
            (await Streams.CollectAsync(first.GenerateAsync(captured, rest, Streams.Greedy(), Cancel))).Ids,
            (await Streams.CollectAsync(second.GenerateAsync(loaded, rest, Streams.Greedy(), Cancel))).Ids);
    }

    [Fact]
    public async Task With_a_shared_secret_a_loaded_state_is_known_as_the_prefix_it_was_read_from()
    {
        await SaveAsync("a.state", Secret);
        var runner = new FakeModelRunner();
        using var engine = Engine(Secret, runner);
        await engine.CaptureAsync(await engine.LoadSnapshotAsync(_folder["a.state"], Cancel), new Prompt("then this"), Cancel);

        var answer = await engine.RunAsync(new Prompt(new Turn("a system prompt"), new Turn("then this"), new Turn("A:")), cancellationToken: Cancel);

        Assert.Equal(24, answer.Usage.ReusedPositions);
    }

    [Fact]
    public async Task Without_a_secret_a_loaded_state_is_never_taken_for_a_prefix()
    {
        await SaveAsync("a.state", []);
        using var engine = Engine();
        await engine.CaptureAsync(await engine.LoadSnapshotAsync(_folder["a.state"], Cancel), new Prompt("then this"), Cancel);

        var answer = await engine.RunAsync(new Prompt(new Turn("a system prompt"), new Turn("then this"), new Turn("A:")), cancellationToken: Cancel);

        Assert.Equal(0, answer.Usage.ReusedPositions);
    }

    [Fact]
    public async Task Every_changed_byte_is_noticed()
    {
        var file = await SaveAsync("a.state", Secret);
        var seal = new SnapshotSeal(Secret);
        SnapshotFile.Verify(file, seal, "sound");
        for (var i = 0; i < file.Length; i++)
        {
            file[i] ^= 1;
            Assert.Contains("'changed'", Assert.Throws<SnapshotFormatException>(() => SnapshotFile.Verify(file, seal, "changed")).Message, StringComparison.Ordinal);
            file[i] ^= 1;
        }
    }

    [Fact]
    public async Task Every_cut_is_noticed()
    {
        var file = await SaveAsync("a.state", Secret);
        var seal = new SnapshotSeal(Secret);
        for (var length = 0; length < file.Length; length++)
        {
            Assert.Throws<SnapshotFormatException>(() => SnapshotFile.Verify(file.AsSpan(0, length), seal, "cut"));
        }

        Assert.Contains("added to", Assert.Throws<SnapshotFormatException>(() => SnapshotFile.Verify([.. file, 0], seal, "longer")).Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_damaged_file_is_not_loaded()
    {
        var file = await SaveAsync("a.state", Secret);
        file[^100] ^= 1;
        _folder.Write("b.state", file);
        _folder.Write("c.state", file.AsSpan(0, file.Length / 2));
        _folder.Write("d.state", new byte[1 << 20]);
        using var engine = Engine(Secret);

        foreach (var (name, reason) in new[] { ("b.state", "does not bear its seal"), ("c.state", "cut short"), ("d.state", "has 1048576 bytes; a state of 'fake' has at most") })
        {
            Assert.Contains(reason, (await Assert.ThrowsAsync<SnapshotFormatException>(() => engine.LoadSnapshotAsync(_folder[name], Cancel))).Message, StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task A_file_sealed_with_another_secret_is_refused()
    {
        await SaveAsync("a.state", Secret);
        foreach (var other in new byte[][] { [], [.. Secret.Reverse()] })
        {
            using var engine = Engine(other);
            var error = await Assert.ThrowsAsync<SnapshotFormatException>(() => engine.LoadSnapshotAsync(_folder["a.state"], Cancel));
            Assert.Contains("another SnapshotSecret", error.Message, StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task A_file_of_another_form_is_refused_by_name()
    {
        var file = await SaveAsync("a.state", Secret);
        var text = System.Text.Encoding.Latin1.GetString(file);
        _folder.Write("b.state", System.Text.Encoding.Latin1.GetBytes(text.Replace("\"version\":\"1\"", "\"version\":\"0\"", StringComparison.Ordinal)));
        using var engine = Engine(Secret);

        var error = await Assert.ThrowsAsync<SnapshotFormatException>(() => engine.LoadSnapshotAsync(_folder["b.state"], Cancel));

        Assert.Contains("form '0'; this engine reads form '1'", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_state_of_another_model_is_refused()
    {
        await SaveAsync("a.state", Secret);
        using var engine = Engine(Secret, new FakeModelRunner(positionsPerImage: 7));

        var error = await Assert.ThrowsAsync<SnapshotFormatException>(() => engine.LoadSnapshotAsync(_folder["a.state"], Cancel));

        Assert.Contains("is a state of 'fake' with other weights", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Something_else_is_refused()
    {
        _folder.Write("note.txt", "just a note, nothing more"u8);
        SafetensorsWriter.Write(_folder["weights.safetensors"], [SafetensorsTensor.From("emb.weight", [2], new float[] { 1, 2 })]);
        using var engine = Engine();

        foreach (var file in new[] { "note.txt", "weights.safetensors" })
        {
            Assert.Equal($"'{_folder[file]}' is no snapshot of a state.", (await Assert.ThrowsAsync<SnapshotFormatException>(() => engine.LoadSnapshotAsync(_folder[file], Cancel))).Message);
        }

        await Assert.ThrowsAsync<FileNotFoundException>(() => engine.LoadSnapshotAsync(_folder["nothing"], Cancel));
    }

    [Fact]
    public async Task Any_safetensors_reader_opens_it()
    {
        await SaveAsync("a.state", Secret);

        using var file = SafetensorsFile.Open(_folder["a.state"]);

        Assert.Equal([2, 3, 4], file.Tensors["state"].Shape);
        Assert.Equal("15", file.Metadata["position"]);
        Assert.Equal("fake", file.Metadata["model_name"]);
        Assert.Equal(64, file.Metadata["key"].Length);
    }

    [Fact]
    public void Half_precision_halves_the_numbers_and_keeps_their_first_eleven_bits()
    {
        var random = new Random(4);
        var layout = new StateLayout(2, 10, 64);
        var snapshot = new StateSnapshot(layout, 9, [.. Enumerable.Range(0, layout.Length).Select(_ => ((float)random.NextDouble() - 0.5f) * 100)]);

        var (half, header) = RoundTrip(snapshot, SnapshotPrecision.Float16, out var bytes);
        RoundTrip(snapshot, SnapshotPrecision.Float32, out var bytes32);

        Assert.Equal(SnapshotPrecision.Float16, header.Precision);
        Assert.Equal(layout.Bytes / 2, bytes32 - bytes);
        for (var i = 0; i < layout.Length; i++)
        {
            Assert.Equal((float)(Half)snapshot.Data.Span[i], half.Data.Span[i]);
        }
    }

    [Theory]
    [InlineData(70_000f)]
    [InlineData(-1e38f)]
    [InlineData(float.NaN)]
    [InlineData(float.NegativeInfinity)]
    public void A_state_with_a_number_that_half_precision_cannot_hold_is_written_whole(float number)
    {
        var layout = new StateLayout(1, 5, 8);
        var data = new float[layout.Length];
        data[3] = number;

        var (back, header) = RoundTrip(new StateSnapshot(layout, 1, data), SnapshotPrecision.Float16, out _);

        Assert.Equal(SnapshotPrecision.Float32, header.Precision);
        Assert.Equal(data, back.Data.ToArray());
    }

    [Fact]
    public async Task A_save_that_fails_leaves_the_old_file()
    {
        var old = await SaveAsync("a.state", Secret);
        using var engine = Engine(Secret);
        var snapshot = await engine.CaptureAsync(new Prompt("other"), Cancel);

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => engine.SaveSnapshotAsync(snapshot, _folder["a.state"], new CancellationToken(canceled: true)));

        Assert.Equal(old, await File.ReadAllBytesAsync(_folder["a.state"], Cancel));
        Assert.Equal(["a.state"], Directory.GetFiles(_folder.Path).Select(Path.GetFileName));
    }

    [Fact]
    public void A_short_secret_is_refused() =>
        Assert.Contains("SnapshotSecret has 5 bytes", Assert.Throws<ArgumentException>(() => Engine(new byte[5])).Message, StringComparison.Ordinal);

    private static RwkvEngine Engine(byte[]? secret = null, FakeModelRunner? runner = null) =>
        TestEngine.Over(runner ?? new FakeModelRunner(), new EngineOptions { SnapshotSecret = secret ?? [] });

    private static (StateSnapshot Snapshot, SnapshotHeader Header) RoundTrip(StateSnapshot snapshot, SnapshotPrecision precision, out int bytes)
    {
        var seal = new SnapshotSeal(Secret);
        var file = SnapshotFile.Write(
            snapshot,
            new SnapshotHeader
            {
                Model = Digest.Of([1]), ModelName = "a model", Layout = snapshot.Layout, Position = snapshot.Position, Scope = seal.ScopeTag(null), Precision = precision,
                Created = new DateTimeOffset(2025, 1, 2, 3, 4, 5, TimeSpan.Zero),
            },
            seal);
        bytes = file.Length;
        return SnapshotFile.Read(file, seal, "memory");
    }

    private async Task<byte[]> SaveAsync(string name, byte[] secret)
    {
        using var engine = Engine(secret);
        await engine.SaveSnapshotAsync(await engine.CaptureAsync(new Prompt("a system prompt"), Cancel), _folder[name], Cancel);
        return await File.ReadAllBytesAsync(_folder[name], Cancel);
    }
}
