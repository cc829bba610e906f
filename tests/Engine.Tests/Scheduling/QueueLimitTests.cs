#pragma warning disable VSTHRD003 // a test may wait for what it has started
using Microsoft.Extensions.Time.Testing;
using RwkvSk.Engine.Prompts;
using RwkvSk.Engine.Scheduling;
using RwkvSk.TestKit;
using Xunit;
using static RwkvSk.Engine.Tests.Scheduling.Streams;

namespace RwkvSk.Engine.Tests.Scheduling;

/// <summary>Who waits, how long, and what is said to whoever waits in vain.</summary>
public sealed class QueueLimitTests
{
    private static readonly TimeSpan Longest = TimeSpan.FromSeconds(30);

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Whoever_waits_too_long_is_refused_and_the_others_go_on()
    {
        var time = new FakeTimeProvider();
        var runner = new FakeModelRunner(slots: 1);
        using var engine = TestEngine.Over(runner, new EngineOptions { MaxRunning = 1, MaxWait = Longest }, time: time);
        using var gate = new LoopGate(runner);
        var running = engine.RunAsync(new Prompt("a"), Greedy(3), Cancel);
        await gate.Reached;
        var early = engine.RunAsync(new Prompt("b"), Greedy(3), Cancel);
        time.Advance(Longest / 2);
        var late = engine.RunAsync(new Prompt("c"), Greedy(3), Cancel);
        time.Advance(Longest / 2);
        gate.Open();

        var refused = await Assert.ThrowsAsync<EngineBusyException>(() => early);
        Assert.Equal(BusyReason.WaitedTooLong, refused.Reason);
        Assert.Contains("waited 30.0 s for one of 1 slots", refused.Message, StringComparison.Ordinal);
        Assert.Equal(3, (await running).Ids.Count);   // only waiting is limited, not working
        Assert.Equal(3, (await late).Ids.Count);
        Assert.Equal(0, engine.LiveRequests);
        Assert.Equal(2, runner.PrefillPositions);
    }

    [Fact]
    public async Task A_slot_that_is_free_in_time_goes_to_whoever_waits_however_late_it_is()
    {
        var time = new FakeTimeProvider();
        var runner = new FakeModelRunner(slots: 1);
        using var engine = TestEngine.Over(runner, new EngineOptions { MaxRunning = 1, MaxWait = Longest }, time: time);
        using var gate = new LoopGate(runner);
        var running = engine.RunAsync(new Prompt("a"), Greedy(1), Cancel);
        await gate.Reached;
        var waiting = engine.RunAsync(new Prompt("b"), Greedy(1), Cancel);
        time.Advance(2 * Longest);
        gate.Open();   // the step that ends the first answer

        Assert.Single((await running).Ids);
        Assert.Single((await waiting).Ids);
    }

    [Fact]
    public async Task Without_a_limit_a_request_waits_as_long_as_it_takes()
    {
        var time = new FakeTimeProvider();
        var runner = new FakeModelRunner(slots: 1);
        using var engine = TestEngine.Over(runner, new EngineOptions { MaxRunning = 1 }, time: time);
        using var gate = new LoopGate(runner);
        var running = engine.RunAsync(new Prompt("a"), Greedy(3), Cancel);
        await gate.Reached;
        var waiting = engine.RunAsync(new Prompt("b"), Greedy(3), Cancel);
        time.Advance(TimeSpan.FromDays(1));
        gate.Open();

        Assert.Equal(3, (await running).Ids.Count);
        Assert.Equal(3, (await waiting).Ids.Count);
    }

    [Fact]
    public async Task A_full_queue_gives_its_reason_and_when_to_come_back()
    {
        var time = new FakeTimeProvider();
        var runner = new FakeModelRunner(slots: 1);
        using var engine = TestEngine.Over(runner, new EngineOptions { MaxRunning = 1, MaxWaiting = 1 }, time: time);
        runner.BeforeStep = _ => time.Advance(TimeSpan.FromSeconds(4));
        await engine.RunAsync(new Prompt("a"), Greedy(1), Cancel);
        using var gate = new LoopGate(runner);
        var running = engine.RunAsync(new Prompt("a"), Greedy(1), Cancel);
        await gate.Reached;
        var waiting = engine.RunAsync(new Prompt("a"), Greedy(1), Cancel);

        var refused = await Assert.ThrowsAsync<EngineBusyException>(() => engine.RunAsync(new Prompt("a"), Greedy(1), Cancel));
        gate.Open();
        await Task.WhenAll(running, waiting);

        Assert.Equal(BusyReason.QueueFull, refused.Reason);
        Assert.Equal(TimeSpan.FromSeconds(8), refused.RetryAfter);   // four seconds each for the one that waits and for the next
    }

    [Fact]
    public async Task The_meter_knows_who_waited_how_long_and_who_was_refused()
    {
        var name = Guid.NewGuid().ToString();
        using var sums = new MeterSums(name);
        var time = new FakeTimeProvider();
        var runner = new FakeModelRunner(slots: 1);
        await using var engine = new RwkvEngine(
            runner, ByteTokenizer.Instance, TestEngine.Describe(runner) with { Name = name }, new EngineOptions { MaxRunning = 1, MaxWaiting = 1, MaxWait = Longest }, time: time);
        using var gate = new LoopGate(runner);
        var running = engine.RunAsync(new Prompt("a"), Greedy(1), Cancel);
        await gate.Reached;
        var waiting = engine.RunAsync(new Prompt("b"), Greedy(1), Cancel);
        await Assert.ThrowsAsync<EngineBusyException>(() => engine.RunAsync(new Prompt("c"), Greedy(1), Cancel));
        time.Advance(TimeSpan.FromSeconds(7));
        gate.Open();
        await Task.WhenAll(running, waiting);

        Assert.Equal(7, sums["rwkvsk.queue.wait"]);
        Assert.Equal(1, sums["rwkvsk.queue.refused"]);
    }

    [Fact]
    public void Nobody_is_told_to_come_back_at_once()
    {
        var estimate = new WaitEstimate(slots: 4);
        Assert.Equal(TimeSpan.FromSeconds(1), estimate.After(0));
        estimate.Add(TimeSpan.FromSeconds(8));
        Assert.Equal(TimeSpan.FromSeconds(2), estimate.After(0));
        Assert.Equal(TimeSpan.FromSeconds(10), estimate.After(4));
        for (var i = 0; i < 100; i++)
        {
            estimate.Add(TimeSpan.FromSeconds(40));
        }

        Assert.InRange(estimate.After(3).TotalSeconds, 39, 40);
    }
}
