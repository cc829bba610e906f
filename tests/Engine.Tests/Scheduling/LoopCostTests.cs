using Microsoft.Extensions.Logging;
using RwkvSk.Engine.Prompts;
using RwkvSk.Engine.States;
using RwkvSk.TestKit;
using Xunit;
using static RwkvSk.Engine.Tests.Scheduling.Streams;

namespace RwkvSk.Engine.Tests.Scheduling;

/// <summary>What the loop adds to the model, and what it says of itself.</summary>
public sealed class LoopCostTests
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_token_in_steady_state_costs_little_more_than_its_own_element()
    {
        long before = 0, after = 0;
        var runner = new FakeModelRunner(slots: 1) { IsRecording = false };
        runner.BeforeStep = _ =>
        {
            // Called on the loop's thread, so everything the loop allocates between two steps is counted, and nothing of the reader's.
            before = runner.DecodeSteps == 2000 ? GC.GetAllocatedBytesForCurrentThread() : before;
            after = runner.DecodeSteps == 4000 ? GC.GetAllocatedBytesForCurrentThread() : after;
        };
        using var engine = TestEngine.Over(runner);

        await engine.RunAsync(new Prompt("a"), Greedy(4100, "never to be found"), Cancel);

        // An element (48 bytes), its string (32), and what the channel takes to wake a reader, which depends on how often it sleeps.
        Assert.InRange((after - before) / 2000, 1, 256);
    }

    [Fact]
    public async Task A_long_answer_costs_no_more_per_step_than_a_short_one()
    {
        var runner = new FakeModelRunner(slots: 2) { IsRecording = false };
        using var engine = TestEngine.Over(runner);

        var answer = await engine.RunAsync(new Prompt("a"), Greedy(20_000), Cancel);

        Assert.Equal(20_000, answer.Usage.GeneratedTokens);
        Assert.Equal(1, runner.PrefillPositions);
        Assert.Equal(19_999, runner.DecodeSteps);   // the first token comes from the prompt's logits, the last one is not read
    }

    [Fact]
    public async Task The_meter_counts_what_was_read_reused_and_generated()
    {
        var name = Guid.NewGuid().ToString();
        using var sums = new MeterSums(name);
        var runner = new FakeModelRunner();
        await using var engine = new RwkvEngine(runner, ByteTokenizer.Instance, TestEngine.Describe(runner) with { Name = name }, new EngineOptions());

        await engine.RunAsync(Turns("system\n\n", "A:"), Greedy(5), Cancel);
        await engine.RunAsync(Turns("system\n\n", "A:"), Greedy(7), Cancel);
        sums.Observe();

        Assert.Equal(12, sums["rwkvsk.positions.read"]);
        Assert.Equal(8, sums["rwkvsk.positions.reused"]);
        Assert.Equal(12, sums["rwkvsk.tokens.generated"]);
        Assert.Equal(0, sums["rwkvsk.tokens.forced"]);
        Assert.Equal(1, sums["rwkvsk.cache.hits"]);
        Assert.Equal(1, sums["rwkvsk.cache.misses"]);
        Assert.Equal(runner.Layout.Bytes + PrefixCache.EntryOverhead, sums["rwkvsk.cache.bytes"]);
        Assert.Equal(0, sums["rwkvsk.queue.length"]);
        Assert.Equal(0, sums["rwkvsk.queue.refused"]);
        Assert.True(sums["rwkvsk.cache.duration"] > 0);
    }

    [Fact]
    public async Task At_debug_level_the_engine_says_why_it_had_to_read()
    {
        var log = new ListLogger();
        using var engine = TestEngine.Over(new FakeModelRunner(), loggers: log);

        await engine.RunAsync(Turns("system\n\n", "one\n\n", "A:"), Greedy(2), Cancel);
        await engine.RunAsync(Turns("system\n\n", "two\n\n", "A:"), Greedy(2), Cancel);
        await engine.RunAsync(Turns("system\n\n", "two\n\n", "A:"), Greedy(2), Cancel);

        Assert.Equal(
        [
            "Prompt of 15 positions: 0 reused, 15 read. No earlier prompt begins like it: turn 1 of 3 is new.",
            "Prompt of 15 positions: 8 reused, 7 read. Turn 2 of 3 is the first that differs from every earlier prompt, at position 8.",
            "Prompt of 15 positions: 13 reused, 2 read. An earlier prompt was the same or went on from it.",
        ],
        log.Lines.Where(static line => line.StartsWith("Prompt", StringComparison.Ordinal)));
        Assert.DoesNotContain(log.Lines, static line => line.Contains("two", StringComparison.Ordinal));
    }

    [Fact]
    public async Task What_was_evicted_is_said_to_be_missing()
    {
        var log = new ListLogger();
        var runner = new FakeModelRunner();
        using var engine = TestEngine.Over(runner, new EngineOptions { PrefixCacheBytes = runner.Layout.Bytes + 300 }, log);

        await engine.RunAsync(Turns("first\n\n", "A:"), Greedy(2), Cancel);
        await engine.RunAsync(Turns("a second one\n\n", "A:"), Greedy(2), Cancel);
        await engine.RunAsync(Turns("first\n\n", "A:"), Greedy(2), Cancel);

        Assert.Contains(log.Lines, static line => line.EndsWith("Not all that is shared was kept.", StringComparison.Ordinal));
    }

    private sealed class ListLogger : ILoggerFactory, ILogger
    {
        private readonly List<string> _lines = [];

        public IReadOnlyList<string> Lines
        {
            get
            {
                lock (_lines)
                {
                    return [.. _lines];
                }
            }
        }

        public void AddProvider(ILoggerProvider provider)
        {
        }

        public ILogger CreateLogger(string categoryName) => this;

        public void Dispose()
        {
        }

        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
        {
            lock (_lines)
            {
                _lines.Add(formatter(state, exception));
            }
        }
    }
}
