#pragma warning disable VSTHRD003 // a test may wait for what it has started
using RwkvSk.Engine.Prompts;
using RwkvSk.Engine.States;
using RwkvSk.TestKit;
using Xunit;
using static RwkvSk.Engine.Tests.Scheduling.Streams;

namespace RwkvSk.Engine.Tests.Scheduling;

public sealed class PrefixReuseTests
{
    private static readonly byte[] Picture = [1, 2, 3];

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(4)]
    [InlineData(64)]
    public async Task Sixty_four_identical_requests_are_read_once(int slots)
    {
        var runner = new FakeModelRunner(slots);
        using var engine = TestEngine.Over(runner, new EngineOptions { MaxRunning = slots, ChunkLength = 16 });
        using var gate = new LoopGate(runner);
        var first = engine.RunAsync(new Prompt("warm"), Greedy(1), Cancel);
        await gate.Reached;

        var prompt = new Prompt(new Turn(new string('s', 100)), new Turn(new TextSegment("look: "), new ImageSegment(Picture), new TextSegment("\n\n")), new Turn("Assistant:"));
        var requests = Enumerable.Range(0, 64).Select(_ => engine.RunAsync(prompt, Greedy(6), Cancel)).ToArray();
        gate.Open();
        var answers = await Task.WhenAll(requests);
        await first;

        Assert.Equal(4 + (100 + 6 + 5 + 2) + (64 * 10), runner.PrefillPositions);
        Assert.Single(runner.Calls, "encode");
        Assert.All(answers, answer => Assert.Equal(answers[0].Ids, answer.Ids));
        Assert.Equal(63, answers.Count(static answer => answer.Usage.ReusedPositions == 113));
    }

    [Fact]
    public async Task When_the_first_is_cancelled_the_next_reads_on_from_what_it_left()
    {
        var runner = new FakeModelRunner();
        using var engine = TestEngine.Over(runner);
        using var source = new CancellationTokenSource();
        var prompt = Turns(new string('a', 50), new string('b', 60), "Assistant:");
        using var gate = new LoopGate(runner, batch => batch.Rows[0].Positions == 60);
        var first = engine.RunAsync(prompt, Greedy(5), source.Token);
        await gate.Reached;
        var second = engine.RunAsync(prompt, Greedy(5), Cancel);

        await source.CancelAsync();
        gate.Open();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => first);
        var answer = await second;

        Assert.InRange(answer.Usage.ReusedPositions, 50, 110);   // 110 when the step that was under way came to its end before the cancellation was seen
        Assert.InRange(runner.PrefillPositions, 120, 180);
    }

    [Fact]
    public async Task An_edited_turn_reuses_what_is_before_it()
    {
        using var engine = TestEngine.Over(new FakeModelRunner());
        await engine.RunAsync(Turns("system\n\n", "one\n\n", "two\n\n", "A:"), cancellationToken: Cancel);

        var edited = await engine.RunAsync(Turns("system\n\n", "ONE\n\n", "two\n\n", "A:"), cancellationToken: Cancel);
        var again = await engine.RunAsync(Turns("system\n\n", "one\n\n", "two\n\n", "A:"), cancellationToken: Cancel);

        Assert.Equal(8, edited.Usage.ReusedPositions);
        Assert.Equal(18, again.Usage.ReusedPositions);
    }

    [Fact]
    public async Task Where_two_prompts_part_inside_a_long_turn_the_third_goes_on()
    {
        var runner = new FakeModelRunner();
        using var engine = TestEngine.Over(runner, new EngineOptions { ChunkLength = 10 });
        var document = new string('d', 200);

        var first = await engine.RunAsync(Turns(document + "first question", "A:"), cancellationToken: Cancel);
        var second = await engine.RunAsync(Turns(document + "second question", "A:"), cancellationToken: Cancel);
        var third = await engine.RunAsync(Turns(document + "third question", "A:"), cancellationToken: Cancel);

        Assert.Equal([0, 0, 200], new[] { first, second, third }.Select(static r => r.Usage.ReusedPositions));
    }

    [Fact]
    public async Task Scopes_share_nothing()
    {
        using var engine = TestEngine.Over(new FakeModelRunner());
        var prompt = Turns("a secret\n\n", "A:");
        await engine.RunAsync(prompt, Greedy() with { CacheScope = "one" }, Cancel);

        Assert.Equal(0, (await engine.RunAsync(prompt, Greedy() with { CacheScope = "two" }, Cancel)).Usage.ReusedPositions);
        Assert.Equal(0, (await engine.RunAsync(prompt, Greedy(), Cancel)).Usage.ReusedPositions);
        Assert.Equal(10, (await engine.RunAsync(prompt, Greedy() with { CacheScope = "one" }, Cancel)).Usage.ReusedPositions);
    }

    [Fact]
    public async Task A_captured_state_goes_on_as_if_never_interrupted()
    {
        using var engine = TestEngine.Over(new FakeModelRunner());
        using var cold = TestEngine.Over(new FakeModelRunner(), new EngineOptions { PrefixCacheBytes = 0 });
        var expected = await cold.RunAsync(Turns("system\n\n", "user\n\n", "A:"), cancellationToken: Cancel);

        var snapshot = await engine.CaptureAsync(Turns("system\n\n"), Cancel);
        var resumed = await CollectAsync(engine.GenerateAsync(snapshot, Turns("user\n\n", "A:"), Greedy(), Cancel));

        Assert.Equal(8, snapshot.Position);
        Assert.Equal(expected.Ids, resumed.Ids);
        Assert.Equal(expected.Usage.PromptPositions, resumed.Usage.PromptPositions);
        Assert.Equal(8, resumed.Usage.ReusedPositions);
    }

    [Fact]
    public async Task Forks_of_one_snapshot_are_independent_and_leave_it_unchanged()
    {
        using var engine = TestEngine.Over(new FakeModelRunner());
        var snapshot = await engine.CaptureAsync(Turns("system\n\n"), Cancel);
        var before = snapshot.Data.ToArray();

        Task<Result> ForkAsync(string question) => CollectAsync(engine.GenerateAsync(snapshot, Turns(question, "A:"), Greedy(), Cancel));
        var alone = await ForkAsync("red?");
        var (other, same) = (ForkAsync("blue?"), ForkAsync("red?"));

        Assert.NotEqual(alone.Ids, (await other).Ids);
        Assert.Equal(alone.Ids, (await same).Ids);
        Assert.Equal(before, snapshot.Data.ToArray());
    }

    [Fact]
    public async Task Reading_on_from_a_snapshot_and_reading_everything_share_their_kept_states()
    {
        using var engine = TestEngine.Over(new FakeModelRunner());
        var snapshot = await engine.CaptureAsync(Turns("system\n\n"), Cancel);
        await CollectAsync(engine.GenerateAsync(snapshot, Turns("user\n\n", "A:"), Greedy(), Cancel));

        var whole = await engine.RunAsync(Turns("system\n\n", "user\n\n", "A:"), cancellationToken: Cancel);

        Assert.Equal(14, whole.Usage.ReusedPositions);
    }

    [Fact]
    public async Task A_state_from_elsewhere_is_known_by_its_numbers()
    {
        var runner = new FakeModelRunner();
        using var engine = TestEngine.Over(runner);
        StateSnapshot Foreign(float number) => new(runner.Layout, 100, [.. Enumerable.Repeat(number, runner.Layout.Length)]);

        async Task<Result> RunAsync(float number) => await CollectAsync(engine.GenerateAsync(Foreign(number), Turns("user\n\n", "A:"), Greedy(), Cancel));
        var first = await RunAsync(3);
        var other = await RunAsync(4);
        var again = await RunAsync(3);

        Assert.NotEqual(first.Ids, other.Ids);
        Assert.Equal(first.Ids, again.Ids);
        Assert.Equal([100, 100, 106], new[] { first, other, again }.Select(static r => r.Usage.ReusedPositions));
        Assert.Equal(108, first.Usage.PromptPositions);
    }

    [Fact]
    public void A_state_of_another_shape_is_refused()
    {
        using var engine = TestEngine.Over(new FakeModelRunner());
        var layout = new StateLayout(1, 1, 1);

        var error = Assert.Throws<ArgumentException>(() => engine.GenerateAsync(new StateSnapshot(layout, 1, new float[1]), new Prompt("a"), null, Cancel));
        Assert.Contains("'fake' has", error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1 << 20)]
    public async Task A_prompt_that_was_captured_is_not_read_again(int cacheBytes)
    {
        var runner = new FakeModelRunner();
        using var engine = TestEngine.Over(runner, new EngineOptions { PrefixCacheBytes = cacheBytes });

        var first = await engine.CaptureAsync(Turns("system\n\n", "user\n\n"), Cancel);
        var second = await engine.CaptureAsync(Turns("system\n\n", "user\n\n"), Cancel);

        Assert.Equal(first.Data.ToArray(), second.Data.ToArray());
        Assert.Equal(cacheBytes == 0 ? 28 : 14, runner.PrefillPositions);
        Assert.Equal(cacheBytes > 0, ReferenceEquals(first, second));
    }

    [Fact]
    public async Task A_picture_is_encoded_once_even_where_the_state_after_it_cannot_be_shared()
    {
        var runner = new FakeModelRunner();
        using var engine = TestEngine.Over(runner);

        foreach (var question in new[] { "a", "b", "c" })
        {
            await engine.RunAsync(new Prompt(new Turn(new TextSegment(question), new ImageSegment(Picture), new TextSegment("\n\n")), new Turn("A:")), cancellationToken: Cancel);
        }

        Assert.Single(runner.Calls, "encode");
        Assert.Equal(3, runner.Calls.Count(static call => call.StartsWith("image", StringComparison.Ordinal)));
    }

    [Fact]
    public async Task States_that_generated_tokens_led_to_are_never_kept()
    {
        var runner = new FakeModelRunner();
        using var engine = TestEngine.Over(runner);

        await engine.RunAsync(Turns("one\n\n", "two\n\n", "A:"), Greedy(30), Cancel);

        Assert.Equal(["capture 0@5", "capture 0@10"], runner.Calls.Where(static call => call.StartsWith("capture", StringComparison.Ordinal)));
    }
}
