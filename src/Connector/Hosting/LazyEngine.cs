using RwkvSk.Engine;

namespace RwkvSk.Connector.Hosting;

/// <summary>Loads an engine once, away from the caller's thread, and disposes it once. A load that failed leaves nothing behind and is tried again.</summary>
internal sealed class LazyEngine(Func<RwkvEngine> load, bool owned = true) : IEngineSource
{
    private readonly Lock _gate = new();
    private Task<RwkvEngine>? _loading;
    private bool _disposed;

    /// <summary>A source of an engine that somebody else made and disposes.</summary>
    public static LazyEngine Of(RwkvEngine engine) => new(() => engine, owned: false) { _loading = Task.FromResult(engine) };

    public EngineState State
    {
        get
        {
            lock (_gate)
            {
                return _disposed ? EngineState.Disposed
                    : _loading is null ? EngineState.NotLoaded
                    : !_loading.IsCompleted ? EngineState.Loading
                    : _loading.IsCompletedSuccessfully ? EngineState.Ready
                    : EngineState.Faulted;
            }
        }
    }

    public Exception? Failure
    {
        get
        {
            lock (_gate)
            {
                return _loading is { IsFaulted: true } ? _loading.Exception.InnerException : null;
            }
        }
    }

    public RwkvEngine? Loaded
    {
        get
        {
            lock (_gate)
            {
                return !_disposed && _loading is { IsCompletedSuccessfully: true } ? Result(_loading) : null;
            }
        }
    }

    public Task<RwkvEngine> GetAsync(CancellationToken cancellationToken)
    {
        if (cancellationToken.IsCancellationRequested)
        {
            return Task.FromCanceled<RwkvEngine>(cancellationToken);
        }

        lock (_gate)
        {
            ObjectDisposedException.ThrowIf(_disposed, typeof(RwkvEngine));
            if (_loading is null or { IsFaulted: true })
            {
                _loading = Task.Factory.StartNew(load, CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);
            }

            return _loading.WaitAsync(cancellationToken);
        }
    }

    public void Dispose()
    {
        if (CloseAsync() is not { } loading)
        {
            return;
        }

        if (loading.IsCompletedSuccessfully)
        {
            Result(loading).Dispose();
        }
        else
        {
            // Still loading: nobody can get the engine any more, so it goes as soon as it is there.
            _ = loading.ContinueWith(
                static done => Result(done).Dispose(), CancellationToken.None, TaskContinuationOptions.OnlyOnRanToCompletion, TaskScheduler.Default);
        }
    }

    public async ValueTask DisposeAsync()
    {
        if (CloseAsync() is not { } loading)
        {
            return;
        }

        await ((Task)loading).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        if (loading.IsCompletedSuccessfully)
        {
            await Result(loading).DisposeAsync().ConfigureAwait(false);
        }
    }

    /// <summary>Closes the source; the first caller gets the load whose engine it has to dispose.</summary>
    private Task<RwkvEngine>? CloseAsync()
    {
        lock (_gate)
        {
            var mine = !_disposed && owned ? _loading : null;
            _disposed = true;
            return mine;
        }
    }

#pragma warning disable VSTHRD002, VSTHRD200 // Only ever asked of a completed task.
    private static RwkvEngine Result(Task<RwkvEngine> completed) => completed.GetAwaiter().GetResult();
#pragma warning restore VSTHRD002, VSTHRD200
}
