using System.Runtime.CompilerServices;
using System.Text;
using Microsoft.Extensions.AI;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.SemanticKernel;
using Microsoft.SemanticKernel.ChatCompletion;
using Microsoft.SemanticKernel.Services;
using Microsoft.SemanticKernel.TextGeneration;
using RwkvSk.Connector.Diagnostics;
using FunctionCallContent = Microsoft.SemanticKernel.FunctionCallContent;
using TextContent = Microsoft.SemanticKernel.TextContent;

namespace RwkvSk.Connector;

/// <summary>
/// A local RWKV model as Semantic Kernel's chat completion, with Semantic Kernel's own function calling: behaviours, filters, results back to the
/// model until it answers. Calls and results are added to the given history, the final answer is not. Safe from any thread.
/// </summary>
public sealed class RwkvChatCompletionService : IChatCompletionService, ITextGenerationService, IChatClient
{
    /// <summary>Rounds of calls that are invoked for one answer.</summary>
    internal const int MaximumRounds = 128;

    // Functions that ask this service again, which calls functions, …: the depth is followed through the calls of one flow.
    private static readonly AsyncLocal<int> Depth = new();

    private readonly RwkvChatClient _leaf;
    private readonly IChatClient _client;
    private readonly ILogger _logger;
    private readonly Dictionary<string, object?> _attributes;

    /// <summary>Creates a service that loads the model with its first request, and frees it when it is disposed.</summary>
    /// <param name="options">Which model, and how it runs.</param>
    /// <exception cref="ArgumentException">The options name no model, or are wrong.</exception>
    public RwkvChatCompletionService(RwkvOptions options)
        : this(options, loggers: null)
    {
    }

    /// <summary>Creates a service that loads the model with its first request, and frees it when it is disposed.</summary>
    /// <param name="options">Which model, and how it runs.</param>
    /// <param name="loggers">Where to log; null logs nothing.</param>
    /// <exception cref="ArgumentException">The options name no model, or are wrong.</exception>
    public RwkvChatCompletionService(RwkvOptions options, ILoggerFactory? loggers)
        : this(new RwkvChatClient(options, loggers), loggers)
    {
    }

    /// <summary>Creates a service over a client, whose model it shares. Disposing it disposes the client.</summary>
    /// <param name="client">The client.</param>
    public RwkvChatCompletionService(RwkvChatClient client)
        : this(client, loggers: null)
    {
    }

    internal RwkvChatCompletionService(RwkvChatClient client, ILoggerFactory? loggers)
    {
        ArgumentNullException.ThrowIfNull(client);
        loggers ??= NullLoggerFactory.Instance;
        _leaf = client;
        _logger = loggers.CreateLogger<RwkvChatCompletionService>();
        _client = Pipelines.Observed(client, loggers);
        _attributes = new Dictionary<string, object?> { [AIServiceExtensions.ModelIdKey] = client.ModelId };
    }

    /// <inheritdoc/>
    public IReadOnlyDictionary<string, object?> Attributes => _attributes;

    /// <inheritdoc/>
    public async Task<IReadOnlyList<ChatMessageContent>> GetChatMessageContentsAsync(
        ChatHistory chatHistory, PromptExecutionSettings? executionSettings = null, Kernel? kernel = null, CancellationToken cancellationToken = default)
    {
        var settings = Check(chatHistory, executionSettings, cancellationToken);
        FunctionRound? round = null;
        while (true)
        {
            round = NextRound(round, executionSettings, settings, chatHistory, kernel);
            var response = await _client.GetResponseAsync(KernelMessages.Read(chatHistory), Options(settings, round), cancellationToken).ConfigureAwait(false);
            var message = new KernelAnswers(round).Message(response);
            var (goesOn, last) = await ProcessAsync(chatHistory, message, round, executionSettings, kernel, isStreaming: false, cancellationToken).ConfigureAwait(false);
            if (!goesOn)
            {
                return [last];
            }
        }
    }

    /// <inheritdoc/>
    public IAsyncEnumerable<StreamingChatMessageContent> GetStreamingChatMessageContentsAsync(
        ChatHistory chatHistory, PromptExecutionSettings? executionSettings = null, Kernel? kernel = null, CancellationToken cancellationToken = default)
    {
        var settings = Check(chatHistory, executionSettings, cancellationToken);
        return StreamAsync(chatHistory, executionSettings, settings, kernel, cancellationToken);
    }

    /// <inheritdoc/>
    public async Task<IReadOnlyList<TextContent>> GetTextContentsAsync(
        string prompt, PromptExecutionSettings? executionSettings = null, Kernel? kernel = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(prompt);
        var messages = await GetChatMessageContentsAsync(new ChatHistory(prompt, AuthorRole.User), executionSettings, kernel, cancellationToken).ConfigureAwait(false);
        return [.. messages.Select(static message => new TextContent(message.Content, message.ModelId, message.InnerContent, Encoding.UTF8, message.Metadata))];
    }

    /// <inheritdoc/>
    public async IAsyncEnumerable<StreamingTextContent> GetStreamingTextContentsAsync(
        string prompt, PromptExecutionSettings? executionSettings = null, Kernel? kernel = null, [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(prompt);
        await foreach (var chunk in GetStreamingChatMessageContentsAsync(new ChatHistory(prompt, AuthorRole.User), executionSettings, kernel, cancellationToken).ConfigureAwait(false))
        {
            yield return new StreamingTextContent(chunk.Content, chunk.ChoiceIndex, chunk.ModelId, chunk.InnerContent, Encoding.UTF8, chunk.Metadata);
        }
    }

    /// <inheritdoc/>
    Task<ChatResponse> IChatClient.GetResponseAsync(IEnumerable<ChatMessage> messages, ChatOptions? options, CancellationToken cancellationToken) =>
        _client.GetResponseAsync(messages, options, cancellationToken);

    /// <inheritdoc/>
    IAsyncEnumerable<ChatResponseUpdate> IChatClient.GetStreamingResponseAsync(IEnumerable<ChatMessage> messages, ChatOptions? options, CancellationToken cancellationToken) =>
        _client.GetStreamingResponseAsync(messages, options, cancellationToken);

    /// <inheritdoc/>
    object? IChatClient.GetService(Type serviceType, object? serviceKey)
    {
        ArgumentNullException.ThrowIfNull(serviceType);
        return serviceKey is null && serviceType.IsInstanceOfType(this) ? this : _client.GetService(serviceType, serviceKey);
    }

    /// <summary>Frees the model, where the service loaded it. One that a container made leaves that to the container.</summary>
    public void Dispose() => _leaf.Dispose();

    private RwkvPromptExecutionSettings Check(ChatHistory chatHistory, PromptExecutionSettings? executionSettings, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(chatHistory);
        if (chatHistory.Count == 0)
        {
            throw new ArgumentException("The chat history is empty; expected at least one message.", nameof(chatHistory));
        }

        cancellationToken.ThrowIfCancellationRequested();
        var settings = RwkvPromptExecutionSettings.FromExecutionSettings(executionSettings);
        foreach (var key in settings.ExtensionData?.Keys ?? [])
        {
            RwkvLog.UnknownSetting(_logger, key);
        }

        return settings;
    }

    private async IAsyncEnumerable<StreamingChatMessageContent> StreamAsync(
        ChatHistory history, PromptExecutionSettings? given, RwkvPromptExecutionSettings settings, Kernel? kernel, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        FunctionRound? round = null;
        while (true)
        {
            round = NextRound(round, given, settings, history, kernel);
            var answers = new KernelAnswers(round);
            var updates = new List<ChatResponseUpdate>();
            var calls = 0;
            var stream = _client.GetStreamingResponseAsync(KernelMessages.Read(history), Options(settings, round), cancellationToken);
            await foreach (var update in stream.ConfigureAwait(false))
            {
                updates.Add(update);
                yield return answers.Chunk(update, ref calls);
            }

            var (goesOn, last) = await ProcessAsync(history, answers.Message(updates), round, given, kernel, isStreaming: true, cancellationToken).ConfigureAwait(false);
            if (!goesOn)
            {
                if (last.Role == AuthorRole.Tool)
                {
                    yield return new StreamingChatMessageContent(last.Role, last.Content, modelId: _leaf.ModelId);
                }

                yield break;
            }
        }
    }

    private FunctionRound NextRound(FunctionRound? before, PromptExecutionSettings? given, RwkvPromptExecutionSettings settings, ChatHistory history, Kernel? kernel)
    {
        var index = before is null ? 0 : before.Index + 1;
        var mayInvoke = index < MaximumRounds && Depth.Value < MaximumRounds;
        if (!mayInvoke)
        {
            RwkvLog.RoundLimit(_logger, index);
        }

        var context = new FunctionChoiceBehaviorConfigurationContext(history) { Kernel = kernel, RequestSequenceIndex = index };
        var round = FunctionRound.Configure(given ?? settings, context, before, mayInvoke);
        RwkvLog.FunctionChoice(_logger, index, round.Mode?.GetType().Name ?? "unset", round.Shown.Count, round.AutoInvoke);
        return round;
    }

    /// <summary>Invokes an answer's calls, where there are any and the round says so.</summary>
    /// <returns>Whether the model is to be asked again; otherwise what to return.</returns>
    private async Task<(bool GoesOn, ChatMessageContent Last)> ProcessAsync(
        ChatHistory history, ChatMessageContent message, FunctionRound round, PromptExecutionSettings? settings, Kernel? kernel, bool isStreaming, CancellationToken cancellationToken)
    {
        var calls = message.Items.OfType<FunctionCallContent>().ToList();
        if (calls.Count == 0 || !round.AutoInvoke)
        {
            return (false, message);
        }

        Depth.Value++;
        try
        {
            var ended = await new FunctionInvoker(kernel!, round, settings!, isStreaming, _logger).InvokeAsync(history, message, calls, cancellationToken).ConfigureAwait(false);
            return (ended is null, ended ?? message);
        }
        finally
        {
            Depth.Value--;
        }
    }

    private static ChatOptions Options(RwkvPromptExecutionSettings settings, FunctionRound round) => new()
    {
        ModelId = settings.ModelId,
        Temperature = settings.Temperature,
        TopP = settings.TopP,
        TopK = settings.TopK,
        PresencePenalty = settings.PresencePenalty,
        FrequencyPenalty = settings.FrequencyPenalty,
        Seed = settings.Seed,
        MaxOutputTokens = settings.MaxTokens,
        StopSequences = settings.StopSequences,
        ResponseFormat = ResponseFormats.Normalize(settings.ResponseFormat),
        Tools = round.Shown.Count > 0 ? [.. round.Shown] : null,
        ToolMode = round.Mode,
        AllowMultipleToolCalls = round.Options.AllowParallelCalls,
        ConversationId = settings.ConversationId,
        RawRepresentationFactory = _ => settings,
    };
}
