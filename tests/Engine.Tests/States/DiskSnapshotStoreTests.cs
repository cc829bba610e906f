using Microsoft.Extensions.Time.Testing;
using RwkvSk.Engine.States;
using RwkvSk.TestKit;
using Xunit;
using static RwkvSk.TestKit.SnapshotStoreLaws;

namespace RwkvSk.Engine.Tests.States;

public sealed class DiskSnapshotStoreTests : IDisposable
{
    internal const int PayloadBytes = 300_000;

    private readonly TemporaryFolder _folder = new();

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task It_keeps_to_the_laws_of_stores()
    {
        using var store = new DiskSnapshotStore(_folder["states"], 1 << 20);
        await CheckAsync(store, [1, 0, 70_000, 4096, 333, 12], Cancel);
    }

    [Fact]
    public async Task What_was_put_is_there_after_a_restart()
    {
        using (var first = new DiskSnapshotStore(_folder.Path, 1 << 20))
        {
            await first.PutAsync(Info(1), Payload(1, 500), Cancel);
        }

        using var second = new DiskSnapshotStore(_folder.Path, 1 << 20);
        Assert.Equal(Payload(1, 500), (await second.GetAsync(Key(1), Cancel))!.Value.ToArray());
    }

    [Fact]
    public async Task What_was_unused_for_longest_makes_room()
    {
        var time = new FakeTimeProvider(DateTimeOffset.UtcNow);
        using var store = new DiskSnapshotStore(_folder.Path, 3000, time);
        for (var i = 0; i < 3; i++)
        {
            await store.PutAsync(Info(i), Payload(i, 1000), Cancel);
            time.Advance(TimeSpan.FromSeconds(1));
        }

        await store.GetAsync(Key(0), Cancel);
        time.Advance(TimeSpan.FromSeconds(1));
        await store.PutAsync(Info(3), Payload(3, 1000), Cancel);

        Assert.Equal([0, 2, 3], await HeldAsync(store, 4));
    }

    [Fact]
    public async Task A_use_in_another_process_counts()
    {
        var time = new FakeTimeProvider(DateTimeOffset.UtcNow);
        using var store = new DiskSnapshotStore(_folder.Path, 2000, time);
        using var other = new DiskSnapshotStore(_folder.Path, 2000, time);
        await store.PutAsync(Info(0), Payload(0, 1000), Cancel);
        time.Advance(TimeSpan.FromSeconds(1));
        await store.PutAsync(Info(1), Payload(1, 1000), Cancel);
        time.Advance(TimeSpan.FromSeconds(1));

        await other.GetAsync(Key(0), Cancel);
        time.Advance(TimeSpan.FromSeconds(1));
        await store.PutAsync(Info(2), Payload(2, 1000), Cancel);

        Assert.Equal([0, 2], await HeldAsync(other, 3));
    }

    [Fact]
    public async Task The_bound_holds_over_random_operations_of_two_stores_and_nothing_else_is_ever_served()
    {
        const int Bound = 20_000;
        DiskSnapshotStore[] stores = [new(_folder.Path, Bound), new(_folder.Path, Bound)];
        await Task.WhenAll(Enumerable.Range(0, 4).Select(async worker =>
        {
            var random = new Random(worker);
            for (var i = 0; i < 150; i++)
            {
                var store = stores[random.Next(2)];
                var key = random.Next(60);
                var length = 500 + (key * 40);
                switch (random.Next(4))
                {
                    case 0:
                        await store.RemoveAsync(Key(key), Cancel);
                        break;
                    case 1:
                        await store.PutAsync(Info(key), Payload(key, length), Cancel);
                        break;
                    default:
                        if (await store.GetAsync(Key(key), Cancel) is { } found)
                        {
                            Assert.Equal(Payload(key, length), found.ToArray());
                        }

                        break;
                }

                Assert.InRange(await BytesAsync(), 0, Bound);
            }
        }));
        Array.ForEach(stores, static store => store.Dispose());
    }

    [Fact]
    public async Task Killed_fifty_times_while_it_writes_it_never_serves_anything_torn_and_keeps_its_bound()
    {
        const long Bound = 40 * PayloadBytes;
        var random = new Random(50);
        for (var round = 0; round < 10; round++)
        {
            ChildProcess[] children = [.. Enumerable.Range(0, 5).Select(i => ChildProcess.WritingTo(_folder.Path, Bound, (round * 5) + i))];
            foreach (var child in children)
            {
                for (var lines = random.Next(1, 4); lines > 0; lines--)
                {
                    Assert.NotNull(await child.ReadLineAsync(Cancel));
                }

                await child.KillAsync();   // in the middle of its next write
                child.Dispose();
            }

            using var store = new DiskSnapshotStore(_folder.Path, Bound);
            var files = new SnapshotFolder(_folder.Path).Scan().ToArray();
            Assert.NotEmpty(files);
            foreach (var key in Enumerable.Range(0, 1000).Where(key => files.Any(file => file.Key == Key(key))))
            {
                Assert.Equal(Payload(key, PayloadBytes), (await store.GetAsync(Key(key), Cancel))!.Value.ToArray());
            }

            Assert.InRange(await BytesAsync(), 0, Bound);
            await store.PutAsync(Info(2000 + round), Payload(2000 + round, PayloadBytes), Cancel);
            Assert.Empty(Directory.GetFiles(_folder["tmp"]));   // what the killed left is swept up by the next who writes
        }
    }

    [Fact]
    public async Task Other_files_are_left_alone()
    {
        using var store = new DiskSnapshotStore(_folder.Path, 1000);
        _folder.Write("notes.txt", new byte[5000]);
        Directory.CreateDirectory(_folder["ab"]);
        _folder.Write("ab/holiday.safetensors", new byte[5000]);

        await store.PutAsync(Info(1), Payload(1, 900), Cancel);
        await store.PutAsync(Info(2), Payload(2, 900), Cancel);

        Assert.True(File.Exists(_folder["notes.txt"]) && File.Exists(_folder["ab/holiday.safetensors"]));
        Assert.Equal([2], await HeldAsync(store, 3));
    }

    [Fact]
    public async Task What_is_larger_than_the_bound_is_not_kept_and_nothing_goes_for_it()
    {
        using var store = new DiskSnapshotStore(_folder.Path, 1000);
        await store.PutAsync(Info(1), Payload(1, 900), Cancel);

        await store.PutAsync(Info(2), Payload(2, 1001), Cancel);

        Assert.Equal([1], await HeldAsync(store, 3));
    }

    [Fact]
    public async Task A_write_that_is_given_up_leaves_nothing()
    {
        using var store = new DiskSnapshotStore(_folder.Path, 1000);

        await Assert.ThrowsAnyAsync<OperationCanceledException>(async () => await store.PutAsync(Info(1), Payload(1, 900), new CancellationToken(canceled: true)));

        Assert.Equal(0, await BytesAsync());
    }

    [Fact]
    public void Only_the_owner_may_look_into_it()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "Windows has other permissions.");
        using var store = new DiskSnapshotStore(_folder["states"], 1000);

        if (!OperatingSystem.IsWindows())
        {
            Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute, File.GetUnixFileMode(_folder["states"]));
        }
    }

    private static async Task<List<int>> HeldAsync(DiskSnapshotStore store, int keys)
    {
        var held = new List<int>();
        for (var i = 0; i < keys; i++)
        {
            if (await store.FindFirstAsync(new[] { Key(i) }, Cancel) == 0)
            {
                held.Add(i);
            }
        }

        return held;
    }

    /// <summary>What lies in the folder, while nobody may change that.</summary>
    private async Task<long> BytesAsync()
    {
        using var folderLock = await FolderLock.AcquireAsync(_folder["lock"], TimeProvider.System, Cancel);
        return new DirectoryInfo(_folder.Path).EnumerateFiles("*", SearchOption.AllDirectories).Where(static file => file.Name != "lock").Sum(static file => file.Length);
    }
}
