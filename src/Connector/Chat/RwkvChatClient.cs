using System.Runtime.CompilerServices;
using Microsoft.Extensions.AI;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using RwkvSk.Connector.Diagnostics;
using RwkvSk.Connector.Hosting;
using RwkvSk.Connector.Prompting;
using RwkvSk.Engine;
using RwkvSk.Engine.Prompts;
using RwkvSk.Engine.States;

namespace RwkvSk.Connector;

/// <summary>
/// A local RWKV model as a chat client. It renders the conversation, streams the answer, reads the function calls out of it and reports what it took;
/// it invokes no function itself. Earlier parts of a conversation that were read before are found by their content, so it needs no conversation ids.
/// Safe from any thread.
/// </summary>
public sealed class RwkvChatClient : IChatClient
{
    private readonly IEngineSource _source;
    private readonly RwkvOptions _options;
    private readonly ILogger _logger;
    private readonly bool _ownsSource;
    private readonly string? _persona;
    private readonly AnswerConstraints _constraints = new();
    private readonly ReadBeforehand _before;

    /// <summary>Creates a client that loads the model with its first request, and frees it when it is disposed.</summary>
    /// <param name="options">Which model, and how it runs.</param>
    /// <exception cref="ArgumentException">The options name no model, or are wrong.</exception>
    public RwkvChatClient(RwkvOptions options)
        : this(options, loggers: null)
    {
    }

    /// <summary>Creates a client that loads the model with its first request, and frees it when it is disposed.</summary>
    /// <param name="options">Which model, and how it runs.</param>
    /// <param name="loggers">Where to log; null logs nothing.</param>
    /// <exception cref="ArgumentException">The options name no model, or are wrong.</exception>
    public RwkvChatClient(RwkvOptions options, ILoggerFactory? loggers)
        : this(EngineSources.FromOptions(options, loggers), options, loggers, ownsSource: true)
    {
    }

    /// <summary>Creates a client for an engine that is already loaded and stays the caller's.</summary>
    /// <param name="engine">The engine.</param>
    public RwkvChatClient(RwkvEngine engine)
        : this(engine, EngineSources.OptionsFor(engine))
    {
    }

    /// <summary>Creates a client for an engine that is already loaded and stays the caller's.</summary>
    /// <param name="engine">The engine.</param>
    /// <param name="options">The model's name and the defaults of requests; what concerns loading is not looked at.</param>
    public RwkvChatClient(RwkvEngine engine, RwkvOptions options)
        : this(EngineSources.Of(engine), options, loggers: null, ownsSource: true)
    {
    }

    internal RwkvChatClient(IEngineSource source, RwkvOptions options, ILoggerFactory? loggers, bool ownsSource)
    {
        ArgumentNullException.ThrowIfNull(options);
        (_source, _options, _ownsSource) = (source, options, ownsSource);
        _before = new ReadBeforehand(options);
        ModelId = options.EffectiveModelId;
        Metadata = new ChatClientMetadata("rwkv", defaultModelId: ModelId);
        _logger = (loggers ?? NullLoggerFactory.Instance).CreateLogger<RwkvChatClient>();
    }

    private RwkvChatClient(RwkvChatClient client, string persona)
    {
        (_source, _options, _ownsSource, _persona) = (client._source, client._options, false, persona);
        (_constraints, _before) = (client._constraints, client._before);
        (ModelId, Metadata, _logger) = (client.ModelId, client.Metadata, client._logger);
    }

    /// <summary>The model's name; known before it is loaded.</summary>
    public string ModelId { get; }

    /// <summary>The options the client was made with.</summary>
    internal RwkvOptions Options => _options;

    private ChatClientMetadata Metadata { get; }

    /// <inheritdoc/>
    public async Task<ChatResponse> GetResponseAsync(IEnumerable<ChatMessage> messages, ChatOptions? options = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(messages);
        var updates = new List<ChatResponseUpdate>();
        await foreach (var update in StreamAsync(messages, options, cancellationToken).ConfigureAwait(false))
        {
            updates.Add(update);
        }

        var response = updates.ToChatResponse();
        response.RawRepresentation = updates[^1].RawRepresentation;
        foreach (var message in response.Messages)
        {
            message.RawRepresentation = response.RawRepresentation;
        }

        return response;
    }

    /// <inheritdoc/>
    public IAsyncEnumerable<ChatResponseUpdate> GetStreamingResponseAsync(IEnumerable<ChatMessage> messages, ChatOptions? options = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(messages);
        return StreamAsync(messages, options, cancellationToken);
    }

    /// <summary>This client as a persona: requests that name none are that one's. It shares everything with this client, and disposing it frees nothing.</summary>
    /// <param name="persona">The name of one of <see cref="RwkvOptions.Personas"/>.</param>
    /// <exception cref="ArgumentException">There is no such persona.</exception>
    public RwkvChatClient As(string persona)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(persona);
        _ = _before.Persona(persona);
        return new RwkvChatClient(this, persona);
    }

    /// <summary>
    /// Reads what many requests begin with, and keeps it whatever happens to the cache, for all tenants: it has to be the application's own text. A request whose system text, functions
    /// and first picture are the same then reads on from there.
    /// </summary>
    /// <param name="systemPrompt">The system text; null for none.</param>
    /// <param name="tools">The functions that the requests offer, in their order.</param>
    /// <param name="pictures">Pictures that questions begin with; each is encoded and read as the beginning of a question of its own.</param>
    /// <param name="cancellationToken">Stops within one step.</param>
    /// <exception cref="ArgumentException">There is nothing to read.</exception>
    public async Task PrimeAsync(
        string? systemPrompt, IEnumerable<AITool>? tools = null, IEnumerable<DataContent>? pictures = null, CancellationToken cancellationToken = default)
    {
        var engine = await _source.GetAsync(cancellationToken).ConfigureAwait(false);
        var system = Builder(engine).BuildSystem(systemPrompt, tools ?? []);
        var shown = (pictures ?? []).Select(picture => new PictureReader(_options).FromBytes(picture.Data)).ToList();
        if (system is null && shown.Count == 0)
        {
            throw new ArgumentException("There is nothing to prime: expected a system text, functions or pictures.", nameof(systemPrompt));
        }

        if (system is not null)
        {
            await _before.PrimeAsync(engine, null, system, cancellationToken).ConfigureAwait(false);
        }

        foreach (var picture in shown)
        {
            await _before.PrimeAsync(engine, null, new Prompt([.. system?.Turns ?? [], ChatPromptRenderer.BeginningWith(picture)]), cancellationToken).ConfigureAwait(false);
        }
    }

    /// <summary>Reads a conversation (or finds it read) and returns the state at its end, before an answer is opened. The engine can save it, fork it and go on from it.</summary>
    /// <param name="messages">The conversation.</param>
    /// <param name="options">Functions, instructions and whatever else decides what is read.</param>
    /// <param name="cancellationToken">Stops within one step.</param>
    /// <exception cref="ArgumentException">There is nothing in the conversation.</exception>
    public async Task<StateSnapshot> CaptureAsync(IEnumerable<ChatMessage> messages, ChatOptions? options = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(messages);
        options ??= new ChatOptions();
        var engine = await _source.GetAsync(cancellationToken).ConfigureAwait(false);
        var (from, unread, scope) = await PrefixAsync(engine, messages, options, cancellationToken).ConfigureAwait(false);
        return unread is null
            ? from ?? throw new ArgumentException("There is nothing to read in the conversation.", nameof(messages))
            : await ReadBeforehand.CaptureAsync(engine, from, unread, scope, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>
    /// Gives a snapshot a name that requests may give as <see cref="ChatOptions.ConversationId"/>: they go on from it and hold only what is new. Their answers then come with an
    /// id of their own, for the next turn. Any number of conversations may begin at one snapshot.
    /// </summary>
    /// <param name="conversationId">The name; what it meant before is forgotten.</param>
    /// <param name="snapshot">The state: captured, or loaded from a file.</param>
    /// <param name="toolsRead">The functions it was captured with: requests that offer them do not show them again.</param>
    /// <param name="cacheScope">Whose it is: requests of other scopes do not find it. null is everybody's.</param>
    public void NameSnapshot(string conversationId, StateSnapshot snapshot, IEnumerable<AITool>? toolsRead = null, string? cacheScope = null)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(conversationId);
        ArgumentNullException.ThrowIfNull(snapshot);
        _before.Conversations.Name(conversationId, new KeptConversation(snapshot, [], cacheScope, toolsRead?.Select(static tool => tool.Name).ToHashSet(StringComparer.Ordinal)));
    }

#pragma warning disable RS0026 // the overloads differ in their first parameter, so an added option can not make a call ambiguous

    /// <summary>
    /// Forgets everything of a tenant: what was read for it, in memory and in every store, its encoded pictures, its conversations and snapshots under ids. A request that runs
    /// meanwhile is not disturbed, and what it goes on to read may be kept again.
    /// </summary>
    /// <param name="cacheScope">The tenant, as its requests name it.</param>
    /// <param name="cancellationToken">Ends the wait, not the forgetting.</param>
    public async Task ForgetAsync(string cacheScope, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(cacheScope);
        _before.Conversations.RemoveScope(cacheScope);
        var engine = await _source.GetAsync(cancellationToken).ConfigureAwait(false);
        await engine.ForgetAsync(cacheScope, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>
    /// Forgets a conversation: the kept states of everything behind its system turn, in memory and in every store, and its pictures; and the id that the options give.
    /// Branches that went on from it go too, as far as memory knows them: give the longest form of each.
    /// </summary>
    /// <param name="messages">The whole conversation, with its answers; or what was said after the id.</param>
    /// <param name="options">As in its requests: functions, instructions, tenant.</param>
    /// <param name="cancellationToken">Ends the wait, not the forgetting.</param>
    public async Task ForgetAsync(IEnumerable<ChatMessage> messages, ChatOptions? options = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(messages);
        options ??= new ChatOptions();
        var engine = await _source.GetAsync(cancellationToken).ConfigureAwait(false);
        var (from, unread, scope) = await PrefixAsync(engine, messages, options, cancellationToken).ConfigureAwait(false);
        if (options.ConversationId is { } conversation)
        {
            _before.Conversations.Remove(conversation);
        }

        if (unread is not null)
        {
            var system = unread.Turns[0].Segments[0] is TextSegment { Text: var text } && text.StartsWith("System: ", StringComparison.Ordinal) ? 1 : 0;
            await engine.ForgetAsync(from, unread, system, scope, cancellationToken).ConfigureAwait(false);
        }
    }

#pragma warning restore RS0026

    /// <inheritdoc/>
    public object? GetService(Type serviceType, object? serviceKey = null)
    {
        ArgumentNullException.ThrowIfNull(serviceType);
        return serviceKey is not null ? null
            : serviceType == typeof(ChatClientMetadata) ? Metadata
            : serviceType == typeof(RwkvEngine) ? _source.Loaded
            : serviceType.IsInstanceOfType(this) ? this
            : null;
    }

    /// <summary>Frees the model, where the client loaded it. One that a container made leaves that to the container.</summary>
    public void Dispose()
    {
        if (_ownsSource)
        {
            _source.Dispose();
        }
    }

    /// <summary>Reads the system texts of all personas.</summary>
    internal async Task PrimePersonasAsync(CancellationToken cancellationToken)
    {
        var engine = await _source.GetAsync(cancellationToken).ConfigureAwait(false);
        foreach (var persona in _options.Personas.Values)
        {
            await _before.ResumeAsync(engine, Builder(engine), kept: null, persona, cancellationToken).ConfigureAwait(false);
        }
    }

    private async IAsyncEnumerable<ChatResponseUpdate> StreamAsync(IEnumerable<ChatMessage> messages, ChatOptions? options, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        options ??= new ChatOptions();
        var engine = await _source.GetAsync(cancellationToken).ConfigureAwait(false);
        var (settings, scope, kept, persona) = Read(engine, options);
        var keeps = kept is not null || _before.Conversations.IsEnabled;
        messages = keeps ? [.. kept?.Messages ?? [], .. messages] : messages;
        var request = await Builder(engine).BuildAsync(messages, options, settings, persona?.SystemPrompt, scope, kept?.ToolsRead, cancellationToken).ConfigureAwait(false);
        request = request with { Resume = await _before.ResumeAsync(engine, Builder(engine), kept, persona, cancellationToken).ConfigureAwait(false) };
        LogRequest(request, options);

        var stream = new AnswerStream(engine, request, ModelId);
        var updates = new List<ChatResponseUpdate>();
        await foreach (var update in stream.ReadAsync(cancellationToken).ConfigureAwait(false))
        {
            updates.Add(update);
            if (update.FinishReason is { } reason)
            {
                LogAnswer(stream.Answer!, reason.Value);
                if (request.History?.With(updates.SelectMany(static u => u.Contents)) is { } history)
                {
                    // Before the caller hears of the end: a request that comes at once finds it under way.
                    var (from, unread) = request.Resume(history);
                    engine.ReadAhead(unread, from, scope);
                }

                update.ConversationId = keeps ? _before.Conversations.Add(new KeptConversation(kept?.From, [.. messages, .. updates.ToChatResponse().Messages], scope, kept?.ToolsRead)) : null;
            }

            yield return update;
        }
    }

    /// <summary>A conversation as a prefix: what was read of it beforehand, what is left (null for nothing), and whose it is.</summary>
    private async ValueTask<(StateSnapshot? From, Prompt? Unread, string? CacheScope)> PrefixAsync(
        RwkvEngine engine, IEnumerable<ChatMessage> messages, ChatOptions options, CancellationToken cancellationToken)
    {
        var (settings, scope, kept, persona) = Read(engine, options);
        var builder = Builder(engine);
        var resume = await _before.ResumeAsync(engine, builder, kept, persona, cancellationToken).ConfigureAwait(false);
        if (await builder.BuildPrefixAsync([.. kept?.Messages ?? [], .. messages], options, settings, persona?.SystemPrompt, kept?.ToolsRead, cancellationToken).ConfigureAwait(false) is not { } prompt)
        {
            return (kept?.From, null, scope);
        }

        var (from, unread) = resume(prompt);
        return (from, unread, scope);
    }

    private AnswerRequestBuilder Builder(RwkvEngine engine) => new(_options, engine.Model, ModelId, _constraints, _logger);

    private (RwkvPromptExecutionSettings Settings, string? CacheScope, KeptConversation? Kept, RwkvPersona? Persona) Read(RwkvEngine engine, ChatOptions options)
    {
        var settings = Builder(engine).SettingsOf(options, this);
        var scope = settings.CacheScope ?? _options.CurrentCacheScope?.Invoke();
        var kept = (options.ConversationId ?? settings.ConversationId) is { } conversation ? _before.Conversations.Get(conversation, scope) : null;
        var persona = settings.Persona is { Length: > 0 } named ? _before.Persona(named) : _persona is not null && kept?.From is null ? _before.Persona(_persona) : null;
        return persona is null || kept?.From is null
            ? (settings, scope, kept, persona)
            : throw new ArgumentException("A request goes on from a snapshot or is a persona's, not both: what a persona begins with comes before everything else.", nameof(options));
    }

    private void LogRequest(AnswerRequest request, ChatOptions? options)
    {
        if (_logger.IsEnabled(LogLevel.Debug))
        {
            var images = request.Prompt.Turns.Sum(static turn => turn.Segments.Count(static segment => segment is ImageSegment));
            RwkvLog.Answering(_logger, request.Prompt.Turns.Count, images, request.Callable.Count, options?.ToolMode?.GetType().Name ?? "unset");
        }

        if (_logger.IsEnabled(LogLevel.Trace))
        {
            RwkvLog.Prompt(_logger, string.Concat(request.Prompt.Turns.SelectMany(static turn => turn.Segments).Select(static segment => segment is TextSegment t ? t.Text : "<image>")));
        }
    }

    private void LogAnswer(RwkvAnswer answer, string finishReason)
    {
        var usage = answer.Usage;
        RwkvLog.Usage(_logger, usage.PromptPositions, usage.ReusedPositions, usage.GeneratedTokens, usage.PromptPositions + usage.GeneratedTokens);
        RwkvLog.Answered(_logger, finishReason, usage.TimeToFirstToken, usage.TotalTime);
        if (_logger.IsEnabled(LogLevel.Trace))
        {
            RwkvLog.Answer(_logger, answer.Text);
        }
    }
}
