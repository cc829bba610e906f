#pragma warning disable VSTHRD003 // a test may wait for what it has started
using System.Diagnostics.Metrics;
using Microsoft.Extensions.Time.Testing;
using RwkvSk.Engine.Prompts;
using RwkvSk.Engine.States;
using RwkvSk.TestKit;
using Xunit;
using static RwkvSk.Engine.Tests.Scheduling.Streams;

namespace RwkvSk.Engine.Tests.Scheduling;

/// <summary>States beyond memory: what a store holds is found, and what it does wrong costs time alone.</summary>
public sealed class TieredCacheTests
{
    private static readonly byte[] Secret = new byte[32];
    private static readonly Prompt Conversation = Turns(new string('s', 100), new string('u', 50), "A:");

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_second_engine_on_the_same_folder_goes_on_where_the_first_stopped()
    {
        using var folder = new TemporaryFolder();
        using var store = new DiskSnapshotStore(folder.Path, 1 << 20);
        var cold = await AnswerAsync(store, Conversation);

        var runner = new FakeModelRunner();
        await using var second = Engine(store, runner);
        var warm = await second.RunAsync(Conversation, cancellationToken: Cancel);

        Assert.Equal(0, cold.Usage.ReusedPositions);
        Assert.Equal(150, warm.Usage.ReusedPositions);
        Assert.Equal(2, runner.PrefillPositions);
        Assert.Equal(cold.Ids, warm.Ids);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public async Task Over_random_conversations_and_restarts_stored_equals_cold(int seed)
    {
        var random = new Random(seed);
        var store = new MemorySnapshotStore();
        var turns = new List<Turn>();
        long reused = 0;
        for (var restart = 0; restart < 8; restart++)
        {
            // Room for two states in memory, so nearly all that is found comes from the store.
            await using var warm = Engine(store, new FakeModelRunner { IsRecording = false }, new EngineOptions { ChunkLength = 16, PrefixCacheBytes = 800, LeastStoredPositions = 1 });
            await using var cold = TestEngine.Over(new FakeModelRunner { IsRecording = false }, new EngineOptions { ChunkLength = 16, PrefixCacheBytes = 0 });
            for (var round = 0; round < 8; round++)
            {
                if (turns.Count > 0 && random.Next(3) == 0)
                {
                    turns.RemoveRange(random.Next(turns.Count), 1);
                }

                turns.Add(new Turn(new TextSegment(new string((char)('a' + random.Next(5)), random.Next(1, 40))), new ImageSegment(new[] { (byte)random.Next(4) })));
                var prompt = new Prompt([.. turns, new Turn("A:")]);
                var found = await warm.RunAsync(prompt, Greedy(6), Cancel);
                Assert.Equal((await cold.RunAsync(prompt, Greedy(6), Cancel)).Ids, found.Ids);
                reused += round == 0 ? found.Usage.ReusedPositions : 0;
            }
        }

        Assert.True(reused > 0);
    }

    [Fact]
    public async Task A_prompt_that_memory_has_asks_no_store()
    {
        var store = new MemorySnapshotStore();
        await using var engine = Engine(store);
        await engine.RunAsync(Conversation, cancellationToken: Cancel);
        var asked = store.Finds;

        await engine.RunAsync(Conversation, cancellationToken: Cancel);
        await engine.RunAsync(new Prompt([.. Conversation.Turns.Take(2), new Turn("few more"), new Turn("A:")]), cancellationToken: Cancel);

        Assert.Equal(1, asked);
        Assert.Equal(1, store.Finds);
    }

    [Fact]
    public async Task States_that_spare_little_are_not_written()
    {
        var store = new MemorySnapshotStore();
        await AnswerAsync(store, Turns(new string('s', 100), "hello", "there", new string('u', 40), "A:"));

        Assert.Equal([100, 150], store.Held.Select(static info => info.Position).Order());
        Assert.Equal([50, 100], store.Held.Select(static info => info.ReplayPositions).Order());
    }

    [Fact]
    public async Task While_a_store_is_asked_others_are_answered()
    {
        var gate = new TaskCompletionSource();
        var store = new MemorySnapshotStore { Gate = gate.Task };
        await using var engine = Engine(store);
        var waiting = engine.RunAsync(Conversation, cancellationToken: Cancel);
        await store.Asked.Task;

        var other = await engine.RunAsync(Turns("short", "A:"), cancellationToken: Cancel);

        Assert.NotEmpty(other.Ids);
        Assert.False(waiting.IsCompleted);
        gate.SetResult();
        Assert.Equal(0, (await waiting).Usage.ReusedPositions);
    }

    [Fact]
    public async Task A_store_that_fails_costs_a_miss_and_one_warning_and_is_left_alone_for_a_while()
    {
        var log = new ListLogger();
        var time = new FakeTimeProvider();
        var store = new MemorySnapshotStore { Failure = new IOException("no route") };
        await using var engine = Engine(store, log: log, time: time);

        for (var i = 0; i < 5; i++)
        {
            Assert.NotEmpty((await engine.RunAsync(Turns($"{i}{new string('s', 100)}", "A:"), cancellationToken: Cancel)).Ids);
        }

        Assert.Equal("Warning: The store 'fake' fails (no route); until it answers again, prefixes that only it holds are read anew.", Assert.Single(log.Lines, static line => line.StartsWith("Warning", StringComparison.Ordinal)));
        Assert.Equal(0, store.Puts);

        store.Failure = null;
        time.Advance(TimeSpan.FromSeconds(6));
        await engine.RunAsync(Turns($"6{new string('s', 100)}", "A:"), cancellationToken: Cancel);

        Assert.Contains("Information: The store 'fake' answers again.", log.Lines);
    }

    [Theory]
    [InlineData("changed")]
    [InlineData("cut")]
    [InlineData("shuffled")]
    [InlineData("another secret")]
    [InlineData("another model")]
    public async Task What_is_not_as_it_was_written_is_refused_removed_and_read_anew(string damage)
    {
        var store = new MemorySnapshotStore();
        var cold = await AnswerAsync(store, Conversation);
        switch (damage)
        {
            case "changed":
                store.Damage(static payload => [.. payload[..^50], (byte)(payload[^50] ^ 4), .. payload[^49..]]);
                break;
            case "cut":
                store.Damage(static payload => payload[..^50]);
                break;
            case "shuffled":
                store.Shuffle();
                break;
            default:
                var others = damage == "another model" ? new FakeModelRunner(positionsPerImage: 9) : new FakeModelRunner();
                var foreign = new MemorySnapshotStore();
                await using (var engine = Engine(foreign, others, new EngineOptions { SnapshotSecret = damage == "another secret" ? new byte[] { 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16 } : Secret }))
                {
                    await engine.RunAsync(Conversation, cancellationToken: Cancel);
                }

                var theirs = new Queue<ReadOnlyMemory<byte>>();
                foreach (var info in foreign.Held)
                {
                    theirs.Enqueue((await foreign.GetAsync(info.Key, Cancel))!.Value);
                }

                store.Damage(_ => theirs.Dequeue().ToArray());
                break;
        }

        var log = new ListLogger();
        await using (var engine = Engine(store, log: log))
        {
            var answer = await engine.RunAsync(Conversation, cancellationToken: Cancel);
            Assert.Equal(cold.Ids, answer.Ids);
            Assert.Equal(0, answer.Usage.ReusedPositions);
        }

        Assert.Equal(2, log.Lines.Count(static line => line.StartsWith("Warning: A stored state was refused and removed", StringComparison.Ordinal)));
        await using var again = Engine(store);
        Assert.Equal(150, (await again.RunAsync(Conversation, cancellationToken: Cancel)).Usage.ReusedPositions);   // written anew
    }

    [Fact]
    public async Task However_many_want_a_state_at_once_it_is_fetched_once()
    {
        var store = new MemorySnapshotStore();
        await AnswerAsync(store, Conversation);
        var gate = new TaskCompletionSource();
        store.Gate = gate.Task;
        var runner = new FakeModelRunner();
        await using var engine = Engine(store, runner);

        var answers = Enumerable.Range(0, 16).Select(_ => engine.RunAsync(Conversation, cancellationToken: Cancel)).ToArray();
        gate.SetResult();
        var results = await Task.WhenAll(answers);

        Assert.InRange(store.Gets, 1, 16);   // who comes after the state arrived fetches again only where memory has lost it
        Assert.Equal(16 * 2, runner.PrefillPositions);
        Assert.All(results, static answer => Assert.Equal(150, answer.Usage.ReusedPositions));
    }

    [Fact]
    public async Task Scopes_share_nothing_in_a_store()
    {
        var store = new MemorySnapshotStore();
        await using (var engine = Engine(store))
        {
            await engine.RunAsync(Conversation, Greedy() with { CacheScope = "alice" }, Cancel);
        }

        await using var second = Engine(store);
        Assert.Equal(0, (await second.RunAsync(Conversation, Greedy() with { CacheScope = "bob" }, Cancel)).Usage.ReusedPositions);
        Assert.Equal(0, (await second.RunAsync(Conversation, Greedy(), Cancel)).Usage.ReusedPositions);
        Assert.Equal(150, (await second.RunAsync(Conversation, Greedy() with { CacheScope = "alice" }, Cancel)).Usage.ReusedPositions);
        Assert.DoesNotContain(store.Held, static info => info.Scope == new SnapshotSeal(Secret).ScopeTag("carol"));
        Assert.Equal(2, store.Held.Count(static info => info.Scope == new SnapshotSeal(Secret).ScopeTag("alice")));
    }

    [Fact]
    public async Task What_the_far_store_had_moves_to_the_near_one()
    {
        var (near, far) = (new MemorySnapshotStore("near"), new MemorySnapshotStore("far"));
        await AnswerAsync(far, Conversation);

        await using (var engine = TestEngine.Over(new FakeModelRunner(), new EngineOptions { SnapshotStores = [near, far], SnapshotSecret = Secret }))
        {
            Assert.Equal(150, (await engine.RunAsync(Conversation, cancellationToken: Cancel)).Usage.ReusedPositions);
        }

        Assert.Equal(150, Assert.Single(near.Held).Position);
    }

    [Fact]
    public async Task The_deepest_state_wins_wherever_it_is()
    {
        var (near, far) = (new MemorySnapshotStore("near"), new MemorySnapshotStore("far"));
        await AnswerAsync(near, Turns(new string('s', 100), "A:"));
        await AnswerAsync(far, Conversation);

        await using var engine = TestEngine.Over(new FakeModelRunner(), new EngineOptions { SnapshotStores = [near, far], SnapshotSecret = Secret });

        Assert.Equal(150, (await engine.RunAsync(Conversation, cancellationToken: Cancel)).Usage.ReusedPositions);
        Assert.Equal(0, near.Gets);
    }

    [Fact]
    public async Task A_request_that_is_cancelled_while_a_store_is_asked_leaves_when_the_store_answers()
    {
        var gate = new TaskCompletionSource();
        var store = new MemorySnapshotStore { Gate = gate.Task };
        using var source = new CancellationTokenSource();
        var runner = new FakeModelRunner();
        await using var engine = Engine(store, runner);
        var request = engine.RunAsync(Conversation, cancellationToken: source.Token);
        await store.Asked.Task;

        await source.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => request);
        gate.SetResult();
        await engine.RunAsync(Turns("short", "A:"), cancellationToken: Cancel);

        Assert.DoesNotContain("prefill 0:100", runner.Calls);
    }

    [Fact]
    public async Task Disposing_ends_a_request_whose_store_never_answers()
    {
        var store = new MemorySnapshotStore { Gate = new TaskCompletionSource().Task };
        var engine = Engine(store);
        var request = engine.RunAsync(Conversation, cancellationToken: Cancel);
        await store.Asked.Task;

        await engine.DisposeAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => request);
    }

    [Fact]
    public async Task A_state_from_a_store_is_used_even_where_memory_has_no_room()
    {
        var store = new MemorySnapshotStore();
        await AnswerAsync(store, Conversation);
        await using var engine = Engine(store, options: new EngineOptions { PrefixCacheBytes = 0 });

        Assert.Equal(150, (await engine.RunAsync(Conversation, cancellationToken: Cancel)).Usage.ReusedPositions);
        Assert.Equal(150, (await engine.CaptureAsync(new Prompt([.. Conversation.Turns.Take(2)]), Cancel)).Position);
    }

    [Fact]
    public async Task The_meter_says_which_tier_a_hit_came_from()
    {
        var name = Guid.NewGuid().ToString();
        var hits = new List<string?>();
        using var listener = new MeterListener
        {
            InstrumentPublished = (instrument, self) =>
            {
                if (instrument.Meter.Name == "RwkvSk" && instrument.Name is "rwkvsk.cache.hits" or "rwkvsk.store.restore.duration" && instrument.Meter.Tags!.Any(tag => Equals(tag.Value, name)))
                {
                    self.EnableMeasurementEvents(instrument);
                }
            },
        };
        listener.SetMeasurementEventCallback<long>((_, _, tags, _) => Add(tags[0].Value));
        listener.SetMeasurementEventCallback<double>((_, _, tags, _) => Add($"{tags[0].Value} restored"));
        listener.Start();
        var store = new MemorySnapshotStore();
        await AnswerAsync(store, Conversation);
        var runner = new FakeModelRunner();
        await using (var engine = new RwkvEngine(
            runner, ByteTokenizer.Instance, TestEngine.Describe(runner) with { Name = name }, new EngineOptions { SnapshotStores = [store], SnapshotSecret = Secret }))
        {
            await engine.RunAsync(Conversation, cancellationToken: Cancel);
            await engine.RunAsync(Conversation, cancellationToken: Cancel);
        }

        lock (hits)
        {
            Assert.Equal(["fake restored", "fake", "memory"], hits);
        }

        void Add(object? tier)
        {
            lock (hits)
            {
                hits.Add(tier?.ToString());
            }
        }
    }

    [Fact]
    public async Task What_is_forgotten_is_gone_from_memory_and_every_store_and_nothing_else_is()
    {
        var (near, far) = (new MemorySnapshotStore("near"), new MemorySnapshotStore("far"));
        await using var engine = TestEngine.Over(new FakeModelRunner(), new EngineOptions { SnapshotStores = [near, far], SnapshotSecret = Secret });
        await engine.RunAsync(Conversation, Greedy() with { CacheScope = "alice" }, Cancel);
        await engine.RunAsync(Conversation, Greedy() with { CacheScope = "bob" }, Cancel);

        Assert.InRange(await engine.ForgetAsync("alice", Cancel), 2, 6);   // what was still on its way to the stores was never there

        Assert.DoesNotContain(near.Held.Concat(far.Held), static info => info.Scope == new SnapshotSeal(Secret).ScopeTag("alice"));
        Assert.Equal(0, (await engine.RunAsync(Conversation, Greedy() with { CacheScope = "alice" }, Cancel)).Usage.ReusedPositions);
        Assert.Equal(150, (await engine.RunAsync(Conversation, Greedy() with { CacheScope = "bob" }, Cancel)).Usage.ReusedPositions);
    }

    [Fact]
    public async Task A_store_that_cannot_forget_is_said_to()
    {
        var (bad, good) = (new MemorySnapshotStore("bad"), new MemorySnapshotStore("good"));
        await using var engine = TestEngine.Over(new FakeModelRunner(), new EngineOptions { SnapshotStores = [bad, good], SnapshotSecret = Secret });
        await engine.RunAsync(Conversation, Greedy() with { CacheScope = "alice" }, Cancel);
        bad.Failure = new IOException("no route");

        var error = await Assert.ThrowsAsync<IOException>(() => engine.ForgetAsync("alice", Cancel));

        Assert.StartsWith("The store 'bad' did not remove what it was asked to", error.Message, StringComparison.Ordinal);
        Assert.Empty(good.Held);
        await Assert.ThrowsAsync<ObjectDisposedException>(async () =>
        {
            await engine.DisposeAsync();
            await engine.ForgetAsync("alice", Cancel);
        });
    }

    [Fact]
    public async Task A_pinned_state_is_found_however_much_comes_after_it()
    {
        var runner = new FakeModelRunner();
        await using var engine = TestEngine.Over(runner, new EngineOptions { PrefixCacheBytes = 2 * (runner.Layout.Bytes + PrefixCache.EntryOverhead) });
        var system = await engine.CaptureAsync(new Prompt("be kind"), Cancel);
        Assert.True(await engine.PinAsync(system, Cancel));

        for (var i = 0; i < 20; i++)
        {
            await engine.RunAsync(Turns($"{i} {new string('x', 100)}", "A:"), cancellationToken: Cancel);
        }

        Assert.Equal(7, (await engine.RunAsync(Turns("be kind", "hello", "A:"), cancellationToken: Cancel)).Usage.ReusedPositions);
        Assert.True(await engine.UnpinAsync(system, Cancel));
        Assert.False(await engine.UnpinAsync(system, Cancel));
        await Assert.ThrowsAsync<ArgumentException>(() => engine.PinAsync(new StateSnapshot(runner.Layout, 3, new float[runner.Layout.Length]), Cancel));
    }

    private static async Task<Result> AnswerAsync(ISnapshotStore store, Prompt prompt)
    {
        await using var engine = Engine(store);   // its end waits for what is to be written
        return await engine.RunAsync(prompt, cancellationToken: Cancel);
    }

    private static RwkvEngine Engine(ISnapshotStore store, FakeModelRunner? runner = null, EngineOptions? options = null, ListLogger? log = null, TimeProvider? time = null)
    {
        options ??= new EngineOptions();
        return TestEngine.Over(runner ?? new FakeModelRunner(), options with { SnapshotStores = [store], SnapshotSecret = options.SnapshotSecret.IsEmpty ? Secret : options.SnapshotSecret }, log, time);
    }
}
