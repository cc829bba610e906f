using System.Diagnostics.CodeAnalysis;

namespace RwkvSk.Engine.Scheduling;

/// <summary>
/// The door between callers and the loop's thread: who comes in, how many are inside, and whether more may come. Safe from any thread; the one lock of
/// the loop is in here.
/// </summary>
/// <param name="mostLive">Requests that may be inside at once, waiting or running.</param>
/// <param name="mostBackground">The same for what nobody waits for.</param>
internal sealed class Inbox(int mostLive, int mostBackground)
{
    private readonly object _gate = new();
    private readonly Queue<Sequence> _arrived = new();
    private int _live;
    private int _background;
    private bool _isStopping;

    /// <summary>Requests that have not left yet.</summary>
    public int Live => Volatile.Read(ref _live);

    /// <summary>Whether no more may come.</summary>
    public bool IsStopping => Volatile.Read(ref _isStopping);

    /// <summary>Takes a request in; false when as many are inside as may.</summary>
    /// <exception cref="ObjectDisposedException">No more may come.</exception>
    public bool TryAdd(Sequence sequence)
    {
        lock (_gate)
        {
            ObjectDisposedException.ThrowIf(_isStopping, typeof(RwkvEngine));
            return TryAdd(sequence, ref _live, mostLive);
        }
    }

    /// <summary>Takes in what nobody waits for; false when there is enough of it, or no more may come.</summary>
    public bool TryAddBackground(Sequence sequence)
    {
        lock (_gate)
        {
            return !_isStopping && TryAdd(sequence, ref _background, mostBackground);
        }
    }

    /// <summary>The next one that arrived.</summary>
    public bool TryTake([NotNullWhen(true)] out Sequence? sequence)
    {
        lock (_gate)
        {
            return _arrived.TryDequeue(out sequence);
        }
    }

    /// <summary>There is something to do, such as a request whose look-up in the stores ended: it arrives once more.</summary>
    public void Wake(Sequence? returning = null)
    {
        lock (_gate)
        {
            if (returning is not null)
            {
                _arrived.Enqueue(returning);
            }

            Monitor.Pulse(_gate);
        }
    }

    /// <summary>Someone left for good.</summary>
    public void Remove(Sequence sequence)
    {
        lock (_gate)
        {
            _ = sequence.IsBackground ? _background-- : _live--;
        }
    }

    /// <summary>Lets nobody in any more; may be called again.</summary>
    public void Stop()
    {
        lock (_gate)
        {
            _isStopping = true;
            Monitor.Pulse(_gate);
        }
    }

    /// <summary>Waits while nobody arrives and the loop has nothing to do; false once no more may come. For the loop's thread alone.</summary>
    /// <param name="isIdle">Whether the loop has nothing to do.</param>
    public bool WaitForWork(Func<bool> isIdle)
    {
        lock (_gate)
        {
            while (!_isStopping && _arrived.Count == 0 && isIdle())
            {
                Monitor.Wait(_gate);
            }

            return !_isStopping;
        }
    }

    private bool TryAdd(Sequence sequence, ref int inside, int most)
    {
        if (inside == most)
        {
            return false;
        }

        inside++;
        _arrived.Enqueue(sequence);
        Monitor.Pulse(_gate);
        return true;
    }
}
