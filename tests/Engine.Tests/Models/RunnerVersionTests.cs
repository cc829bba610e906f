using RwkvSk.Engine.Models;
using RwkvSk.Engine.Scheduling;
using RwkvSk.TestKit;
using Xunit;
using static TorchSharp.torch;

namespace RwkvSk.Engine.Tests.Models;

/// <summary>The runner's state laws for every version of RWKV.</summary>
public class RunnerVersionTests
{
    public RunnerVersionTests() => Assert.SkipWhen(LibTorch.Missing is not null, LibTorch.Missing ?? "");

    [Theory]
    [InlineData("rwkv4"), InlineData("rwkv5"), InlineData("rwkv6"), InlineData("rwkv7")]
    public void A_reset_slot_reads_as_if_nothing_had_been_read(string version)
    {
        using var model = new LoadedModel(Golden.File(version, "small_fp32.safetensors"));
        using var runner = Runner(model, 2);
        var first = Read(runner, 1, [1, 2, 3, 4, 5]);
        runner.Reset(1);
        Assert.Equal(first, Read(runner, 1, [1, 2, 3, 4, 5]));

        var golden = GoldenTensors.Read(Golden.File(version, "small_fp32.expected.safetensors"));
        runner.Reset(0);
        Tolerance.AssertClose(golden.Floats("logits40").AsSpan(^runner.VocabularySize..), Read(runner, 0, golden.Ints("tokens40")), "the reference's last logits");
    }

    [Theory]
    [InlineData("rwkv4"), InlineData("rwkv5"), InlineData("rwkv6"), InlineData("rwkv7")]
    public void A_restored_snapshot_continues_as_if_never_interrupted(string version)
    {
        using var model = new LoadedModel(Golden.File(version, "small_fp32.safetensors"));
        using var runner = Runner(model, 2);
        Read(runner, 0, [7, 8, 9]);
        var snapshot = runner.Capture(0, 3);
        var straight = Read(runner, 0, [10, 11]);
        runner.Restore(1, snapshot);
        Assert.Equal(straight, Read(runner, 1, [10, 11]));
    }

    [Theory]
    [InlineData("rwkv4"), InlineData("rwkv5"), InlineData("rwkv6"), InlineData("rwkv7")]
    public void Decoding_a_batch_equals_decoding_each_alone(string version)
    {
        using var model = new LoadedModel(Golden.File(version, "small_fp32.safetensors"));
        using var runner = Runner(model, 3);
        var alone = new List<float>();
        for (var slot = 0; slot < 3; slot++)
        {
            Read(runner, slot, [slot + 1, slot + 2]);
            var snapshot = runner.Capture(slot, 2);
            alone.AddRange(Decode(runner, (slot, 20 + slot)));
            runner.Restore(slot, snapshot);
        }

        Tolerance.AssertClose([.. alone], Decode(runner, (0, 20), (1, 21), (2, 22)), version, Tolerance.SameMath);
    }

    private static TorchModelRunner Runner(LoadedModel model, int slots)
    {
        var options = new EngineOptions { MaxRunning = slots };
        return new TorchModelRunner(model.Model, null, options, CPU, new MemoryStream(), new byte[32], model.Decoder(options));
    }

    private static float[] Read(TorchModelRunner runner, int slot, int[] tokens)
    {
        var logits = new float[runner.VocabularySize];
        runner.Step(new Batch(Phase.Prefill, [new BatchRow(slot, tokens, null, true)]), logits);
        return logits;
    }

    private static float[] Decode(TorchModelRunner runner, params (int Slot, int Token)[] rows)
    {
        var logits = new float[rows.Length * runner.VocabularySize];
        runner.Step(new Batch(Phase.Decode, [.. rows.Select(static row => new BatchRow(row.Slot, new[] { row.Token }, null, true))]), logits);
        return logits;
    }
}
