using RwkvSk.Engine.Models;
using RwkvSk.Engine.Scheduling;
using RwkvSk.Engine.States;
using RwkvSk.Engine.Weights;
using RwkvSk.TestKit;
using TorchSharp;
using Xunit;
using static TorchSharp.torch;

namespace RwkvSk.Engine.Tests.Models;

/// <summary>libtorch counts the tensors of the whole process: while this class counts, no other test may make any.</summary>
[CollectionDefinition(nameof(TorchModelRunnerTests), DisableParallelization = true)]
[Collection(nameof(TorchModelRunnerTests))]
public sealed class TorchModelRunnerTests : IDisposable
{
    private readonly TorchModelRunner _runner;
    private readonly int[] _tokens = [.. Enumerable.Range(0, 48).Select(static i => (i * 37) % 250)];

    public TorchModelRunnerTests()
    {
        Assert.SkipWhen(LibTorch.Missing is not null, LibTorch.Missing ?? "");
        var file = SafetensorsFile.Open(Golden.File("rwkv7", "small_fp32.safetensors"));
        var source = new FileWeightSource(file, CPU, ScalarType.Float32);
        var scope = new WeightScope(source);
        _runner = new TorchModelRunner(new RwkvModel(scope, RwkvConfig.Read(scope)), null, new EngineOptions { MaxRunning = 4 }, CPU, file, new byte[32]);
    }

    [Fact]
    public void A_restored_snapshot_continues_as_if_never_interrupted()
    {
        var straight = Prefill(0, _tokens[..40]);
        var next = Decode([(0, 7)])[0];

        Prefill(1, _tokens[..25]);
        var snapshot = _runner.Capture(1, 25);
        Prefill(1, _tokens[..3]);                       // the slot goes elsewhere
        _runner.Restore(2, snapshot);
        var resumed = Prefill(2, _tokens[25..40]);
        _runner.Restore(3, snapshot);                   // a second use finds the snapshot unchanged
        var again = Prefill(3, _tokens[25..40]);

        Prefill(0, _tokens[..25], reset: true);
        var cut = Prefill(0, _tokens[25..40]);
        Assert.Equal(cut, resumed);                     // bit for bit: the same cuts
        Assert.Equal(resumed, again);
        Tolerance.AssertClose(straight, resumed, "one chunk and two");
        Tolerance.AssertClose(next, Decode([(2, 7)])[0], "the token after");
    }

    [Fact]
    public void A_recycled_snapshots_memory_holds_the_next_one()
    {
        Prefill(0, _tokens[..25]);
        var first = _runner.Capture(0, 25);
        var expected = first.Data.ToArray();
        _runner.Recycle(_runner.Capture(1, 0));
        var second = _runner.Capture(0, 25);
        Assert.Equal(expected, second.Data.ToArray());
        Assert.Equal(expected, first.Data.ToArray());
        _runner.Recycle(second);
        Assert.Same(second.Numbers, _runner.Capture(1, 0).Numbers);
        Assert.NotSame(second.Numbers, _runner.Capture(1, 0).Numbers);
    }

    [Fact]
    public void Sequences_decoded_together_are_as_alone()
    {
        var alone = new List<float[]>();
        for (var i = 0; i < 4; i++)
        {
            Prefill(0, _tokens[i..(i + 10)], reset: true);
            alone.Add(Decode([(0, i + 1)])[0]);
        }

        for (var i = 0; i < 4; i++)
        {
            Prefill(i, _tokens[i..(i + 10)], reset: true);
        }

        var together = Decode([(3, 4), (1, 2), (0, 1), (2, 3)]);
        foreach (var (slot, row) in new[] { (3, 0), (1, 1), (0, 2), (2, 3) })
        {
            Tolerance.AssertClose(alone[slot], together[row], $"slot {slot}");
        }
    }

    [Fact]
    public void A_step_leaves_other_slots_untouched()
    {
        Prefill(1, _tokens[..9], reset: true);
        var before = _runner.Capture(1, 9).Data.ToArray();
        Prefill(0, _tokens, reset: true);
        Decode([(0, 3), (2, 5)]);
        Assert.Equal(before, _runner.Capture(1, 9).Data.ToArray());
    }

    [Fact]
    public void A_reset_slot_has_read_nothing()
    {
        var first = Prefill(0, _tokens[..12], reset: true);
        Prefill(0, _tokens[12..]);
        Assert.Equal(first, Prefill(0, _tokens[..12], reset: true));
    }

    [Fact]
    public void All_logits_end_with_the_last_positions()
    {
        var last = Prefill(0, _tokens[..20], reset: true);
        _runner.Reset(1);
        var all = new float[20 * _runner.VocabularySize];
        _runner.StepWithAllLogits(new BatchRow(1, _tokens.AsMemory(0, 20), null, true), all);
        Tolerance.AssertClose(last, all.AsSpan(^_runner.VocabularySize..), "last position");
    }

    [Fact]
    public void A_snapshot_of_another_shape_is_refused()
    {
        var foreign = new StateLayout(1, 3, 4);
        Assert.Throws<ArgumentException>(() => _runner.Restore(0, new StateSnapshot(foreign, 0, new float[foreign.Length])));
    }

    [Fact]
    public void Steps_give_equal_bits_while_another_thread_makes_garbage()
    {
        using var stop = new CancellationTokenSource();
        var garbage = new Thread(() =>
        {
            while (!stop.IsCancellationRequested)
            {
                GC.KeepAlive(new byte[64 << 10]);
            }
        });
        garbage.Start();
        Prefill(0, _tokens, reset: true);
        var expected = Decode([(0, 5)])[0];
        var live = DisposeScopeManager.Statistics.ThreadTotalLiveCount;
        for (var i = 0; i < 60; i++)
        {
            Prefill(0, _tokens, reset: true);
            Assert.Equal(expected, Decode([(0, 5)])[0]);
        }

        stop.Cancel();
        garbage.Join();
        Assert.Equal(live, DisposeScopeManager.Statistics.ThreadTotalLiveCount);   // of this thread alone: other tests make tensors too
    }

    public void Dispose() => _runner?.Dispose();

    private float[] Prefill(int slot, int[] tokens, bool reset = false)
    {
        if (reset)
        {
            _runner.Reset(slot);
        }

        var logits = new float[_runner.VocabularySize];
        _runner.Step(new Batch(Phase.Prefill, [new BatchRow(slot, tokens, null, true)]), logits);
        return logits;
    }

    private List<float[]> Decode((int Slot, int Token)[] rows)
    {
        var logits = new float[rows.Length * _runner.VocabularySize];
        _runner.Step(new Batch(Phase.Decode, [.. rows.Select(static row => new BatchRow(row.Slot, new[] { row.Token }, null, true))]), logits);
        return [.. logits.Chunk(_runner.VocabularySize)];
    }
}
