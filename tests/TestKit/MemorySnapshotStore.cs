using System.Collections.Concurrent;
using RwkvSk.Engine.States;

namespace RwkvSk.TestKit;

/// <summary>A store in a dictionary that can be made to fail, to wait, or to hand out something else.</summary>
internal sealed class MemorySnapshotStore(string name = "fake") : ISnapshotStore
{
    private readonly ConcurrentDictionary<SnapshotKey, (SnapshotInfo Info, ReadOnlyMemory<byte> Payload)> _held = new();
    private int _gets;
    private int _finds;
    private int _puts;

    public string Name => name;

    /// <summary>Thrown by every call, when set.</summary>
    public Exception? Failure { get; set; }

    /// <summary>Awaited by look-ups, when set.</summary>
    public Task? Gate { get; set; }

    /// <summary>Done when a look-up has begun.</summary>
    public TaskCompletionSource Asked { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public int Gets => _gets;

    public int Finds => _finds;

    public int Puts => _puts;

    public IReadOnlyCollection<SnapshotInfo> Held => [.. _held.Values.Select(static held => held.Info)];

    /// <summary>Changes every payload.</summary>
    public void Damage(Func<byte[], byte[]> change)
    {
        foreach (var (key, (info, payload)) in _held)
        {
            _held[key] = (info, change(payload.ToArray()));
        }
    }

    /// <summary>Files every payload under the key of another one.</summary>
    public void Shuffle()
    {
        var all = _held.ToArray();
        for (var i = 0; i < all.Length; i++)
        {
            _held[all[i].Key] = (all[i].Value.Info, all[(i + 1) % all.Length].Value.Payload);
        }
    }

    public async ValueTask<int> FindFirstAsync(ReadOnlyMemory<SnapshotKey> keys, CancellationToken cancellationToken)
    {
        Interlocked.Increment(ref _finds);
        Asked.TrySetResult();
        await WaitAsync();
        for (var i = 0; i < keys.Length; i++)
        {
            if (_held.ContainsKey(keys.Span[i]))
            {
                return i;
            }
        }

        return -1;
    }

    public async ValueTask<ReadOnlyMemory<byte>?> GetAsync(SnapshotKey key, CancellationToken cancellationToken)
    {
        Interlocked.Increment(ref _gets);
        await WaitAsync();
        return _held.TryGetValue(key, out var held) ? held.Payload : null;
    }

    public ValueTask PutAsync(SnapshotInfo info, ReadOnlyMemory<byte> payload, CancellationToken cancellationToken)
    {
        ThrowIfAsked();
        Interlocked.Increment(ref _puts);
        _held.TryAdd(info.Key, (info, payload.ToArray()));
        return ValueTask.CompletedTask;
    }

    public ValueTask<bool> RemoveAsync(SnapshotKey key, CancellationToken cancellationToken)
    {
        ThrowIfAsked();
        return ValueTask.FromResult(_held.TryRemove(key, out _));
    }

    public ValueTask<int> RemoveScopeAsync(SnapshotKey scope, CancellationToken cancellationToken)
    {
        ThrowIfAsked();
        return ValueTask.FromResult(_held.Where(held => held.Value.Info.Scope == scope).Count(held => _held.TryRemove(held.Key, out _)));
    }

    private async Task WaitAsync()
    {
        ThrowIfAsked();
        if (Gate is { } gate)
        {
#pragma warning disable VSTHRD003 // the test opens it
            await gate;
#pragma warning restore VSTHRD003
        }
    }

    private void ThrowIfAsked()
    {
        if (Failure is { } failure)
        {
            throw failure;
        }
    }
}
