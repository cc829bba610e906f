namespace RwkvSk.Engine.Scheduling;

/// <summary>What others want done on the loop's thread, between two steps. Safe from any thread, save what is said to be the loop's.</summary>
/// <param name="wake">Wakes the loop.</param>
internal sealed class LoopErrands(Action wake)
{
    private readonly Queue<Action> _queue = [];   // guards itself
    private bool _isClosed;

    /// <summary>Whether there is nothing to do.</summary>
    public bool IsEmpty
    {
        get
        {
            lock (_queue)
            {
                return _queue.Count == 0;
            }
        }
    }

    /// <summary>Has something done.</summary>
    /// <exception cref="ObjectDisposedException">The loop has ended.</exception>
    public Task<T> DoAsync<T>(Func<T> errand)
    {
        var done = new TaskCompletionSource<T>(TaskCreationOptions.RunContinuationsAsynchronously);
        lock (_queue)
        {
            ObjectDisposedException.ThrowIf(_isClosed, typeof(RwkvEngine));
            _queue.Enqueue(() =>
            {
                try
                {
                    done.TrySetResult(errand());
                }
#pragma warning disable CA1031 // it belongs to whoever waits for the errand
                catch (Exception error)
#pragma warning restore CA1031
                {
                    done.TrySetException(error);
                }
            });
        }

        wake();
        return done.Task;
    }

    /// <summary>Does what is there; the loop's.</summary>
    public void Run()
    {
        while (Next() is { } errand)
        {
            errand();
        }
    }

    /// <summary>Takes no more and does what is there; the loop's last.</summary>
    public void Close()
    {
        lock (_queue)
        {
            _isClosed = true;
        }

        Run();
    }

    private Action? Next()
    {
        lock (_queue)
        {
            return _queue.TryDequeue(out var errand) ? errand : null;
        }
    }
}
