#pragma warning disable VSTHRD003 // a test may wait for what it has started
using RwkvSk.Engine.Prompts;
using RwkvSk.TestKit;
using Xunit;
using static RwkvSk.Engine.Tests.Scheduling.Streams;

namespace RwkvSk.Engine.Tests.Scheduling;

public sealed class ForgetTests
{
    private static readonly Prompt Question = new(
        new Turn("System: be brief.\n\n"), new Turn(new TextSegment("User: "), new ImageSegment(new byte[] { 1, 2, 3 }), new TextSegment("\na secret\n\n")), new Turn("A:"));

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_scope_is_forgotten_in_memory_in_stores_and_in_pictures_and_no_other_is()
    {
        var (runner, store) = (new FakeModelRunner(), new MemorySnapshotStore());
        using var engine = TestEngine.Over(runner, new EngineOptions { SnapshotStores = [store], LeastStoredPositions = 1 });
        string?[] scopes = ["a", "b", null];
        foreach (var scope in scopes)
        {
            await engine.RunAsync(Question, Greedy() with { CacheScope = scope }, Cancel);
        }

        await engine.ForgetAsync("a", Cancel);
        var held = store.Held.Count;
        var encodings = runner.Calls.Count(static call => call == "encode");
        Assert.Equal(3, encodings);

        var reused = new List<long>();
        foreach (var scope in scopes)
        {
            reused.Add((await engine.RunAsync(Question, Greedy() with { CacheScope = scope }, Cancel)).Usage.ReusedPositions);
        }

        var whole = 19 + 6 + 5 + 11;
        Assert.Equal([0, whole, whole], reused);
        Assert.Equal(encodings + 1, runner.Calls.Count(static call => call == "encode"));
        Assert.True(held <= 2 * 3, $"{held} states are held by the store");   // of b and of nobody: after the system text, the picture, the question
    }

    [Fact]
    public async Task What_was_to_be_read_ahead_in_the_scope_is_not_read()
    {
        var runner = new FakeModelRunner();
        using var engine = TestEngine.Over(runner);
        await engine.RunAsync(Turns("question\n\n", "A:"), Greedy(1) with { CacheScope = "a" }, Cancel);
        using var gate = new LoopGate(runner);
        var other = engine.RunAsync(Turns("other\n\n", "A:"), Greedy(3), Cancel);
        await gate.Reached;
        engine.ReadAhead(Turns("question\n\n", "A: an answer\n\n"), cacheScope: "a");

        var forgetting = engine.ForgetAsync("a", Cancel);
        gate.Open();
        await forgetting;
        await other;

        Assert.Equal((10 + 2) + (7 + 2), runner.PrefillPositions);
        var again = await engine.RunAsync(Turns("question\n\n", "A: an answer\n\n", "B:"), Greedy(1) with { CacheScope = "a" }, Cancel);
        Assert.Equal(0, again.Usage.ReusedPositions);
    }

    [Fact]
    public async Task Forgetting_ends_with_the_engine()
    {
        var runner = new FakeModelRunner();
        var engine = TestEngine.Over(runner);
        using var gate = new LoopGate(runner);
        var request = engine.RunAsync(Turns("question\n\n", "A:"), Greedy(1), Cancel);
        await gate.Reached;
        var forgetting = engine.ForgetAsync("a", Cancel);
        var end = engine.DisposeAsync();
        gate.Open();
        await end;
        await forgetting;
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => request);
        await Assert.ThrowsAsync<ObjectDisposedException>(() => engine.ForgetAsync("a", Cancel));
    }
}
