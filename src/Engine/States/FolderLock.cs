using System.Buffers.Binary;

namespace RwkvSk.Engine.States;

/// <summary>
/// The right to change a folder that several processes share. The system takes it back when its owner ends. The lock's file holds a number that every owner
/// who changes something replaces, so the next one sees whether its picture of the folder is still right.
/// </summary>
internal sealed class FolderLock : IDisposable
{
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(3);

    private readonly FileStream _file;

    private FolderLock(FileStream file)
    {
        _file = file;
        Span<byte> number = stackalloc byte[sizeof(long)];
        Version = file.ReadAtLeast(number, number.Length, throwOnEndOfStream: false) == number.Length ? BinaryPrimitives.ReadInt64LittleEndian(number) : 0;
    }

    /// <summary>The number of whoever changed something last; 0 when nobody did.</summary>
    public long Version { get; private set; }

    /// <summary>Waits for the lock.</summary>
    public static async Task<FolderLock> AcquireAsync(string path, TimeProvider time, CancellationToken cancellationToken)
    {
        while (true)
        {
            cancellationToken.ThrowIfCancellationRequested();
            try
            {
                return new FolderLock(new FileStream(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None, bufferSize: 0));
            }
            catch (IOException) when (File.Exists(path))   // somebody else has it
            {
                await Task.Delay(Pause, time, cancellationToken).ConfigureAwait(false);
            }
        }
    }

    /// <summary>Says that something is about to change; comes before the change, so that a process that dies in between leaves no wrong picture behind.</summary>
    public void Touch()
    {
        Span<byte> number = stackalloc byte[sizeof(long)];
        Version = Random.Shared.NextInt64(1, long.MaxValue);
        BinaryPrimitives.WriteInt64LittleEndian(number, Version);
        _file.Position = 0;
        _file.Write(number);
    }

    /// <inheritdoc/>
    public void Dispose() => _file.Dispose();
}
