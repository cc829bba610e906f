using System.Security.Cryptography;
using RwkvSk.Engine.States;

namespace RwkvSk.TestKit;

/// <summary>What every store of snapshots keeps to, whatever it is made of.</summary>
internal static class SnapshotStoreLaws
{
    /// <summary>A key by a number.</summary>
    public static SnapshotKey Key(int number) => new(SHA256.HashData(BitConverter.GetBytes(number)));

    /// <summary>What is said of a payload.</summary>
    public static SnapshotInfo Info(int key, int scope = 0) => new() { Key = Key(key), Scope = Key(-1 - scope), Position = key, ReplayPositions = key };

    /// <summary>Bytes that belong to a key: the same for all who write it.</summary>
    public static byte[] Payload(int key, int length)
    {
        var bytes = new byte[length];
        new Random(key).NextBytes(bytes);
        return bytes;
    }

    /// <summary>Checks an empty store; leaves it empty.</summary>
    /// <param name="store">The store.</param>
    /// <param name="lengths">Payload lengths to try.</param>
    /// <param name="cancellationToken">Gives up.</param>
    public static async Task CheckAsync(ISnapshotStore store, IReadOnlyList<int> lengths, CancellationToken cancellationToken)
    {
        Check(await store.GetAsync(Key(1), cancellationToken) is null, "an empty store holds nothing");
        Check(await store.FindFirstAsync(new[] { Key(1), Key(2) }, cancellationToken) == -1, "an empty store finds nothing");
        Check(!await store.RemoveAsync(Key(1), cancellationToken), "an empty store removes nothing");

        for (var i = 0; i < lengths.Count; i++)
        {
            await store.PutAsync(Info(i, scope: i % 2), Payload(i, lengths[i]), cancellationToken);
        }

        for (var i = 0; i < lengths.Count; i++)
        {
            var found = await store.GetAsync(Key(i), cancellationToken);
            Check(found is { } payload && payload.Span.SequenceEqual(Payload(i, lengths[i])), $"a payload of {lengths[i]} bytes comes back as it was put");
        }

        Check(await store.FindFirstAsync(new[] { Key(1000), Key(1), Key(0) }, cancellationToken) == 1, "the first key that is held is found, not another one");
        Check(await store.FindFirstAsync(ReadOnlyMemory<SnapshotKey>.Empty, cancellationToken) == -1, "among no keys none is found");

        await store.PutAsync(Info(0), Payload(0, lengths[0]), cancellationToken);
        Check((await store.GetAsync(Key(0), cancellationToken))?.Length == lengths[0], "what is put twice is held once");

        Check(await store.RemoveAsync(Key(0), cancellationToken), "what is held is removed");
        Check(await store.GetAsync(Key(0), cancellationToken) is null, "what was removed is gone");
        Check(await store.RemoveScopeAsync(Key(-2), cancellationToken) == lengths.Count / 2, "a scope is removed whole");
        for (var i = 1; i < lengths.Count; i++)
        {
            Check(await store.FindFirstAsync(new[] { Key(i) }, cancellationToken) == (i % 2 == 1 ? -1 : 0), "a scope is removed alone");
        }

        await store.RemoveScopeAsync(Key(-1), cancellationToken);
        Check(await store.FindFirstAsync(Enumerable.Range(0, lengths.Count).Select(Key).ToArray(), cancellationToken) == -1, "then nothing is left");
    }

    private static void Check(bool holds, string law)
    {
        if (!holds)
        {
            throw new InvalidOperationException($"It does not hold that {law}.");
        }
    }
}
