using RwkvSk.Engine.Tests.Models;
using RwkvSk.TestKit;
using RwkvSk.TestKit.Cuda;
using Xunit;

namespace RwkvSk.Engine.Tests.Kernels.Cuda;

/// <summary>The GPU's decoder, its kernels run on the host, against the public references.</summary>
public class CudaDecoderGoldenTests
{
    public static TheoryData<string, string> Cases => new()
    {
        { "rwkv6", "main_bf16.pth" }, { "rwkv6", "small_fp32.safetensors" }, { "rwkv7", "main_bf16.pth" }, { "rwkv7", "small_fp32.safetensors" },
    };

    [Theory, MemberData(nameof(Cases))]
    public void Logits_equal_the_reference_at_every_position(string version, string checkpoint)
    {
        Assert.SkipUnless(KernelShim.SkipReason.Length == 0, KernelShim.SkipReason);
        using var model = new CudaDecoderOverStates(Golden.File(version, checkpoint));
        var golden = Expected(version, checkpoint);
        Tolerance.AssertClose(golden.Floats("logits40"), model.Read(0, golden.Ints("tokens40"), 1), $"{version}/{checkpoint}");
    }

    [Theory, MemberData(nameof(Cases))]
    public void A_batch_of_the_same_sequence_equals_the_reference_in_every_row(string version, string checkpoint)
    {
        Assert.SkipUnless(KernelShim.SkipReason.Length == 0, KernelShim.SkipReason);
        using var model = new CudaDecoderOverStates(Golden.File(version, checkpoint), slots: 3);
        var golden = Expected(version, checkpoint);
        var (expected, at) = (golden.Floats("logits40"), 0);
        foreach (var token in golden.Ints("tokens40").AsSpan(0, 12))
        {
            var logits = model.Decode((2, token), (0, token), (1, token));
            foreach (var row in logits.Chunk(model.Config.VocabularySize))
            {
                Tolerance.AssertClose(expected.AsSpan(at, row.Length), row, $"{version}/{checkpoint}");
            }

            at += model.Config.VocabularySize;
        }
    }

    [Theory, MemberData(nameof(Cases))]
    public void States_equal_the_reference_and_can_be_continued_from(string version, string checkpoint)
    {
        Assert.SkipUnless(KernelShim.SkipReason.Length == 0, KernelShim.SkipReason);
        using var model = new CudaDecoderOverStates(Golden.File(version, checkpoint));
        var golden = Expected(version, checkpoint);
        model.Read(0, golden.Ints("tokens40"), 16);
        for (var layer = 0; layer < model.Config.LayerCount; layer++)
        {
            Tolerance.AssertClose(RwkvGoldenTests.StateOf(golden, "demo.state40", layer, model.Config), model.Rows(layer, 0), $"{version}, layer {layer}");
        }

        Tolerance.AssertClose(golden.Floats("cont_logits"), model.Read(0, golden.Ints("cont_tokens"), 1), "continued");
    }

    private static GoldenTensors Expected(string version, string checkpoint) =>
        GoldenTensors.Read(Golden.File(version, Path.GetFileNameWithoutExtension(checkpoint) + ".expected.safetensors"));
}
