using RwkvSk.Engine.Kernels.Cpu;
using RwkvSk.Engine.Tests.Models;
using RwkvSk.TestKit;
using Xunit;

namespace RwkvSk.Engine.Tests.Kernels.Cpu;

/// <summary>The CPU's decoder against the public references, at every vector width.</summary>
public class CpuDecoderGoldenTests
{
    public static TheoryData<string, string, int> Cases
    {
        get
        {
            var cases = new TheoryData<string, string, int>();
            foreach (var (version, checkpoint) in Checkpoints)
            {
                foreach (var level in Widths.Tested)
                {
                    cases.Add(version, checkpoint, (int)level);
                }
            }

            return cases;
        }
    }

    private static (string Version, string Checkpoint)[] Checkpoints =>
    [
        ("rwkv4", "main_bf16.pth"), ("rwkv4", "small_fp32.safetensors"), ("rwkv5", "main_bf16.pth"), ("rwkv5", "small_fp32.safetensors"),
        ("rwkv6", "main_bf16.pth"), ("rwkv6", "small_fp32.safetensors"), ("rwkv7", "main_bf16.pth"), ("rwkv7", "small_fp32.safetensors"),
    ];

    [Theory, MemberData(nameof(Cases))]
    public void Logits_equal_the_reference_at_every_position(string version, string checkpoint, int level)
    {
        using var model = new DecoderOverStates(Golden.File(version, checkpoint), (SimdLevel)level);
        var golden = Expected(version, checkpoint);
        foreach (var (tokens, logits) in new[] { ("tokens40", "logits40"), ("tokens200", "logits200") }.Where(x => golden.Contains(x.Item1)))
        {
            model.Reset(0);
            Tolerance.AssertClose(golden.Floats(logits), model.Read(0, golden.Ints(tokens), 1), $"{version}/{checkpoint} {logits}, vectors of {level}");
        }
    }

    [Theory, MemberData(nameof(Cases))]
    public void States_equal_the_reference_and_can_be_continued_from(string version, string checkpoint, int level)
    {
        using var model = new DecoderOverStates(Golden.File(version, checkpoint), (SimdLevel)level);
        var golden = Expected(version, checkpoint);
        model.Read(0, golden.Ints("tokens40"), 7);
        for (var layer = 0; layer < model.Config.LayerCount; layer++)
        {
            Tolerance.AssertClose(RwkvGoldenTests.StateOf(golden, "demo.state40", layer, model.Config), model.Rows(layer, 0), $"{version}, layer {layer}, vectors of {level}");
        }

        Tolerance.AssertClose(golden.Floats("cont_logits"), model.Read(0, golden.Ints("cont_tokens"), 1), "continued");
    }

    [Theory, MemberData(nameof(Cases))]
    public void Greedy_continuation_equals_the_reference(string version, string checkpoint, int level)
    {
        using var model = new DecoderOverStates(Golden.File(version, checkpoint), (SimdLevel)level);
        var golden = Expected(version, checkpoint);
        var logits = model.Read(0, golden.Ints("tokens40"), 16);
        foreach (var expected in golden.Ints("greedy_tokens"))
        {
            var last = logits[^model.Config.VocabularySize..];
            Assert.Equal(expected, Array.IndexOf(last, last.Max()));
            logits = model.Decode((0, expected));
        }
    }

    private static GoldenTensors Expected(string version, string checkpoint) =>
        GoldenTensors.Read(Golden.File(version, Path.GetFileNameWithoutExtension(checkpoint) + ".expected.safetensors"));
}
