using System.Globalization;
using RwkvSk.Engine.States;
using StackExchange.Redis;

namespace RwkvSk.Connector.States;

/// <summary>
/// Keeps snapshots on a server that speaks Redis's protocol, for several machines. A payload is cut into parts of a mebibyte, so that one large value does not
/// hold up everything behind it; the head that names them is written last, so that a payload is there whole or not at all. The connection is the store's own,
/// is made with the first use and comes back by itself. What is not used for a while expires.
/// </summary>
public sealed class RedisSnapshotStore : ISnapshotStore, IDisposable, IAsyncDisposable
{
    private const int PartBytes = 1 << 20;

    private static readonly RedisValue[] HeadFields = ["id", "bytes", "scope"];

    private readonly ConfigurationOptions _configuration;
    private readonly string _prefix;
    private readonly TimeSpan _expiry;
    private readonly TimeProvider _time;
    private readonly SemaphoreSlim _connecting = new(1);
    private ConnectionMultiplexer? _connection;

    /// <summary>Names a server; nothing is connected yet.</summary>
    /// <param name="configuration">As StackExchange.Redis takes it: <c>host:6379,password=...,ssl=true</c>.</param>
    /// <param name="expiry">How long a snapshot stays after its last use; null for seven days.</param>
    /// <param name="prefix">Begins every key on the server.</param>
    /// <param name="time">Tells when something was used; null takes the system's clock.</param>
    /// <exception cref="ArgumentException">The configuration cannot be read.</exception>
    public RedisSnapshotStore(string configuration, TimeSpan? expiry = null, string prefix = "rwkvsk:", TimeProvider? time = null)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(configuration);
        ArgumentNullException.ThrowIfNull(prefix);
        _expiry = expiry ?? TimeSpan.FromDays(7);
        ArgumentOutOfRangeException.ThrowIfLessThanOrEqual(_expiry, TimeSpan.Zero, nameof(expiry));
        (_prefix, _time) = (prefix, time ?? TimeProvider.System);
        _configuration = ConfigurationOptions.Parse(configuration);
        _configuration.AbortOnConnectFail = false;                // a server that comes later is found later
        _configuration.BacklogPolicy = BacklogPolicy.FailFast;    // a miss now is worth more than a state in a minute
        _configuration.ConnectTimeout = Math.Min(_configuration.ConnectTimeout, 2000);
        _configuration.ClientName ??= "RwkvSk";
    }

    /// <inheritdoc/>
    public string Name => "redis";

    /// <inheritdoc/>
    public async ValueTask<int> FindFirstAsync(ReadOnlyMemory<SnapshotKey> keys, CancellationToken cancellationToken)
    {
        if (keys.IsEmpty)
        {
            return -1;
        }

        var database = await ConnectAsync(cancellationToken).ConfigureAwait(false);
        var held = new Task<bool>[keys.Length];
        for (var i = 0; i < held.Length; i++)
        {
            held[i] = database.KeyExistsAsync(Head(keys.Span[i]));   // all on their way before the first answer
        }

        return Array.IndexOf(await Task.WhenAll(held).WaitAsync(cancellationToken).ConfigureAwait(false), true);
    }

    /// <inheritdoc/>
    public async ValueTask<ReadOnlyMemory<byte>?> GetAsync(SnapshotKey key, CancellationToken cancellationToken)
    {
        var database = await ConnectAsync(cancellationToken).ConfigureAwait(false);
        if (await ReadHeadAsync(database, key).WaitAsync(cancellationToken).ConfigureAwait(false) is not { } head)
        {
            return null;
        }

        var parts = new Task<Lease<byte>?>[head.PartCount];
        for (var i = 0; i < parts.Length; i++)
        {
            parts[i] = database.StringGetLeaseAsync(head.Part(i));
        }

        var payload = new byte[head.Bytes];
        var isWhole = true;
        for (var i = 0; i < parts.Length; i++)
        {
            using var part = await parts[i].WaitAsync(cancellationToken).ConfigureAwait(false);
            isWhole = isWhole && part is not null && part.Length == head.LengthOf(i);
            if (isWhole)
            {
                part!.Span.CopyTo(payload.AsSpan(i * PartBytes));
            }
        }

        if (!isWhole)
        {
            return null;   // expired or removed between the head and here
        }

        foreach (var name in head.Keys)
        {
            await database.KeyExpireAsync(name, _expiry, flags: CommandFlags.FireAndForget).ConfigureAwait(false);
        }

        await NoteInScopeAsync(database, head.Scope, key, CommandFlags.FireAndForget).ConfigureAwait(false);
        return payload;
    }

    /// <inheritdoc/>
    public async ValueTask PutAsync(SnapshotInfo info, ReadOnlyMemory<byte> payload, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(info);
        var database = await ConnectAsync(cancellationToken).ConfigureAwait(false);
        if (await database.KeyExistsAsync(Head(info.Key)).WaitAsync(cancellationToken).ConfigureAwait(false))
        {
            return;
        }

        // Parts carry the writer's own number: of two who write at once, neither gets parts of the other.
        var head = new RedisSnapshotHead(Head(info.Key), Guid.NewGuid().ToString("N"), payload.Length, PartBytes, info.Scope.ToString());
        for (var i = 0; i < head.PartCount; i++)
        {
            await database.StringSetAsync(head.Part(i), payload.Slice(i * PartBytes, head.LengthOf(i)), _expiry).WaitAsync(cancellationToken).ConfigureAwait(false);
        }

        // Into the scope's list first: what is visible can also be forgotten.
        await NoteInScopeAsync(database, head.Scope, info.Key, CommandFlags.None).WaitAsync(cancellationToken).ConfigureAwait(false);
        var appears = database.CreateTransaction();
        appears.AddCondition(Condition.KeyNotExists(head.Name));
        _ = appears.HashSetAsync(head.Name, [new("id", head.Id), new("bytes", head.Bytes), new("scope", head.Scope), new("position", info.Position)]);
        _ = appears.KeyExpireAsync(head.Name, _expiry);
        if (!await appears.ExecuteAsync().WaitAsync(cancellationToken).ConfigureAwait(false))
        {
            await database.KeyDeleteAsync([.. head.Parts]).ConfigureAwait(false);   // somebody else was first
        }
    }

    /// <inheritdoc/>
    public async ValueTask<bool> RemoveAsync(SnapshotKey key, CancellationToken cancellationToken)
    {
        var database = await ConnectAsync(cancellationToken).ConfigureAwait(false);
        if (await ReadHeadAsync(database, key).WaitAsync(cancellationToken).ConfigureAwait(false) is not { } head)
        {
            return false;
        }

        var isMine = await database.KeyDeleteAsync(head.Name).WaitAsync(cancellationToken).ConfigureAwait(false);   // the head first: no reader may find it without parts
        await database.KeyDeleteAsync([.. head.Parts]).WaitAsync(cancellationToken).ConfigureAwait(false);
        await database.SortedSetRemoveAsync(ScopeList(head.Scope), key.ToString()).WaitAsync(cancellationToken).ConfigureAwait(false);
        return isMine;
    }

    /// <inheritdoc/>
    public async ValueTask<int> RemoveScopeAsync(SnapshotKey scope, CancellationToken cancellationToken)
    {
        var database = await ConnectAsync(cancellationToken).ConfigureAwait(false);
        var removed = 0;
        foreach (var name in await database.SortedSetRangeByRankAsync(ScopeList(scope.ToString())).WaitAsync(cancellationToken).ConfigureAwait(false))
        {
            if (SnapshotKey.TryParse(name.ToString(), out var key) && await RemoveAsync(key, cancellationToken).ConfigureAwait(false))
            {
                removed++;
            }
        }

        await database.KeyDeleteAsync(ScopeList(scope.ToString())).WaitAsync(cancellationToken).ConfigureAwait(false);
        return removed;
    }

    /// <summary>Closes the connection; what is stored stays.</summary>
    public void Dispose()
    {
        _connection?.Dispose();
        _connecting.Dispose();
    }

    /// <inheritdoc cref="Dispose"/>
    public async ValueTask DisposeAsync()
    {
        if (_connection is { } connection)
        {
            await connection.DisposeAsync().ConfigureAwait(false);
        }

        _connecting.Dispose();
    }

    private async Task<IDatabase> ConnectAsync(CancellationToken cancellationToken)
    {
        if (_connection is null)
        {
            await _connecting.WaitAsync(cancellationToken).ConfigureAwait(false);
            try
            {
                _connection ??= await ConnectionMultiplexer.ConnectAsync(_configuration).ConfigureAwait(false);
            }
            finally
            {
                _connecting.Release();
            }
        }

        return _connection.GetDatabase();
    }

    private static async Task<RedisSnapshotHead?> ReadHeadAsync(IDatabase database, RedisKey name)
    {
        var fields = await database.HashGetAsync(name, HeadFields).ConfigureAwait(false);
        return fields is [{ IsNull: false } id, { IsNull: false } bytes, { IsNull: false } scope] && bytes.TryParse(out int length) && length >= 0
            ? new RedisSnapshotHead(name, id.ToString(), length, PartBytes, scope.ToString())
            : null;
    }

    private Task<RedisSnapshotHead?> ReadHeadAsync(IDatabase database, SnapshotKey key) => ReadHeadAsync(database, Head(key));

    /// <summary>A scope's list holds its keys by the time they expire, and forgets those who have.</summary>
    private async Task NoteInScopeAsync(IDatabase database, string scope, SnapshotKey key, CommandFlags flags)
    {
        var (list, now) = (ScopeList(scope), _time.GetUtcNow());
        await database.SortedSetRemoveRangeByScoreAsync(list, double.NegativeInfinity, now.ToUnixTimeSeconds(), flags: flags).ConfigureAwait(false);
        await database.SortedSetAddAsync(list, key.ToString(), (now + _expiry).ToUnixTimeSeconds() + 1, flags).ConfigureAwait(false);
        await database.KeyExpireAsync(list, _expiry + TimeSpan.FromMinutes(1), flags: flags).ConfigureAwait(false);
    }

    // The braces put a snapshot's keys on one node of a cluster.
    private RedisKey Head(SnapshotKey key) => string.Create(CultureInfo.InvariantCulture, $"{_prefix}{{{key}}}");

    private RedisKey ScopeList(string scope) => $"{_prefix}scope:{scope}";
}
