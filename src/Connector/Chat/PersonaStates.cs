using System.Collections.Concurrent;
using RwkvSk.Engine;
using RwkvSk.Engine.States;

namespace RwkvSk.Connector;

/// <summary>The states that personas begin with, read from their files once.</summary>
internal sealed class PersonaStates
{
    private readonly ConcurrentDictionary<string, StateSnapshot> _byFile = new(StringComparer.Ordinal);

    /// <summary>What a persona begins with; null begins with nothing.</summary>
    /// <exception cref="ModelFormatException">The file holds another model's tuned state.</exception>
    /// <exception cref="SnapshotFormatException">The file holds neither a tuned state nor a sound snapshot of this model.</exception>
    public async ValueTask<StateSnapshot?> GetAsync(RwkvPersona persona, RwkvEngine engine, CancellationToken cancellationToken)
    {
        if (persona.StateFile is not { Length: > 0 } file)
        {
            return null;
        }

        if (_byFile.TryGetValue(file, out var known))
        {
            return known;
        }

        // A file of few MiB; where two requests meet here, the second reading is thrown away, so that all share one state.
        return _byFile.GetOrAdd(file, await engine.LoadStateAsync(file, cancellationToken).ConfigureAwait(false));
    }
}
