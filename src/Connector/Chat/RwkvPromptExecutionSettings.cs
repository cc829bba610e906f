using System.Collections.ObjectModel;
using System.Text.Json.Serialization;
using Microsoft.Extensions.AI;
using Microsoft.SemanticKernel;

namespace RwkvSk.Connector;

/// <summary>
/// Settings of one request to an RWKV model. Every setting may be left out; the service's <see cref="RwkvOptions"/> then decide.
/// The JSON names are the ones Semantic Kernel and Microsoft.Extensions.AI use, so the same <c>execution_settings</c> work with other connectors.
/// </summary>
[JsonNumberHandling(JsonNumberHandling.AllowReadingFromString)]
public sealed class RwkvPromptExecutionSettings : PromptExecutionSettings
{
    /// <summary>Flattens (above 1) or sharpens (below 1) the choice of tokens; 0 always takes the most likely one.</summary>
    /// <value>null by default; not negative.</value>
    [JsonPropertyName("temperature")]
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public float? Temperature { get; set => Set(ref field, value); }

    /// <summary>Keeps the most likely tokens until their probabilities sum to this; applied before the temperature, as RWKV does.</summary>
    /// <value>null by default; from 0 to 1.</value>
    [JsonPropertyName("top_p")]
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public float? TopP { get; set => Set(ref field, value); }

    /// <summary>Keeps at most this many tokens; 0 keeps all.</summary>
    /// <value>null by default; not negative.</value>
    [JsonPropertyName("top_k")]
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public int? TopK { get; set => Set(ref field, value); }

    /// <summary>Subtracted from the logit of every token that was generated before.</summary>
    /// <value>null by default.</value>
    [JsonPropertyName("presence_penalty")]
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public float? PresencePenalty { get; set => Set(ref field, value); }

    /// <summary>Subtracted once per earlier occurrence of a token, fading by <see cref="PenaltyDecay"/>.</summary>
    /// <value>null by default.</value>
    [JsonPropertyName("frequency_penalty")]
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public float? FrequencyPenalty { get; set => Set(ref field, value); }

    /// <summary>How much of an occurrence is left after one more token.</summary>
    /// <value>null by default; from 0 to 1.</value>
    [JsonPropertyName("penalty_decay")]
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public float? PenaltyDecay { get; set => Set(ref field, value); }

    /// <summary>Equal seeds give equal answers to equal prompts.</summary>
    /// <value>null by default: a fresh seed for each request.</value>
    [JsonPropertyName("seed")]
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public long? Seed { get; set => Set(ref field, value); }

    /// <summary>Most tokens to generate; the finish reason is then "length".</summary>
    /// <value>null by default; at least 1.</value>
    [JsonPropertyName("max_tokens")]
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public int? MaxTokens { get; set => Set(ref field, value); }

    /// <summary>Texts that end the answer, besides the model's own. None of them is part of it.</summary>
    /// <value>null by default.</value>
    [JsonPropertyName("stop_sequences")]
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public IList<string>? StopSequences { get; set => Set(ref field, value); }

    /// <summary>
    /// What the answer must look like: "text", "json_object", a JSON Schema (<see cref="System.Text.Json.JsonElement"/>), OpenAI's
    /// <c>{"type":"json_schema",…}</c>, a <see cref="Type"/>, or a <see cref="ChatResponseFormat"/>.
    /// </summary>
    /// <value>null by default: free text.</value>
    [JsonPropertyName("response_format")]
    [JsonConverter(typeof(ResponseFormatJsonConverter))]
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public object? ResponseFormat { get; set => Set(ref field, value); }

    /// <summary>How much a thinking model may think: "none", "low", "medium", "high" or "xhigh". Only for models that were trained to think.</summary>
    /// <value>null by default: the answer begins at once.</value>
    [JsonPropertyName("reasoning_effort")]
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? ReasoningEffort { get; set => Set(ref field, value); }

    /// <summary>The system text for histories that have none.</summary>
    /// <value>null by default.</value>
    [JsonPropertyName("chat_system_prompt")]
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? ChatSystemPrompt { get; set => Set(ref field, value); }

    /// <summary>Who the model is to be for this request: the name of one of <see cref="RwkvOptions.Personas"/>.</summary>
    /// <value>null by default: nobody in particular, or who the client is.</value>
    [JsonPropertyName("persona")]
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? Persona { get; set => Set(ref field, value); }

    /// <summary>
    /// What the messages go on from: the name of a snapshot (<see cref="RwkvChatClient.NameSnapshot"/>), or the id that came with an earlier answer. The messages are then only what is new.
    /// </summary>
    /// <value>null by default: the messages are the whole conversation. That costs no more, since what was read before is found by its content.</value>
    [JsonPropertyName("conversation_id")]
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? ConversationId { get; set => Set(ref field, value); }

    /// <summary>Who may share what was read: requests with equal scopes do, others never. An application with several tenants names one for each.</summary>
    /// <value>null by default: what <see cref="RwkvOptions.CurrentCacheScope"/> says, else shared by all requests that name none.</value>
    [JsonPropertyName("cache_scope")]
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? CacheScope { get; set => Set(ref field, value); }

    /// <summary>Whether the answer is read for the conversation's next turn when it has ended: false spares that where no next turn is expected.</summary>
    /// <value>null by default: <see cref="RwkvOptions.ReadAhead"/> decides; image-to-text does not.</value>
    [JsonPropertyName("read_ahead")]
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public bool? ReadAhead { get; set => Set(ref field, value); }

    /// <summary>What image-to-text asks about the picture.</summary>
    /// <value>null by default: <see cref="RwkvOptions.CaptionPrompt"/>.</value>
    [JsonPropertyName("prompt")]
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? Prompt { get; set => Set(ref field, value); }

    /// <summary>Reads any execution settings as these.</summary>
    /// <param name="settings">null gives new settings; settings of this type come back as they are. The argument is never changed.</param>
    /// <exception cref="ArgumentException">A value cannot be read as its setting.</exception>
    public static RwkvPromptExecutionSettings FromExecutionSettings(PromptExecutionSettings? settings) => settings switch
    {
        null => new(),
        RwkvPromptExecutionSettings same => same,
        _ => SettingsReader.Read(settings),
    };

    /// <inheritdoc/>
    public override void Freeze()
    {
        if (IsFrozen)
        {
            return;
        }

        if (StopSequences is { } stops)
        {
            StopSequences = new ReadOnlyCollection<string>([.. stops]);
        }

        base.Freeze();
    }

    /// <inheritdoc/>
    public override PromptExecutionSettings Clone() => new RwkvPromptExecutionSettings
    {
        ServiceId = ServiceId,
        ModelId = ModelId,
        FunctionChoiceBehavior = FunctionChoiceBehavior,
        ExtensionData = ExtensionData is null ? null : new Dictionary<string, object>(ExtensionData),
        Temperature = Temperature,
        TopP = TopP,
        TopK = TopK,
        PresencePenalty = PresencePenalty,
        FrequencyPenalty = FrequencyPenalty,
        PenaltyDecay = PenaltyDecay,
        Seed = Seed,
        MaxTokens = MaxTokens,
        StopSequences = StopSequences is null ? null : [.. StopSequences],
        ResponseFormat = ResponseFormat,
        ReasoningEffort = ReasoningEffort,
        ChatSystemPrompt = ChatSystemPrompt,
        Persona = Persona,
        ConversationId = ConversationId,
        CacheScope = CacheScope,
        ReadAhead = ReadAhead,
        Prompt = Prompt,
    };

    /// <summary>Carries the settings with no name in <see cref="ChatOptions"/> through pipelines that go by way of it.</summary>
    protected override void PrepareChatOptionsForRequest(ChatOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        options.ResponseFormat = ResponseFormats.Normalize(ResponseFormat) ?? options.ResponseFormat;
        options.AdditionalProperties?.Remove("response_format");
        options.RawRepresentationFactory = _ => this;
    }

    private void Set<T>(ref T location, T value)
    {
        ThrowIfFrozen();
        location = value;
    }
}
