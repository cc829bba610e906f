namespace RwkvSk.Trainer.Training;

/// <summary>
/// Threads that live as long as training does, so that each keeps its memory arena and libtorch's thread settings. All of them run the same piece of
/// work; the caller waits for the last.
/// </summary>
internal sealed class Crew : IDisposable
{
    private readonly Barrier _start, _end;
    private readonly List<Exception> _failures = [];
    private volatile Action<int>? _work;

    public Crew(int size, Action initialize)
    {
        (_start, _end) = (new Barrier(size + 1), new Barrier(size + 1));
        for (var i = 0; i < size; i++)
        {
            var index = i;
            new Thread(() => Live(index, initialize)) { IsBackground = true, Name = $"training {i}" }.Start();
        }
    }

    /// <summary>Runs <paramref name="work"/> on every thread, with the thread's number.</summary>
    public void Run(Action<int> work)
    {
        _work = work;
        _start.SignalAndWait();
        _end.SignalAndWait();
        if (_failures.Count > 0)
        {
            throw new InvalidOperationException($"A training thread failed: {_failures[0].Message}", _failures[0]);
        }
    }

    private void Live(int index, Action initialize)
    {
        initialize();
        while (true)
        {
            _start.SignalAndWait();
            if (_work is not { } work)
            {
                return;
            }

            try
            {
                work(index);
            }
            catch (Exception exception)
            {
                lock (_failures)
                {
                    _failures.Add(exception);
                }
            }

            _end.SignalAndWait();
        }
    }

    public void Dispose()
    {
        _work = null;
        _start.SignalAndWait();
    }
}
