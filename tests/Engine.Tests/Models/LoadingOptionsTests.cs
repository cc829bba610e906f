using System.Text;
using System.Text.Json;
using RwkvSk.Engine.Models;
using RwkvSk.Engine.Scheduling;
using RwkvSk.Engine.Tests.Tokenization;
using RwkvSk.Engine.Tokenization;
using RwkvSk.Engine.Weights;
using RwkvSk.TestKit;
using Xunit;
using static RwkvSk.Engine.Tests.Scheduling.Streams;

namespace RwkvSk.Engine.Tests.Models;

/// <summary>What may come with a checkpoint: a vocabulary of its own kind, an adapter, a tuned state; and what may not be left over.</summary>
public sealed class LoadingOptionsTests : IDisposable
{
    private static readonly EngineOptions OnCpu = new() { MaxRunning = 1, Device = Device.Cpu, Precision = WeightPrecision.Float32 };

    private readonly TemporaryFolder _folder = new();

    public LoadingOptionsTests() => Assert.SkipWhen(LibTorch.Missing is not null, LibTorch.Missing ?? "");

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void A_Pile_model_speaks_through_its_BPE_vocabulary()
    {
        // The golden vocabulary of 264 is smaller than the merges' ids: the embeddings are drawn out.
        var model = Published("rwkv4").Select(static tensor => tensor.Name is "emb.weight" or "head.weight" ? Repeated(tensor, 2) : tensor);
        Write("RWKV-4-Pile-tiny.safetensors", model);
        _folder.Write("20B_tokenizer.json", Encoding.UTF8.GetBytes(SmallBpe.Json().ToJsonString()));
        using var loaded = Open(_folder.Path);
        Assert.IsType<BpeTokenizer>(loaded.Model.Tokenizer);
        Assert.Equal(SmallBpe.Tokenizer.Encode("Hello the world"), loaded.Model.Tokenizer.Encode("Hello the world"));
        Assert.Equal("rwkv-pile", loaded.Model.Description.Preset.Name);
    }

    [Fact]
    public void A_GGUF_file_brings_its_vocabulary_unless_another_is_named()
    {
        var path = TestCheckpoints.Write(_folder, [.. Published("rwkv7")], "rwkv7", "gguf");
        _folder.Write("rwkv_vocab_other.txt", SmallVocabulary.File());
        using (var loaded = Open(path))
        {
            Assert.Equal(['a' + 1, 257], loaded.Model.Tokenizer!.Encode("a\n\n"));
            Assert.Equal(258, loaded.Model.Tokenizer!.VocabularySize);
        }

        _folder.Write("rwkvsk.json", """{ "vocabulary": "named.txt" }"""u8);
        _folder.Write("named.txt", Encoding.UTF8.GetBytes(string.Concat(Enumerable.Range(0, 256).Select(static value => SmallVocabulary.Line(value + 2, [(byte)value]) + "\n"))));
        using var named = Open(path);
        Assert.Equal(['a' + 2], named.Model.Tokenizer!.Encode("a"));
    }

    [Fact]
    public void A_vocabulary_of_another_model_is_refused()
    {
        TestCheckpoints.Write(_folder, [.. Published("rwkv7")], "rwkv7", "fla");
        _folder.Write("rwkv_vocab_other.txt", SmallVocabulary.File());
        Assert.Contains("belongs to another model", Assert.Throws<ModelFormatException>(() => Open(_folder.Path)).Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void An_adapter_is_merged_at_load(bool byFolder)
    {
        const string Module = "blocks.1.att.key";
        var model = Published("rwkv7");
        var (a, b) = (Numbers(2 * 32, 1), Numbers(32 * 2, 2));
        Write("model.safetensors", model);
        SafetensorsWriter.Write(_folder["lora.safetensors"], [SafetensorsTensor.From(Module + ".lora_A", [2, 32], a), SafetensorsTensor.From(Module + ".lora_B", [32, 2], b)]);
        Directory.CreateDirectory(_folder["merged"]);
        Write("merged/model.safetensors", model.Select(tensor => tensor.Name == Module + ".weight" ? Added(tensor, i => 4 * ((b[i / 32 * 2] * a[i % 32]) + (b[(i / 32 * 2) + 1] * a[32 + (i % 32)]))) : tensor));

        if (byFolder)
        {
            _folder.Write("rwkvsk.json", """{ "adapter": "lora.safetensors", "adapterAlpha": 8 }"""u8);
        }

        var options = OnCpu with { Adapter = byFolder ? null : new AdapterOptions { Path = _folder["lora.safetensors"], Alpha = 8 } };
        using var adapted = Open(_folder.Path, options);
        using var merged = Open(_folder["merged"]);
        using var plain = Open(_folder["model.safetensors"], OnCpu with { Adapter = new AdapterOptions { Path = _folder["lora.safetensors"], Alpha = 1e-9 } });
        Tolerance.AssertClose(merged.Logits([1, 2, 3]), adapted.Logits([1, 2, 3]), "merged by hand", Tolerance.SameMath);
        Assert.NotEqual(plain.Logits([1, 2, 3]), adapted.Logits([1, 2, 3]));
        Assert.False(plain.Model.Runner.Fingerprint.SequenceEqual(adapted.Model.Runner.Fingerprint));
    }

    [Theory]
    [InlineData("rwkv5"), InlineData("rwkv6"), InlineData("rwkv7")]
    public void A_tuned_state_from_its_own_file_equals_one_inside_the_checkpoint(string version)
    {
        var model = Published(version);
        var states = States(model, seed: 3);
        Write("model.safetensors", model);
        Write("tuned.safetensors", states);
        Write("whole.safetensors", [.. model, .. states]);
        using var plain = Open(_folder["model.safetensors"]);
        using var inside = Open(_folder["whole.safetensors"]);
        using var beside = Open(_folder["model.safetensors"], OnCpu with { InitialStatePath = _folder["tuned.safetensors"] });
        using var instead = Open(_folder["whole.safetensors"], OnCpu with { InitialStatePath = _folder["tuned.safetensors"] });
        var expected = inside.Logits([1, 2, 3]);
        Assert.Equal(expected, beside.Logits([1, 2, 3]));
        Assert.Equal(expected, instead.Logits([1, 2, 3]));
        Assert.NotEqual(expected, plain.Logits([1, 2, 3]));

        beside.Model.Runner.Reset(0);   // a slot that is used again begins with it, too
        Assert.Equal(expected, beside.Logits([1, 2, 3]));
    }

    [Fact]
    public void Every_tuned_state_roots_prefixes_of_its_own()
    {
        var model = Published("rwkv7");
        Write("model.safetensors", model);
        Write("one.safetensors", States(model, seed: 1));
        Write("other.safetensors", States(model, seed: 2));
        var fingerprints = new[] { null, "one.safetensors", "other.safetensors" }.Select(name =>
        {
            using var loaded = Open(_folder["model.safetensors"], OnCpu with { InitialStatePath = name is null ? null : _folder[name] });
            return Convert.ToHexString(loaded.Model.Runner.Fingerprint);
        }).ToList();
        Assert.Equal(3, fingerprints.Distinct().Count());

        using var again = Open(_folder["model.safetensors"], OnCpu with { InitialStatePath = _folder["one.safetensors"] });
        Assert.Equal(fingerprints[1], Convert.ToHexString(again.Model.Runner.Fingerprint));
    }

    [Fact]
    public async Task Requests_with_different_tuned_states_share_nothing()
    {
        var model = Published("rwkv7");
        Write("model.safetensors", model);
        Write("one.safetensors", States(model, seed: 1));
        Write("other.safetensors", States(model, seed: 2));
        var cancel = TestContext.Current.CancellationToken;
        var prompt = Turns("User: hello there\n\n", "Assistant:");
        await using var warm = Engine(OnCpu);
        await using var cold = Engine(OnCpu with { PrefixCacheBytes = 0 });
        foreach (var name in new[] { "one.safetensors", "other.safetensors" })
        {
            var expected = await CollectAsync(cold.GenerateAsync(cold.ReadTunedState(_folder[name]), prompt, Greedy(6), cancel));
            var first = await CollectAsync(warm.GenerateAsync(warm.ReadTunedState(_folder[name]), prompt, Greedy(6), cancel));
            var second = await CollectAsync(warm.GenerateAsync(warm.ReadTunedState(_folder[name]), prompt, Greedy(6), cancel));
            Assert.Equal(expected.Ids, first.Ids);
            Assert.Equal(expected.Ids, second.Ids);
            Assert.Equal(0, first.Usage.ReusedPositions);
            Assert.True(second.Usage.ReusedPositions > 0);   // the same state does share
        }

        RwkvEngine Engine(EngineOptions options)
        {
            var loaded = ModelLoader.Load(_folder["model.safetensors"], options, null);
            return new RwkvEngine(loaded.Runner, ByteTokenizer.Instance, loaded.Description, options);
        }
    }

    [Fact]
    public void A_state_that_no_model_of_this_kind_has_is_refused()
    {
        Write("four.safetensors", Published("rwkv4"));
        Write("tuned.safetensors", States(Published("rwkv7"), seed: 1));
        Assert.Contains("RWKV-4", Refusal("four.safetensors", "tuned.safetensors"), StringComparison.Ordinal);
        Write("seven.safetensors", Published("rwkv7"));
        Assert.Contains("no tuned state", Refusal("seven.safetensors", "four.safetensors"), StringComparison.Ordinal);

        string Refusal(string model, string state) =>
            Assert.Throws<ModelFormatException>(() => Open(_folder[model], OnCpu with { InitialStatePath = _folder[state] })).Message;
    }

    [Theory]
    [InlineData("blocks.0.att.novelty")]
    [InlineData("vit.dino_featurizer.blocks.0.novelty")]
    [InlineData("vit.novelty")]
    [InlineData("proj.novelty")]
    public void A_tensor_that_no_part_uses_is_named(string name)
    {
        using var file = WeightFiles.Open(Golden.File("visualrwkv7", "visualrwkv7.pth"));
        var extra = new PlainTensor(name.StartsWith("blocks", StringComparison.Ordinal) ? "rwkv." + name : name, WeightType.Float32, [1], new byte[4]);
        Write("model.safetensors", [.. PlainTensor.All(file), extra]);
        _folder.Write("rwkvsk.json", JsonSerializer.SerializeToUtf8Bytes(new { visionHeads = new { dino = 2, siglip = 4, sam = 2 }, positionsPerImage = 16 }));
        var refusal = Assert.Throws<ModelFormatException>(() => Open(_folder.Path)).Message;
        Assert.Contains($"1 tensors that no part of this model uses, first '{extra.Name}'", refusal, StringComparison.Ordinal);
    }

    private static List<PlainTensor> Published(string version)
    {
        using var file = SafetensorsFile.Open(Golden.File(version, "small_fp32.safetensors"));
        return PlainTensor.All(file);
    }

    private static List<PlainTensor> States(List<PlainTensor> model, int seed) =>
        [.. Enumerable.Range(0, model.Count(static tensor => tensor.Name.EndsWith(".ln1.weight", StringComparison.Ordinal)))
            .Select(layer => new PlainTensor($"blocks.{layer}.att.time_state", WeightType.Float32, [2, 16, 16], Bytes(Numbers(2 * 16 * 16, seed + (10 * layer)))))];

    private static PlainTensor Repeated(PlainTensor tensor, int times) =>
        PlainTensor.Join(tensor.Name, [tensor.Shape[0] * times, tensor.Shape[1]], Enumerable.Repeat(tensor, times));

    private static PlainTensor Added(PlainTensor tensor, Func<int, float> delta)
    {
        var numbers = new float[tensor.Data.Length / 4];
        Buffer.BlockCopy(tensor.Data, 0, numbers, 0, tensor.Data.Length);
        return tensor with { Data = Bytes([.. numbers.Select((number, i) => number + delta(i))]) };
    }

    private static float[] Numbers(int count, int seed)
    {
        var random = new Random(seed);
        return [.. Enumerable.Range(0, count).Select(_ => random.NextSingle() - 0.5f)];
    }

    private static byte[] Bytes(float[] numbers)
    {
        var bytes = new byte[numbers.Length * 4];
        Buffer.BlockCopy(numbers, 0, bytes, 0, bytes.Length);
        return bytes;
    }

    private static Opened Open(string path, EngineOptions? options = null) => new(ModelLoader.Load(path, options ?? OnCpu, null));

    private void Write(string name, IEnumerable<PlainTensor> tensors) => SafetensorsWriter.Write(_folder[name], tensors.Select(static tensor => tensor.ToSafetensors()));

    private sealed record Opened(Engine.Models.LoadedModel Model) : IDisposable
    {
        public float[] Logits(int[] tokens)
        {
            var logits = new float[Model.Runner.VocabularySize];
            Model.Runner.Reset(0);
            Model.Runner.Step(new Batch(Phase.Prefill, [new BatchRow(0, tokens, null, true)]), logits);
            return logits;
        }

        public void Dispose() => Model.Runner.Dispose();
    }
}
