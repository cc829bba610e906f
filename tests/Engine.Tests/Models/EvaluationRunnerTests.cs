using RwkvSk.Engine.Models;
using RwkvSk.Engine.Scheduling;
using RwkvSk.Engine.States;
using RwkvSk.Engine.Vision;
using RwkvSk.TestKit;
using Xunit;
using static TorchSharp.torch;

namespace RwkvSk.Engine.Tests.Models;

/// <summary>The padding of VisualRWKV v7.00's evaluation, as an option.</summary>
public sealed class EvaluationRunnerTests
{
    private const int PlaceHolder = 279;

    public EvaluationRunnerTests() => Assert.SkipWhen(LibTorch.Missing is not null, LibTorch.Missing ?? "");

    [Fact]
    public void Reading_and_answering_gives_the_evaluations_logits_and_tokens()
    {
        using var scope = NewDisposeScope();
        using var model = new LoadedModel(Golden.File("visualrwkv7", "visualrwkv7.pth"), "rwkv");
        var golden = GoldenTensors.Read(Golden.File("visualrwkv7", "visualrwkv7.expected.safetensors"));
        using var runner = new EvaluationRunner(new TorchModelRunner(model.Model, null, new EngineOptions { MaxRunning = 2 }, CPU, new MemoryStream(), new byte[32]));

        // Text, the picture, text; the text after it in two steps.
        var ids = golden.Ints("full.input_ids");
        var image = new TorchImageEmbeddings(tensor(golden.Floats("full.image_embeds")).view(16, 64), new ImageSpan(0, 4));
        var (start, end) = (Array.IndexOf(ids, PlaceHolder), Array.LastIndexOf(ids, PlaceHolder) + 1);
        Assert.Equal(16, end - start);
        Read(new BatchRow(1, ids.AsMemory(0, start), null, false));
        Read(new BatchRow(1, default, image, false));
        Read(new BatchRow(1, ids.AsMemory(end, 2), null, false));
        var logits = Read(new BatchRow(1, ids.AsMemory(end + 2), null, true));
        Tolerance.AssertClose(golden.Floats("full.logits").AsSpan(^runner.VocabularySize..), logits, "the last logits");

        foreach (var expected in golden.Ints("full.generate.tokens"))
        {
            Assert.Equal(expected, Array.IndexOf(logits, logits.Max()));
            logits = new float[runner.VocabularySize];
            runner.Step(new Batch(Phase.Decode, [new BatchRow(1, new[] { expected }, null, true)]), logits);
        }

        float[] Read(BatchRow row)
        {
            var into = new float[row.WantLogits ? runner.VocabularySize : 0];
            runner.Step(new Batch(Phase.Prefill, [row]), into);
            return into;
        }
    }

    [Fact]
    public void Slots_are_read_apart_and_begin_anew_after_a_reset()
    {
        using var runner = new EvaluationRunner(new FakeModelRunner(slots: 2));
        var alone = Logits(runner, 0, [1, 2, 3]);
        Logits(runner, 1, [4, 5]);
        runner.Reset(0);
        Assert.Equal(alone, Logits(runner, 0, [1, 2, 3]));
        Assert.NotEqual(alone, Logits(runner, 0, [1, 2, 3]));   // six tokens by now
    }

    [Fact]
    public void There_are_no_states_and_the_fingerprint_is_another()
    {
        var inner = new FakeModelRunner(slots: 2);
        using var runner = new EvaluationRunner(inner);
        Assert.Throws<NotSupportedException>(() => runner.Capture(0, 1));
        Assert.Throws<NotSupportedException>(() => runner.Restore(0, new StateSnapshot(runner.Layout, 1, new float[runner.Layout.Length])));
        Assert.False(inner.Fingerprint.SequenceEqual(runner.Fingerprint));
    }

    [Fact]
    public void A_model_whose_evaluation_pads_nothing_is_refused() =>
        Assert.Contains(
            "EvaluationPadding",
            Assert.Throws<NotSupportedException>(() => RwkvEngine.Load(Golden.File("rwkv7", "small_fp32.safetensors"), new EngineOptions { EvaluationPadding = true, Device = Device.Cpu })).Message,
            StringComparison.Ordinal);

    private static float[] Logits(EvaluationRunner runner, int slot, int[] tokens)
    {
        var logits = new float[runner.VocabularySize];
        runner.Step(new Batch(Phase.Prefill, [new BatchRow(slot, tokens, null, true)]), logits);
        return logits;
    }
}
