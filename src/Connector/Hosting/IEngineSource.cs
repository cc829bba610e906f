using RwkvSk.Engine;

namespace RwkvSk.Connector.Hosting;

/// <summary>How far a model is.</summary>
internal enum EngineState
{
    /// <summary>Nobody has asked for it yet.</summary>
    NotLoaded,

    /// <summary>It is being loaded.</summary>
    Loading,

    /// <summary>It answers.</summary>
    Ready,

    /// <summary>The last attempt to load it failed; the next request tries again.</summary>
    Faulted,

    /// <summary>It is gone.</summary>
    Disposed,
}

/// <summary>Where the services of one registration get their engine from. Making one costs nothing; the engine is loaded when it is first asked for.</summary>
internal interface IEngineSource : IDisposable, IAsyncDisposable
{
    /// <summary>How far the model is.</summary>
    EngineState State { get; }

    /// <summary>Why the last attempt to load failed; null unless <see cref="State"/> is <see cref="EngineState.Faulted"/>.</summary>
    Exception? Failure { get; }

    /// <summary>The engine, if it is loaded.</summary>
    RwkvEngine? Loaded { get; }

    /// <summary>The engine, loaded if it is not yet. Callers that ask meanwhile wait for the same load.</summary>
    /// <param name="cancellationToken">Ends the wait, not the load.</param>
    /// <exception cref="ObjectDisposedException">The source is disposed.</exception>
    Task<RwkvEngine> GetAsync(CancellationToken cancellationToken);
}
