using Microsoft.Extensions.AI;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Testing;
using Microsoft.SemanticKernel;
using Microsoft.SemanticKernel.ChatCompletion;
using RwkvSk.Connector.Hosting;
using RwkvSk.Engine;
using RwkvSk.TestKit;
using Xunit;
using FunctionCallContent = Microsoft.Extensions.AI.FunctionCallContent;

namespace RwkvSk.Connector.Tests.Conformance;

/// <summary>A whole connector over the real engine and a model that answers by script.</summary>
internal sealed class Bench : IDisposable
{
    /// <summary>The first bytes of a PNG; a scripted model looks no further.</summary>
    public static readonly byte[] Png = [0x89, (byte)'P', (byte)'N', (byte)'G', 1];

    public static readonly byte[] OtherPng = [0x89, (byte)'P', (byte)'N', (byte)'G', 2];

    public Bench(Action<RwkvOptions>? configure = null, EngineOptions? engine = null, int positionsPerImage = 4, int slots = 4, TimeProvider? time = null)
    {
        Options = new RwkvOptions { ModelPath = "scripted", ModelId = "scripted-model", Sampling = RwkvSk.Engine.Sampling.SamplingOptions.Greedy };
        configure?.Invoke(Options);
        Runner = new ScriptedModelRunner(slots, positionsPerImage);
        Loggers = LoggerFactory.Create(builder => builder.SetMinimumLevel(LogLevel.Trace).AddProvider(new FakeLoggerProvider(Log)));
        Engine = TestEngine.Over(Runner, engine, time: time);
        Leaf = new RwkvChatClient(LazyEngine.Of(Engine), Options, Loggers, ownsSource: false);
        Service = new RwkvChatCompletionService(Leaf, Loggers);
    }

    public ScriptedModelRunner Runner { get; }

    public RwkvEngine Engine { get; }

    public RwkvOptions Options { get; }

    public FakeLogCollector Log { get; } = new();

    public ILoggerFactory Loggers { get; }

    public RwkvChatClient Leaf { get; }

    public RwkvChatCompletionService Service { get; }

    /// <summary>A kernel that has this service.</summary>
    public Kernel Kernel(Action<IKernelBuilder>? configure = null)
    {
        var builder = Microsoft.SemanticKernel.Kernel.CreateBuilder();
        builder.Services.AddSingleton<IChatCompletionService>(Service);
        configure?.Invoke(builder);
        return builder.Build();
    }

    public Task<Reply> AskAsync(Face face, string question, RwkvPromptExecutionSettings? settings = null) => AskAsync(face, new ChatHistory(question, AuthorRole.User), settings);

    public async Task<Reply> AskAsync(
        Face face, ChatHistory history, RwkvPromptExecutionSettings? settings = null, Kernel? kernel = null, CancellationToken cancellationToken = default)
    {
        switch (face)
        {
            case Face.Kernel:
                return Whole(Assert.Single(await Service.GetChatMessageContentsAsync(history, settings, kernel, cancellationToken)));
            case Face.KernelStreaming:
                return Joined(await Service.GetStreamingChatMessageContentsAsync(history, settings, kernel, cancellationToken).ToListAsync(cancellationToken));
            case Face.Client:
                var response = await Leaf.GetResponseAsync(Messages(history), OptionsOf(settings), cancellationToken);
                return Whole(response, [response.Text]);
            default:
                var updates = await Leaf.GetStreamingResponseAsync(Messages(history), OptionsOf(settings), cancellationToken).ToListAsync(cancellationToken);
                return Whole(updates.ToChatResponse(), [.. updates.Select(static u => u.Text)]) with { Inner = updates[^1].RawRepresentation };
        }
    }

    public static ChatOptions? OptionsOf(RwkvPromptExecutionSettings? settings) => settings is null ? null : new ChatOptions
    {
        Temperature = settings.Temperature,
        TopP = settings.TopP,
        TopK = settings.TopK,
        FrequencyPenalty = settings.FrequencyPenalty,
        PresencePenalty = settings.PresencePenalty,
        Seed = settings.Seed,
        MaxOutputTokens = settings.MaxTokens,
        StopSequences = settings.StopSequences,
        ResponseFormat = ResponseFormats.Normalize(settings.ResponseFormat),
        ConversationId = settings.ConversationId,
        AdditionalProperties = new()
        {
            ["chat_system_prompt"] = settings.ChatSystemPrompt,
            ["reasoning_effort"] = settings.ReasoningEffort,
            ["cache_scope"] = settings.CacheScope,
            ["read_ahead"] = settings.ReadAhead,
            ["persona"] = settings.Persona,
        },
    };

    public void Dispose()
    {
        Engine.Dispose();
        Loggers.Dispose();
    }

    /// <summary>Through Semantic Kernel's own conversion, so that the two faces are read independently of each other.</summary>
    private static List<ChatMessage> Messages(ChatHistory history) => [.. history.Select(static message => message.ToChatMessage())];

    private static Reply Whole(ChatMessageContent message) => new(
        string.Concat(message.Items.OfType<Microsoft.SemanticKernel.TextContent>().Select(static t => t.Text)),
        message.Metadata?.GetValueOrDefault("FinishReason") as string,
        message.Metadata?.GetValueOrDefault("Usage") as UsageDetails,
        message.ModelId,
        message.InnerContent,
        [message.Content ?? ""],
        [.. message.Items.OfType<Microsoft.SemanticKernel.FunctionCallContent>().Select(static c => $"{c.PluginName}-{c.FunctionName}")]);

    private static Reply Joined(List<StreamingChatMessageContent> chunks) => new(
        string.Concat(chunks.Select(static c => c.Content)),
        chunks[^1].Metadata?.GetValueOrDefault("FinishReason") as string,
        chunks[^1].Metadata?.GetValueOrDefault("Usage") as UsageDetails,
        chunks[0].ModelId,
        chunks[^1].InnerContent,
        [.. chunks.Select(static c => c.Content ?? "")],
        [.. chunks.SelectMany(static c => c.Items).OfType<StreamingFunctionCallUpdateContent>().Select(static c => c.Name ?? "")]);

    private static Reply Whole(ChatResponse response, IReadOnlyList<string> pieces) => new(
        response.Text,
        response.FinishReason?.Value,
        response.Usage,
        response.ModelId,
        response.RawRepresentation,
        pieces,
        [.. response.Messages.SelectMany(static m => m.Contents).OfType<FunctionCallContent>().Select(static c => c.Name)]);
}
