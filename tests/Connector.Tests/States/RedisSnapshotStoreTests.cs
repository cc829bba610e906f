using RwkvSk.Connector.States;
using RwkvSk.Engine;
using RwkvSk.Engine.Prompts;
using RwkvSk.Engine.Sampling;
using RwkvSk.Engine.States;
using RwkvSk.TestKit;
using StackExchange.Redis;
using Xunit;
using static RwkvSk.TestKit.SnapshotStoreLaws;

namespace RwkvSk.Connector.Tests.States;

public sealed class RedisSnapshotStoreTests(RedisServer server) : IClassFixture<RedisServer>
{
    private static readonly Prompt Conversation = new(new Turn(new string('s', 100)), new Turn(new string('u', 50)), new Turn("A:"));

    private readonly List<string> _prefixes = [];

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task It_keeps_to_the_laws_of_stores()
    {
        await using var store = NewStore();
        await CheckAsync(store, [1, 0, 70_000, 1 << 20, (1 << 20) + 1, 3_500_000], Cancel);
        Assert.Empty(await KeysAsync(store));
    }

    [Fact]
    public async Task A_large_payload_is_cut_into_parts()
    {
        await using var store = NewStore("large:");
        await store.PutAsync(Info(1), Payload(1, 5 << 20), Cancel);

        using var connection = await ConnectionMultiplexer.ConnectAsync(server.Configuration);
        foreach (var key in (await KeysAsync(store)).Where(static key => key.Count(static c => c == ':') == 3))
        {
            Assert.Equal(1 << 20, await connection.GetDatabase().StringLengthAsync(key));
        }

        Assert.Equal(5 + 1 + 1, (await KeysAsync(store)).Count);   // parts, head, the scope's list
        await store.RemoveScopeAsync(Info(1).Scope, Cancel);
    }

    [Fact]
    public async Task Of_many_who_write_one_key_at_once_one_is_kept_whole()
    {
        await using var store = NewStore("many:");
        byte[][] payloads = [.. Enumerable.Range(0, 12).Select(static i => Payload(i, (2 << 20) + 5))];   // as if sealed at other times
        await Task.WhenAll(payloads.Select(payload => store.PutAsync(Info(1), payload, Cancel).AsTask()));

        var found = (await store.GetAsync(Key(1), Cancel))!.Value.ToArray();

        Assert.Contains(payloads, payload => payload.AsSpan().SequenceEqual(found));
        Assert.Equal(3 + 1 + 1, (await KeysAsync(store)).Count);
        await store.RemoveScopeAsync(Info(1).Scope, Cancel);
    }

    [Fact]
    public async Task Everything_it_writes_expires_and_a_use_puts_that_off()
    {
        await using var store = NewStore("short:", TimeSpan.FromHours(1));
        await store.PutAsync(Info(1), Payload(1, 3 << 20), Cancel);
        using var connection = await ConnectionMultiplexer.ConnectAsync(server.Configuration);
        var database = connection.GetDatabase();
        foreach (var key in await KeysAsync(store))
        {
            Assert.InRange((await database.KeyTimeToLiveAsync(key))!.Value, TimeSpan.FromMinutes(50), TimeSpan.FromMinutes(62));
            await database.KeyExpireAsync(key, TimeSpan.FromMinutes(5));
        }

        await store.GetAsync(Key(1), Cancel);
        await store.FindFirstAsync(new[] { Key(1) }, Cancel);   // an answer that comes after what was sent without waiting

        foreach (var key in await KeysAsync(store))
        {
            Assert.InRange((await database.KeyTimeToLiveAsync(key))!.Value, TimeSpan.FromMinutes(50), TimeSpan.FromMinutes(62));
        }

        await store.RemoveScopeAsync(Info(1).Scope, Cancel);
    }

    [Fact]
    public async Task A_payload_that_lost_a_part_is_none()
    {
        await using var store = NewStore("part:");
        await store.PutAsync(Info(1), Payload(1, 3 << 20), Cancel);
        using var connection = await ConnectionMultiplexer.ConnectAsync(server.Configuration);
        await connection.GetDatabase().KeyDeleteAsync((await KeysAsync(store)).First(static key => key.EndsWith(":1", StringComparison.Ordinal)));

        Assert.Null(await store.GetAsync(Key(1), Cancel));

        await store.RemoveScopeAsync(Info(1).Scope, Cancel);
    }

    [Fact]
    public async Task An_engine_on_another_machine_goes_on_where_the_first_stopped()
    {
        await using (var store = NewStore("engines:"))
        {
            await using var first = Engine(store, null);
            Assert.Equal(0, await ReusedAsync(first));
        }

        await using var other = NewStore("engines:");
        await using var second = Engine(other, null);
        Assert.Equal(150, await ReusedAsync(second));
    }

    [Fact]
    public async Task A_server_that_nobody_reaches_costs_a_miss_and_one_warning()
    {
        var log = new ListLogger();
        await using var store = new RedisSnapshotStore(FormattableString.Invariant($"127.0.0.1:{RedisServer.FreePort()},connectTimeout=200,connectRetry=1"));
        await using var engine = Engine(store, log);

        Assert.Equal(0, await ReusedAsync(engine));
        Assert.Equal(150, await ReusedAsync(engine));   // from memory

        Assert.Single(log.Lines, static line => line.StartsWith("Warning: The store 'redis' fails", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_server_that_dies_and_comes_back_is_used_again()
    {
        var mine = new RedisServer();
        await mine.InitializeAsync();
        Assert.SkipWhen(mine.Missing is not null, mine.Missing ?? "");
        await using var store = new RedisSnapshotStore(mine.Configuration + ",connectTimeout=1000");
        await store.PutAsync(Info(1), Payload(1, 1000), Cancel);

        await mine.KillAsync();
        await Assert.ThrowsAnyAsync<Exception>(async () => await store.GetAsync(Key(1), Cancel));
        await mine.StartAsync();

        // It reconnects by itself, at a time of its own; until then each try fails at once or is answered.
        var isBack = false;
        for (var attempt = 0; attempt < 2000 && !isBack; attempt++)
        {
            try
            {
                await store.PutAsync(Info(2), Payload(2, 1000), Cancel);
                isBack = true;
            }
            catch (RedisException)
            {
                await Task.Delay(10, Cancel);
            }
        }

        Assert.Equal(Payload(2, 1000), (await store.GetAsync(Key(2), Cancel))!.Value.ToArray());
        await mine.DisposeAsync();
    }

    private static RwkvEngine Engine(ISnapshotStore store, ListLogger? log) =>
        TestEngine.Over(new FakeModelRunner(), new EngineOptions { SnapshotStores = [store], SnapshotSecret = new byte[32] }, log);

    private static async Task<long> ReusedAsync(RwkvEngine engine)
    {
        GeneratedToken? last = null;
        await foreach (var token in engine.GenerateAsync(Conversation, new GenerationOptions { Sampling = SamplingOptions.Greedy, MaximumTokens = 4 }, Cancel))
        {
            last = token;
        }

        return last!.Usage!.ReusedPositions;
    }

    private RedisSnapshotStore NewStore(string prefix = "laws:", TimeSpan? expiry = null)
    {
        Assert.SkipWhen(server.Missing is not null, server.Missing ?? "");
        _prefixes.Add(prefix);
        return new RedisSnapshotStore(server.Configuration, expiry, prefix);
    }

    /// <summary>All keys of this test on the server.</summary>
    private async Task<List<string>> KeysAsync(RedisSnapshotStore store)
    {
        Assert.Equal("redis", store.Name);
        using var connection = await ConnectionMultiplexer.ConnectAsync(server.Configuration);
        var keys = new List<string>();
        await foreach (var key in connection.GetServers()[0].KeysAsync(pattern: _prefixes[^1] + "*"))
        {
            keys.Add(key.ToString());
        }

        return keys;
    }
}
