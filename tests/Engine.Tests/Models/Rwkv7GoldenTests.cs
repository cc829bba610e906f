using RwkvSk.TestKit;
using Xunit;
using static TorchSharp.torch;

namespace RwkvSk.Engine.Tests.Models;

public class Rwkv7GoldenTests
{
    public Rwkv7GoldenTests() => Assert.SkipWhen(LibTorch.Missing is not null, LibTorch.Missing ?? "");

    public static TheoryData<string> Checkpoints => ["main_bf16.pth", "main_bf16.safetensors", "small_fp32.pth", "small_fp32.safetensors"];

    [Theory, MemberData(nameof(Checkpoints))]
    public void Parallel_and_recurrent_logits_equal_the_reference_at_every_position(string checkpoint)
    {
        using var model = new LoadedModel(Golden.File("rwkv7", checkpoint));
        var golden = Expected(checkpoint);
        foreach (var (tokens, logits) in new[] { ("tokens40", "logits40"), ("tokens200", "logits200") }.Where(x => golden.Contains(x.Item1)))
        {
            foreach (var chunk in new[] { 1, 7, 16, 17, 64, 256 })
            {
                using var scope = NewDisposeScope();
                Tolerance.AssertClose(golden.Floats(logits), model.Logits(golden.Ints(tokens), model.Empty(), chunk), $"{checkpoint} {logits}, {chunk} at a time");
            }
        }
    }

    [Fact]
    public void Every_chunk_length_from_1_to_64_gives_the_same_logits()
    {
        using var model = new LoadedModel(Golden.File("rwkv7", "small_fp32.safetensors"));
        var golden = Expected("small_fp32.safetensors");
        for (var chunk = 1; chunk <= 64; chunk++)
        {
            using var scope = NewDisposeScope();
            Tolerance.AssertClose(golden.Floats("logits40"), model.Logits(golden.Ints("tokens40"), model.Empty(), chunk), $"{chunk} at a time");
        }
    }

    [Theory, MemberData(nameof(Checkpoints))]
    public void States_equal_the_reference_and_can_be_continued_from(string checkpoint)
    {
        using var scope = NewDisposeScope();
        using var model = new LoadedModel(Golden.File("rwkv7", checkpoint));
        var golden = Expected(checkpoint);
        var states = model.Empty();
        var tokens = golden.Ints("tokens40");
        model.Logits(tokens[..20], states, 8);
        AssertStates("demo.state20");
        model.Logits(tokens[20..], states, 20);
        AssertStates("demo.state40");
        Tolerance.AssertClose(golden.Floats("cont_logits"), model.Logits(golden.Ints("cont_tokens"), states, 1), "continued");

        void AssertStates(string name)
        {
            for (var layer = 0; layer < model.Config.LayerCount; layer++)
            {
                Tolerance.AssertClose(golden.Floats($"{name}.{3 * layer}"), states[layer].TimeShift.data<float>().ToArray(), $"{name}, time shift of layer {layer}");
                Tolerance.AssertClose(golden.Floats($"{name}.{(3 * layer) + 1}"), states[layer].Wkv.contiguous().data<float>().ToArray(), $"{name}, WKV state of layer {layer}");
                Tolerance.AssertClose(golden.Floats($"{name}.{(3 * layer) + 2}"), states[layer].ChannelShift.data<float>().ToArray(), $"{name}, channel shift of layer {layer}");
            }
        }
    }

    [Theory, MemberData(nameof(Checkpoints))]
    public void Greedy_continuation_equals_the_reference(string checkpoint)
    {
        using var scope = NewDisposeScope();
        using var model = new LoadedModel(Golden.File("rwkv7", checkpoint));
        var golden = Expected(checkpoint);
        var states = model.Empty();
        var logits = model.Logits(golden.Ints("tokens40"), states, 64);
        foreach (var expected in golden.Ints("greedy_tokens"))
        {
            var last = logits[^model.Config.VocabularySize..];
            Assert.Equal(expected, Array.IndexOf(last, last.Max()));
            logits = model.Logits([expected], states, 1);
        }
    }

    [Fact]
    public void A_trained_model_gives_its_authors_logits()
    {
        Assert.SkipUnless(Golden.TryFile(out var checkpoint, "trained", "rwkv7-bytes-834k.safetensors"), Golden.SkipReason("trained", "rwkv7-bytes-834k.safetensors"));
        using var scope = NewDisposeScope();
        using var model = new LoadedModel(checkpoint);
        var golden = GoldenTensors.Read(Golden.File("trained", "rwkv7-bytes-834k.expected.safetensors"));
        for (var prompt = 0; prompt < 4; prompt++)
        {
            var tokens = golden.Ints($"prompt{prompt}.tokens");
            foreach (var chunk in new[] { 1, 13, 128 })
            {
                Tolerance.AssertClose(golden.Floats($"prompt{prompt}.logits"), model.Logits(tokens, model.Empty(), chunk), $"prompt {prompt}, {chunk} at a time");
            }
        }

        var first = golden.Ints("prompt0.tokens")[..golden.Ints("prompt0.prompt_length")[0]];
        Tolerance.AssertClose(golden.Floats("upstream.logits"), model.Logits(first, model.Empty(), 64).AsSpan(^model.Config.VocabularySize..), "the value shipped with the model");
    }

    private static GoldenTensors Expected(string checkpoint) => GoldenTensors.Read(Golden.File("rwkv7", Path.GetFileNameWithoutExtension(checkpoint) + ".expected.safetensors"));
}
