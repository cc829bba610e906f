using RwkvSk.Engine;
using RwkvSk.Engine.Prompts;
using RwkvSk.Engine.States;

namespace RwkvSk.Connector;

/// <summary>What was read before a request came: what it continues, what its persona begins with, what was primed. Clients of one model share it.</summary>
internal sealed class ReadBeforehand(RwkvOptions options)
{
    private readonly PrimedPrefixes _primed = new();
    private readonly PersonaStates _states = new();

    /// <summary>Conversations and snapshots by id.</summary>
    public ConversationStore Conversations { get; } = new(options.KeptConversations);

    /// <summary>A persona by its name.</summary>
    /// <exception cref="ArgumentException">There is none of that name.</exception>
    public RwkvPersona Persona(string name) => options.Personas.TryGetValue(name, out var persona)
        ? persona
        : throw new ArgumentException($"The persona '{name}' is unknown; the personas are: {string.Join(", ", options.Personas.Keys)}.", nameof(name));

    /// <summary>How the prompts of a conversation or a persona are begun: gives what was read of one, and what is left of it. What a persona begins with is read now if it was not yet.</summary>
    public async ValueTask<Func<Prompt, (StateSnapshot? From, Prompt Unread)>> ResumeAsync(
        RwkvEngine engine, AnswerRequestBuilder builder, KeptConversation? kept, RwkvPersona? persona, CancellationToken cancellationToken)
    {
        if (kept?.From is { } snapshot)
        {
            return prompt => (snapshot, prompt);
        }

        var from = persona is null ? null : await _states.GetAsync(persona, engine, cancellationToken).ConfigureAwait(false);
        if (persona is not null && builder.BuildSystem(persona.SystemPrompt, persona.Tools) is { } system)
        {
            await PrimeAsync(engine, from, system, cancellationToken).ConfigureAwait(false);
        }

        return prompt => _primed.Resume(from, prompt);
    }

    /// <summary>Reads a prefix that is the application's own, and holds the state for everybody.</summary>
    public async ValueTask PrimeAsync(RwkvEngine engine, StateSnapshot? from, Prompt prefix, CancellationToken cancellationToken)
    {
        if (!_primed.Holds(from, prefix))
        {
            _primed.Hold(from, prefix, await CaptureAsync(engine, from, prefix, cacheScope: null, cancellationToken).ConfigureAwait(false));
        }
    }

    /// <summary>Reads a prompt and returns the state at its end; an engine that takes no more looks like any busy service.</summary>
    /// <exception cref="RwkvBusyException">The engine has more to do than it takes.</exception>
    public static async Task<StateSnapshot> CaptureAsync(RwkvEngine engine, StateSnapshot? from, Prompt prompt, string? cacheScope, CancellationToken cancellationToken)
    {
        try
        {
            return await engine.CaptureAsync(from, prompt, cacheScope, cancellationToken).ConfigureAwait(false);
        }
        catch (EngineBusyException busy)
        {
            throw new RwkvBusyException(busy);
        }
    }
}
