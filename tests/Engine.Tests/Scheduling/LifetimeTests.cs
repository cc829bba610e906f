#pragma warning disable VSTHRD003, VSTHRD103 // a test may wait for what it has started, and dispose in the blocking way on purpose
using System.Collections.Concurrent;
using RwkvSk.Engine.Prompts;
using RwkvSk.Engine.Scheduling;
using RwkvSk.TestKit;
using Xunit;
using static RwkvSk.Engine.Tests.Scheduling.Streams;

namespace RwkvSk.Engine.Tests.Scheduling;

/// <summary>However a request ends, it ends once and its slot is free.</summary>
public sealed class LifetimeTests
{
    private static readonly Prompt LongPrompt = new(new string('x', 500));

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Cancelled_while_it_decodes_it_ends_within_one_step()
    {
        var runner = new FakeModelRunner(slots: 1);
        using var engine = TestEngine.Over(runner);
        using var source = new CancellationTokenSource();
        runner.BeforeStep = batch => CancelAt(source, batch.Phase == Phase.Decode && runner.DecodeSteps == 3);

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => engine.RunAsync(new Prompt("a"), Greedy(1000), source.Token));
        await AssertFreeAsync(engine);

        Assert.InRange(runner.DecodeSteps, 4, 5);   // the step it was cancelled in, and the next request's
    }

    [Fact]
    public async Task Cancelled_while_it_is_read_it_ends_within_one_step()
    {
        var runner = new FakeModelRunner(slots: 1);
        using var engine = TestEngine.Over(runner, new EngineOptions { ChunkLength = 10 });
        using var source = new CancellationTokenSource();
        runner.BeforeStep = _ => CancelAt(source, runner.PrefillPositions == 30);

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => engine.RunAsync(LongPrompt, Greedy(1000), source.Token));
        await AssertFreeAsync(engine);

        Assert.Equal(40 + 1, runner.PrefillPositions);
    }

    [Fact]
    public async Task Cancelled_in_the_queue_it_never_touches_the_model()
    {
        var runner = new FakeModelRunner(slots: 1);
        using var engine = TestEngine.Over(runner, new EngineOptions { MaxRunning = 1 });
        using var gate = new LoopGate(runner);
        var running = engine.RunAsync(new Prompt("a"), Greedy(3), Cancel);
        await gate.Reached;
        using var source = new CancellationTokenSource();
        var waiting = engine.RunAsync(LongPrompt, Greedy(3), source.Token);

        await source.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => waiting);
        gate.Open();
        await running;
        await AssertFreeAsync(engine);

        Assert.Equal(2, runner.PrefillPositions);
    }

    [Fact]
    public async Task An_abandoned_stream_frees_its_slot()
    {
        using var engine = TestEngine.Over(new FakeModelRunner(slots: 1));

        await foreach (var _ in engine.GenerateAsync(new Prompt("a"), Greedy(1_000_000), Cancel))
        {
            break;
        }

        await AssertFreeAsync(engine);
    }

    [Fact]
    public async Task A_token_that_was_cancelled_before_costs_nothing()
    {
        var runner = new FakeModelRunner();
        using var engine = TestEngine.Over(runner);

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => engine.RunAsync(new Prompt("a"), Greedy(3), new CancellationToken(canceled: true)));
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => engine.CaptureAsync(new Prompt("a"), new CancellationToken(canceled: true)));

        Assert.Equal(0, engine.LiveRequests);
        Assert.Empty(runner.Calls);
    }

    [Fact]
    public async Task A_cancelled_capture_frees_its_slot()
    {
        var runner = new FakeModelRunner(slots: 1);
        using var engine = TestEngine.Over(runner, new EngineOptions { ChunkLength = 10 });
        using var source = new CancellationTokenSource();
        runner.BeforeStep = _ => CancelAt(source, runner.PrefillPositions == 30);

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => engine.CaptureAsync(LongPrompt, source.Token));
        await AssertFreeAsync(engine);
    }

    [Fact]
    public async Task A_full_queue_refuses_and_says_so()
    {
        var runner = new FakeModelRunner(slots: 1);
        using var engine = TestEngine.Over(runner, new EngineOptions { MaxRunning = 1, MaxWaiting = 2 });
        using var gate = new LoopGate(runner);
        var accepted = Enumerable.Range(0, 3).Select(_ => engine.RunAsync(new Prompt("a"), Greedy(2), Cancel)).ToArray();

        var refused = await Assert.ThrowsAsync<EngineBusyException>(() => engine.RunAsync(new Prompt("a"), Greedy(2), Cancel));
        gate.Open();
        await Task.WhenAll(accepted);
        await AssertFreeAsync(engine);

        Assert.Contains("1 requests run and 2 wait", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_failing_prefill_step_ends_only_its_own_sequence()
    {
        var runner = new FakeModelRunner(slots: 2);
        using var engine = TestEngine.Over(runner);
        runner.BeforeStep = static batch => ThrowIf(batch.Rows[0].Positions == 13);

        var good = engine.RunAsync(new Prompt("good"), Greedy(20), Cancel);
        var error = await Assert.ThrowsAsync<InvalidOperationException>(() => engine.RunAsync(new Prompt("thirteen long"), Greedy(20), Cancel));
        await good;
        await AssertFreeAsync(engine);

        Assert.Contains("broken", error.Message, StringComparison.Ordinal);
        Assert.NotNull(error.InnerException);
    }

    [Fact]
    public async Task After_a_failing_decode_step_the_loop_goes_on()
    {
        var runner = new FakeModelRunner(slots: 2);
        using var engine = TestEngine.Over(runner);
        var expected = await engine.RunAsync(new Prompt("again"), Greedy(9), Cancel);
        runner.BeforeStep = batch => ThrowIf(batch.Phase == Phase.Decode);
        await Assert.ThrowsAsync<InvalidOperationException>(() => engine.RunAsync(new Prompt("a"), Greedy(9), Cancel));
        runner.BeforeStep = null;

        Assert.Equal(expected.Ids, (await engine.RunAsync(new Prompt("again"), Greedy(9), Cancel)).Ids);
        await AssertFreeAsync(engine);
    }

    [Fact]
    public async Task A_damaged_picture_is_its_own_requests_error()
    {
        using var log = new ListLogger();
        using var engine = TestEngine.Over(new FakeModelRunner(), loggers: log);

        await Assert.ThrowsAsync<ImageFormatException>(() => engine.RunAsync(new Prompt(new Turn(new ImageSegment(ReadOnlyMemory<byte>.Empty)), new Turn("?")), Greedy(), Cancel));
        await AssertFreeAsync(engine);
        Assert.DoesNotContain(log.Lines, static line => line.StartsWith("Error", StringComparison.Ordinal));   // anybody could fill the error log
        Assert.Contains(log.Lines, static line => line.StartsWith("Information: A request ended without an answer", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Disposing_ends_running_and_waiting_requests_and_refuses_new_ones()
    {
        var runner = new FakeModelRunner(slots: 1);
        var engine = TestEngine.Over(runner, new EngineOptions { MaxRunning = 1 });
        using var gate = new LoopGate(runner);
        var requests = Enumerable.Range(0, 3).Select(_ => engine.RunAsync(new Prompt("a"), Greedy(1_000_000), Cancel)).ToArray();
        await gate.Reached;

        var disposal = engine.DisposeAsync().AsTask();
        gate.Open();
        await disposal;
        engine.Dispose();
        await engine.DisposeAsync();

        foreach (var request in requests)
        {
            await Assert.ThrowsAnyAsync<OperationCanceledException>(() => request);
        }

        Assert.True(runner.IsDisposed);
        Assert.Throws<ObjectDisposedException>(() => engine.GenerateAsync(new Prompt("a"), cancellationToken: Cancel));
        await Assert.ThrowsAsync<ObjectDisposedException>(() => engine.CaptureAsync(new Prompt("a"), Cancel));
    }

    [Fact]
    public async Task A_stream_made_before_disposal_and_begun_after_it_is_refused()
    {
        var engine = TestEngine.Over(new FakeModelRunner());
        var stream = engine.GenerateAsync(new Prompt("a"), Greedy(), Cancel);
        engine.Dispose();

        await Assert.ThrowsAsync<ObjectDisposedException>(() => CollectAsync(stream));
    }

    [Fact]
    public async Task A_storm_of_requests_and_cancellations_leaves_nothing_behind()
    {
        using var engine = TestEngine.Over(new FakeModelRunner(slots: 3) { IsRecording = false }, new EngineOptions { MaxRunning = 3, ChunkLength = 8, MaxWaiting = 1000 });
        var random = new Random(5);
        var plans = Enumerable.Range(0, 200).Select(i => (Prompt: Turns(new string('p', random.Next(1, 60)), $"{i % 20}", "A:"), StopAfter: random.Next(12), Kind: random.Next(3))).ToArray();
        var finished = new ConcurrentBag<int>();

        await Parallel.ForEachAsync(plans, Cancel, async (plan, _) =>
        {
            using var source = new CancellationTokenSource();
            var seen = 0;
            try
            {
                await foreach (var token in engine.GenerateAsync(plan.Prompt, Seeded(seen, 10), source.Token))
                {
                    if (seen++ == plan.StopAfter && plan.Kind == 0)
                    {
                        await source.CancelAsync();
                    }
                    else if (seen == plan.StopAfter && plan.Kind == 1)
                    {
                        break;
                    }
                }

                finished.Add(seen);
            }
            catch (OperationCanceledException)
            {
                Assert.Equal(0, plan.Kind);
            }
        });

        await AssertFreeAsync(engine);
        Assert.NotEmpty(finished);
    }

    private static void CancelAt(CancellationTokenSource source, bool now)
    {
        if (now)
        {
            source.Cancel();
        }
    }

    private static void ThrowIf(bool condition)
    {
        if (condition)
        {
            throw new ArithmeticException("broken");
        }
    }

    /// <summary>A whole answer goes through after it, and then nobody is left.</summary>
    private static async Task AssertFreeAsync(RwkvEngine engine)
    {
        await engine.RunAsync(new Prompt("z"), Greedy(1), Cancel);
        Assert.Equal(0, engine.LiveRequests);
    }
}
