#pragma warning disable VSTHRD003 // a test may wait for what it has started
using RwkvSk.TestKit;
using Xunit;
using static RwkvSk.Engine.Tests.Scheduling.Streams;

namespace RwkvSk.Engine.Tests.Scheduling;

/// <summary>What is read in the background: kept like anything else, and in nobody's way.</summary>
public sealed class ReadAheadTests
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(256)]
    [InlineData(3)]
    public async Task A_request_that_comes_at_once_reads_only_what_is_new(int chunkLength)
    {
        var runner = new FakeModelRunner();
        using var engine = TestEngine.Over(runner, new EngineOptions { ChunkLength = chunkLength });
        using var cold = TestEngine.Over(new FakeModelRunner(), new EngineOptions { ChunkLength = chunkLength, PrefixCacheBytes = 0 });
        await engine.RunAsync(Turns("question\n\n", "A:"), cancellationToken: Cancel);

        Assert.True(engine.ReadAhead(Turns("question\n\n", "A: an answer\n\n")));
        var next = await engine.RunAsync(Turns("question\n\n", "A: an answer\n\n", "more\n\n", "A:"), cancellationToken: Cancel);

        Assert.Equal(10 + 14, next.Usage.ReusedPositions);
        Assert.Equal((10 + 2) + 14 + (6 + 2), runner.PrefillPositions);
        Assert.Equal((await cold.RunAsync(Turns("question\n\n", "A: an answer\n\n", "more\n\n", "A:"), cancellationToken: Cancel)).Ids, next.Ids);
    }

    [Fact]
    public async Task Nothing_is_read_where_the_state_before_it_is_kept_no_more()
    {
        var runner = new FakeModelRunner();
        using var engine = TestEngine.Over(runner);

        engine.ReadAhead(Turns("question\n\n", "A: an answer\n\n"));
        await engine.RunAsync(Turns("another\n\n", "A:"), cancellationToken: Cancel);

        Assert.Equal(9 + 2, runner.PrefillPositions);
    }

    [Fact]
    public async Task Requests_go_first_and_wait_for_one_step_at_most()
    {
        var runner = new FakeModelRunner();
        using var engine = TestEngine.Over(runner, new EngineOptions { ChunkLength = 4 });
        await engine.RunAsync(Turns("question\n\n", "A:"), Greedy(1), Cancel);
        using var gate = new LoopGate(runner, batch => batch.Rows[0].Positions == 4);
        runner.Calls.Clear();
        engine.ReadAhead(Turns("question\n\n", new string('a', 40)));
        await gate.Reached;

        var request = engine.RunAsync(Turns("other", "A:"), Greedy(3), Cancel);
        gate.Open();
        await request;

        // One step was under way; the next thing that happens is the request, whole.
        var calls = runner.Calls.Where(static call => call.StartsWith("prefill", StringComparison.Ordinal) || call.StartsWith("decode", StringComparison.Ordinal)).ToList();
        Assert.Equal(["prefill 0:4", "prefill 1:4", "prefill 1:1", "prefill 1:2", "decode 1", "decode 1"], calls.Take(6));
        var next = await engine.RunAsync(Turns("question\n\n", new string('a', 40), "A:"), Greedy(1), Cancel);
        Assert.Equal(50, next.Usage.ReusedPositions);
    }

    [Fact]
    public async Task It_gives_its_slot_to_a_request()
    {
        var runner = new FakeModelRunner(slots: 1);
        using var engine = TestEngine.Over(runner, new EngineOptions { MaxRunning = 1, ChunkLength = 4 });
        await engine.RunAsync(Turns("question\n\n", "A:"), Greedy(1), Cancel);
        using var gate = new LoopGate(runner, batch => batch.Rows[0].Positions == 4);
        engine.ReadAhead(Turns("question\n\n", new string('a', 40)));
        await gate.Reached;

        var request = engine.RunAsync(Turns("other", "A:"), Greedy(3), Cancel);
        gate.Open();
        Assert.Equal(7, (await request).Usage.PromptPositions);

        Assert.Equal((10 + 2) + 4 + 7, runner.PrefillPositions);   // what was begun in the background is given up
    }

    [Fact]
    public async Task As_many_wait_as_there_are_slots_and_none_counts_as_a_request()
    {
        var runner = new FakeModelRunner(slots: 2);
        using var engine = TestEngine.Over(runner, new EngineOptions { MaxRunning = 2, MaxWaiting = 0 });
        using var gate = new LoopGate(runner);
        var first = engine.RunAsync(Turns("question\n\n", "A:"), Greedy(1), Cancel);
        await gate.Reached;

        Assert.Equal([true, true, false], Enumerable.Range(0, 3).Select(i => engine.ReadAhead(Turns("question\n\n", $"A: {i}\n\n"))));
        Assert.Equal(1, engine.LiveRequests);
        var second = engine.RunAsync(Turns("question\n\n", "A: 1\n\n", "B:"), Greedy(1), Cancel);   // not refused
        gate.Open();
        await first;
        await second;
        Assert.Equal(0, engine.LiveRequests);
    }

    [Fact]
    public async Task Nothing_is_taken_where_nothing_is_kept_or_the_engine_ends()
    {
        using var none = TestEngine.Over(new FakeModelRunner(), new EngineOptions { PrefixCacheBytes = 0 });
        Assert.False(none.ReadAhead(Turns("question\n\n", "A: an answer\n\n")));

        var runner = new FakeModelRunner();
        var engine = TestEngine.Over(runner);
        using var gate = new LoopGate(runner);
        var request = engine.RunAsync(Turns("question\n\n", "A:"), cancellationToken: Cancel);
        await gate.Reached;
        Assert.True(engine.ReadAhead(Turns("question\n\n", "A: an answer\n\n")));
        var end = engine.DisposeAsync();
        Assert.False(engine.ReadAhead(Turns("question\n\n", "A: another\n\n")));
        gate.Open();
        await end;

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => request);
        Assert.True(runner.IsDisposed);
    }
}
