using System.Runtime.CompilerServices;
using Microsoft.Extensions.AI;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using RwkvSk.Connector.Diagnostics;
using RwkvSk.Connector.Hosting;
using RwkvSk.Engine;
using RwkvSk.Engine.Prompts;

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
    private readonly AnswerConstraints _constraints = new();
    private readonly ConversationStore _conversations;

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
        _conversations = new ConversationStore(options.KeptConversations);
        ModelId = options.EffectiveModelId;
        Metadata = new ChatClientMetadata("rwkv", defaultModelId: ModelId);
        _logger = (loggers ?? NullLoggerFactory.Instance).CreateLogger<RwkvChatClient>();
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

    private async IAsyncEnumerable<ChatResponseUpdate> StreamAsync(IEnumerable<ChatMessage> messages, ChatOptions? options, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        var engine = await _source.GetAsync(cancellationToken).ConfigureAwait(false);
        messages = options?.ConversationId is { } conversation ? [.. _conversations.Get(conversation), .. messages] : _conversations.IsEnabled ? [.. messages] : messages;
        var request = await new AnswerRequestBuilder(_options, engine.Model, ModelId, _constraints, _logger).BuildAsync(messages, options, this, cancellationToken).ConfigureAwait(false);
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
                    engine.ReadAhead(history, cacheScope: request.Generation.CacheScope);
                }

                update.ConversationId = _conversations.IsEnabled ? _conversations.Add([.. messages, .. updates.ToChatResponse().Messages]) : null;
            }

            yield return update;
        }
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
