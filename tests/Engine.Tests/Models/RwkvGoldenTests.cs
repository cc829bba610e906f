using RwkvSk.Engine.Models;
using RwkvSk.TestKit;
using Xunit;
using static TorchSharp.torch;

namespace RwkvSk.Engine.Tests.Models;

/// <summary>Every version of RWKV against its public reference: logits, states, continuations, in both modes.</summary>
public class RwkvGoldenTests
{
    public RwkvGoldenTests() => Assert.SkipWhen(LibTorch.Missing is not null, LibTorch.Missing ?? "");

    public static TheoryData<string, string> Checkpoints => new()
    {
        { "rwkv4", "main_bf16.pth" }, { "rwkv4", "small_fp32.pth" }, { "rwkv4", "small_fp32.safetensors" },
        { "rwkv5", "main_bf16.pth" }, { "rwkv5", "small_fp32.pth" }, { "rwkv5", "small_fp32.safetensors" },
        { "rwkv6", "main_bf16.pth" }, { "rwkv6", "main_bf16.safetensors" }, { "rwkv6", "small_fp32.pth" }, { "rwkv6", "small_fp32.safetensors" },
        { "rwkv7", "main_bf16.pth" }, { "rwkv7", "main_bf16.safetensors" }, { "rwkv7", "small_fp32.pth" }, { "rwkv7", "small_fp32.safetensors" },
    };

    [Theory, MemberData(nameof(Checkpoints))]
    public void Parallel_and_recurrent_logits_equal_the_reference_at_every_position(string version, string checkpoint)
    {
        using var model = new LoadedModel(Golden.File(version, checkpoint));
        var golden = Expected(version, checkpoint);
        foreach (var (tokens, logits) in new[] { ("tokens40", "logits40"), ("tokens200", "logits200") }.Where(x => golden.Contains(x.Item1)))
        {
            foreach (var chunk in new[] { 1, 7, 16, 17, 64, 256 })
            {
                using var scope = NewDisposeScope();
                Tolerance.AssertClose(golden.Floats(logits), model.Logits(golden.Ints(tokens), model.Empty(), chunk), $"{version}/{checkpoint} {logits}, {chunk} at a time");
            }
        }
    }

    [Theory]
    [InlineData("rwkv4"), InlineData("rwkv5"), InlineData("rwkv6"), InlineData("rwkv7")]
    public void Every_chunk_length_from_1_to_64_gives_the_same_logits(string version)
    {
        using var model = new LoadedModel(Golden.File(version, "small_fp32.safetensors"));
        var golden = Expected(version, "small_fp32.safetensors");
        for (var chunk = 1; chunk <= 64; chunk++)
        {
            using var scope = NewDisposeScope();
            Tolerance.AssertClose(golden.Floats("logits40"), model.Logits(golden.Ints("tokens40"), model.Empty(), chunk), $"{version}, {chunk} at a time");
        }
    }

    [Theory, MemberData(nameof(Checkpoints))]
    public void States_equal_the_reference_and_can_be_continued_from(string version, string checkpoint)
    {
        using var scope = NewDisposeScope();
        using var model = new LoadedModel(Golden.File(version, checkpoint));
        var golden = Expected(version, checkpoint);
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
                Tolerance.AssertClose(StateOf(golden, name, layer, model.Config), states[layer].Rows().data<float>().ToArray(), $"{version} {name}, layer {layer}");
            }
        }
    }

    [Theory, MemberData(nameof(Checkpoints))]
    public void Greedy_continuation_equals_the_reference(string version, string checkpoint)
    {
        using var scope = NewDisposeScope();
        using var model = new LoadedModel(Golden.File(version, checkpoint));
        var golden = Expected(version, checkpoint);
        var states = model.Empty();
        var logits = model.Logits(golden.Ints("tokens40"), states, 64);
        foreach (var expected in golden.Ints("greedy_tokens"))
        {
            var last = logits[^model.Config.VocabularySize..];
            Assert.Equal(expected, Array.IndexOf(last, last.Max()));
            logits = model.Logits([expected], states, 1);
        }
    }

    [Theory]
    [InlineData("rwkv4-bytes-660k"), InlineData("rwkv7-bytes-834k")]
    public void A_trained_model_gives_its_authors_logits(string name)
    {
        Assert.SkipUnless(Golden.TryFile(out var checkpoint, "trained", name + ".safetensors"), Golden.SkipReason("trained", name + ".safetensors"));
        using var scope = NewDisposeScope();
        using var model = new LoadedModel(checkpoint);
        var golden = GoldenTensors.Read(Golden.File("trained", name + ".expected.safetensors"));
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

    [Theory, MemberData(nameof(Checkpoints))]
    public void Sixteen_bit_weights_stay_near_the_reference(string version, string checkpoint)
    {
        foreach (var (type, limit) in new[] { (ScalarType.BFloat16, Tolerance.BFloat16Model), (ScalarType.Float16, Tolerance.Float16Model) })
        {
            using var scope = NewDisposeScope();
            using var model = new LoadedModel(Golden.File(version, checkpoint), precision: type);
            var golden = Expected(version, checkpoint);
            Tolerance.AssertClose(golden.Floats("logits40"), model.Logits(golden.Ints("tokens40"), model.Empty(), 13), $"{version}/{checkpoint} in {type}", limit);
        }
    }

    // The references keep a layer's rows in another order than StateLayout: RWKV-4 to 6 the channel mix's shift first.
    internal static float[] StateOf(GoldenTensors golden, string name, int layer, RwkvConfig config)
    {
        if (config.Version == RwkvVersion.V7)
        {
            return [.. Enumerable.Range(0, 3).SelectMany(part => golden.Floats($"{name}.{(3 * layer) + part}"))];
        }

        var (rows, width) = (config.StateRows, config.Width);
        var state = golden.Floats(name).AsSpan(layer * rows * width, rows * width);
        return [.. state[width..], .. state[..width]];
    }

    private static GoldenTensors Expected(string version, string checkpoint) => GoldenTensors.Read(Golden.File(version, Path.GetFileNameWithoutExtension(checkpoint) + ".expected.safetensors"));
}
