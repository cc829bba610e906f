namespace RwkvSk.Engine.States;

/// <summary>
/// Keeps snapshots as files in a folder. It survives restarts and being killed: a file appears under its name when it is complete and on the disk, and what a
/// killed process left is swept up by the next one. Any number of processes may share the folder and its bound. What was unused for longest makes room, before
/// anything is written. Other files in the folder are left alone. The files hold what was said, as numbers: the folder is made readable by its owner only.
/// </summary>
public sealed class DiskSnapshotStore : ISnapshotStore, IDisposable
{
    private readonly SnapshotFolder _folder;
    private readonly long _maximumBytes;
    private readonly TimeProvider _time;
    private readonly SemaphoreSlim _gate = new(1);

    // Guarded by the folder's lock: what is in the folder as of the version that this store saw last.
    private readonly Dictionary<SnapshotKey, StoredFile> _index = [];
    private long _indexVersion = -1;
    private long _indexBytes;

    /// <summary>Opens a folder, making it where it is missing.</summary>
    /// <param name="folder">Its path.</param>
    /// <param name="maximumBytes">Most bytes that its snapshots may take, those being written included.</param>
    /// <param name="time">Tells when a snapshot was used; null takes the system's clock.</param>
    /// <exception cref="IOException">The folder cannot be made.</exception>
    public DiskSnapshotStore(string folder, long maximumBytes, TimeProvider? time = null)
    {
        ArgumentException.ThrowIfNullOrEmpty(folder);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(maximumBytes);
        _folder = new SnapshotFolder(folder);
        (_maximumBytes, _time) = (maximumBytes, time ?? TimeProvider.System);
    }

    /// <inheritdoc/>
    public string Name => "disk";

    /// <inheritdoc/>
    public ValueTask<int> FindFirstAsync(ReadOnlyMemory<SnapshotKey> keys, CancellationToken cancellationToken)
    {
        for (var i = 0; i < keys.Length; i++)
        {
            cancellationToken.ThrowIfCancellationRequested();
            if (_folder.Find(keys.Span[i]) is not null)
            {
                return ValueTask.FromResult(i);
            }
        }

        return ValueTask.FromResult(-1);
    }

    /// <inheritdoc/>
    public async ValueTask<ReadOnlyMemory<byte>?> GetAsync(SnapshotKey key, CancellationToken cancellationToken)
    {
        if (_folder.Find(key) is not { } path)
        {
            return null;
        }

        try
        {
            var payload = await File.ReadAllBytesAsync(path, cancellationToken).ConfigureAwait(false);
            SayUsed(path);
            return payload;
        }
        catch (FileNotFoundException)
        {
            return null;   // evicted by somebody meanwhile
        }
    }

    /// <inheritdoc/>
    public async ValueTask PutAsync(SnapshotInfo info, ReadOnlyMemory<byte> payload, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(info);
        if (payload.Length > _maximumBytes || _folder.Find(info.Key) is not null)
        {
            return;
        }

        var temporary = _folder.NewTemporary();
        var file = await ReserveAsync(temporary, payload.Length, cancellationToken).ConfigureAwait(false);
        if (file is null)
        {
            return;
        }

        try
        {
            await RandomAccess.WriteAsync(file, payload, 0, cancellationToken).ConfigureAwait(false);
            RandomAccess.FlushToDisk(file);
            using var folder = await EnterAsync(cancellationToken).ConfigureAwait(false);
            file.Dispose();   // under the lock: an unfinished file that nobody holds would be swept up
            folder.Lock.Touch();
            var path = _folder.PathFor(info.Key, info.Scope);
            File.Move(temporary, path, overwrite: true);
            Remember(new StoredFile(path, info.Key, info.Scope, payload.Length, _time.GetUtcNow()));
            SayUsed(path);
            _indexVersion = folder.Lock.Version;
        }
        catch
        {
            file.Dispose();
            File.Delete(temporary);
            throw;
        }
    }

    /// <inheritdoc/>
    public async ValueTask<bool> RemoveAsync(SnapshotKey key, CancellationToken cancellationToken) =>
        await RemoveAsync(file => file.Key == key, cancellationToken).ConfigureAwait(false) > 0;

    /// <inheritdoc/>
    public async ValueTask<int> RemoveScopeAsync(SnapshotKey scope, CancellationToken cancellationToken) =>
        await RemoveAsync(file => file.Scope == scope, cancellationToken).ConfigureAwait(false);

    /// <summary>Lets go of what the store holds in this process; the files stay.</summary>
    public void Dispose() => _gate.Dispose();

    /// <summary>Makes room and takes it by a file of the full length, which counts for everybody from here on; null when there can be no room.</summary>
    private async Task<Microsoft.Win32.SafeHandles.SafeFileHandle?> ReserveAsync(string temporary, long bytes, CancellationToken cancellationToken)
    {
        using var folder = await EnterAsync(cancellationToken).ConfigureAwait(false);
        var room = _maximumBytes - _folder.SweepUnfinished() - bytes;
        if (room < 0)
        {
            return null;   // others write as much as there may be
        }

        if (_indexBytes > room)
        {
            folder.Lock.Touch();
            Evict(room);
            _indexVersion = folder.Lock.Version;
        }

        var file = File.OpenHandle(temporary, FileMode.CreateNew, FileAccess.Write, FileShare.None, FileOptions.Asynchronous);
        RandomAccess.SetLength(file, bytes);
        return file;
    }

    private void SayUsed(string path)
    {
        try
        {
            File.SetLastWriteTimeUtc(path, _time.GetUtcNow().UtcDateTime);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            // Evicted meanwhile, or a folder that may only be read: what was read is good all the same.
        }
    }

    private void Evict(long room)
    {
        var queue = new PriorityQueue<StoredFile, DateTimeOffset>(_index.Values.Select(static file => (file, file.UsedAt)));
        while (_indexBytes > room && queue.TryDequeue(out var file, out var usedAt))
        {
            // Other processes say by the file's time alone that they used it.
            if (File.Exists(file.Path) && new DateTimeOffset(File.GetLastWriteTimeUtc(file.Path)) is var used && used > usedAt)
            {
                queue.Enqueue(file, used);
                continue;
            }

            Forget(file);
        }
    }

    private async Task<int> RemoveAsync(Func<StoredFile, bool> isMeant, CancellationToken cancellationToken)
    {
        using var folder = await EnterAsync(cancellationToken).ConfigureAwait(false);
        StoredFile[] meant = [.. _index.Values.Where(isMeant)];
        if (meant.Length > 0)
        {
            folder.Lock.Touch();
            Array.ForEach(meant, Forget);
            _indexVersion = folder.Lock.Version;
        }

        return meant.Length;
    }

    private async Task<Entrance> EnterAsync(CancellationToken cancellationToken)
    {
        await _gate.WaitAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            var folderLock = await FolderLock.AcquireAsync(_folder.LockPath, _time, cancellationToken).ConfigureAwait(false);
            if (folderLock.Version != _indexVersion)
            {
                _index.Clear();
                _indexBytes = 0;
                foreach (var file in _folder.Scan())
                {
                    Remember(file);
                }

                _indexVersion = folderLock.Version;
            }

            return new Entrance(_gate, folderLock);
        }
        catch
        {
            _gate.Release();
            throw;
        }
    }

    private void Remember(StoredFile file)
    {
        if (_index.TryGetValue(file.Key, out var before))
        {
            _indexBytes -= before.Bytes;
        }

        _index[file.Key] = file;
        _indexBytes += file.Bytes;
    }

    private void Forget(StoredFile file)
    {
        File.Delete(file.Path);
        _index.Remove(file.Key);
        _indexBytes -= file.Bytes;
    }

    /// <summary>The time in which the folder and the index belong to one caller.</summary>
    private sealed class Entrance(SemaphoreSlim gate, FolderLock folderLock) : IDisposable
    {
        public FolderLock Lock => folderLock;

        public void Dispose()
        {
            folderLock.Dispose();
            gate.Release();
        }
    }
}
