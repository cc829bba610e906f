using Microsoft.Extensions.AI;
using Microsoft.Extensions.Logging;
using RwkvSk.Connector.Diagnostics;
using RwkvSk.Connector.Prompting;
using RwkvSk.Engine;
using RwkvSk.Engine.Constraints;
using RwkvSk.Engine.Prompts;
using RwkvSk.Engine.Sampling;
using ToolDeclaration = RwkvSk.Connector.Prompting.ToolDeclaration;

namespace RwkvSk.Connector;

/// <summary>Turns messages and chat options into a request to the engine.</summary>
internal sealed class AnswerRequestBuilder(RwkvOptions defaults, ModelDescription model, string modelId, AnswerConstraints constraints, ILogger logger)
{
    private readonly ModelPreset _preset = defaults.Preset ?? model.Preset;

    /// <summary>Builds the request; nothing is generated yet, so everything wrong with the options shows here.</summary>
    /// <param name="messages">The conversation.</param>
    /// <param name="options">What was asked for by name.</param>
    /// <param name="settings">What <see cref="SettingsOf"/> made of them.</param>
    /// <param name="persona">The system text that comes before all others, or null.</param>
    /// <param name="cacheScope">Whose request it is, or null.</param>
    /// <param name="toolsRead">Functions that the model has read about before, or null.</param>
    /// <param name="cancellationToken">Ends the fetching of pictures.</param>
    public async ValueTask<AnswerRequest> BuildAsync(
        IEnumerable<ChatMessage> messages, ChatOptions options, RwkvPromptExecutionSettings settings, string? persona, string? cacheScope, IReadOnlyCollection<string>? toolsRead,
        CancellationToken cancellationToken)
    {
        if (!string.IsNullOrWhiteSpace(options.ModelId) && options.ModelId != modelId)
        {
            throw new ArgumentException($"The model '{options.ModelId}' was asked for; this service runs '{modelId}'.", nameof(options));
        }

        var tools = Tools(options.Tools ?? []);
        var utterances = await ReadAsync(messages, options, settings, persona, cancellationToken).ConfigureAwait(false);
        var renderer = new ChatPromptRenderer(_preset);
        var history = settings.ReadAhead ?? defaults.ReadAhead ? new AnswerHistory(renderer, [.. utterances], tools, toolsRead) : null;
        if (options.ResponseFormat is ChatResponseFormatJson format && options.ToolMode is not RequiredChatToolMode)
        {
            // Last, so that everything before it reads the same in a request without a format.
            utterances.Add(new Utterance(PromptRole.System, SchemaSketch.Instruction(format.Schema)));
        }

        var callable = Callable(options, tools);
        var required = callable.Count > 0 && options.ToolMode is RequiredChatToolMode;
        var thoughtBudget = required || options.ResponseFormat is ChatResponseFormatJson ? null : ThoughtBudget(options, settings);
        var opening = required ? ChatPromptRenderer.CallOpening : thoughtBudget is not null ? $"{ChatPromptRenderer.AnswerOpening} <think" : ChatPromptRenderer.AnswerOpening;
        return new AnswerRequest(
            renderer.Render(utterances, tools, opening, toolsRead),
            Generation(options, settings, ConstraintOf(options, callable, required, thoughtBudget)) with { CacheScope = cacheScope },
            callable,
            Syntax(options, callable, required),
            thoughtBudget,
            history);
    }

    /// <summary>The conversation as a prefix: no answer is opened. null when there is nothing in it.</summary>
    public async ValueTask<Prompt?> BuildPrefixAsync(
        IEnumerable<ChatMessage> messages, ChatOptions options, RwkvPromptExecutionSettings settings, string? persona, IReadOnlyCollection<string>? toolsRead,
        CancellationToken cancellationToken)
    {
        var utterances = await ReadAsync(messages, options, settings, persona, cancellationToken).ConfigureAwait(false);
        var tools = Tools(options.Tools ?? []);
        return utterances.Count > 0 || tools.Count > 0 ? new ChatPromptRenderer(_preset).Render(utterances, tools, opening: null, toolsRead) : null;
    }

    /// <summary>A system turn as requests with this text and these functions begin; null when there is neither.</summary>
    public Prompt? BuildSystem(string? text, IEnumerable<AITool> tools)
    {
        var declared = Tools(tools);
        return string.IsNullOrWhiteSpace(text) && declared.Count == 0
            ? null
            : new ChatPromptRenderer(_preset).Render(string.IsNullOrWhiteSpace(text) ? [] : [new Utterance(PromptRole.System, text)], declared, opening: null);
    }

    private async ValueTask<List<Utterance>> ReadAsync(
        IEnumerable<ChatMessage> messages, ChatOptions options, RwkvPromptExecutionSettings settings, string? persona, CancellationToken cancellationToken)
    {
        var reader = new ConversationReader(new PictureReader(defaults), model.SeesImages, modelId);
        var utterances = await reader.ReadAsync(messages, options.Instructions, cancellationToken).ConfigureAwait(false);
        if (!string.IsNullOrWhiteSpace(settings.ChatSystemPrompt) && !utterances.Exists(static utterance => utterance.Role is PromptRole.System))
        {
            utterances.Insert(0, new Utterance(PromptRole.System, settings.ChatSystemPrompt));
        }

        if (!string.IsNullOrWhiteSpace(persona))
        {
            utterances.Insert(0, new Utterance(PromptRole.System, persona));
        }

        return utterances;
    }

    /// <summary>Settings with no name in <see cref="ChatOptions"/>: from the settings object that a Semantic Kernel pipeline carries along, or by name.</summary>
    public RwkvPromptExecutionSettings SettingsOf(ChatOptions options, IChatClient client)
    {
        if (options.RawRepresentationFactory?.Invoke(client) is RwkvPromptExecutionSettings settings)
        {
            return settings;
        }

        settings = new RwkvPromptExecutionSettings();
        foreach (var (key, value) in options.AdditionalProperties ?? [])
        {
            if (!SettingsReader.TryApply(settings, key, value) && key is not ("strict" or "FunctionChoiceBehavior"))
            {
                RwkvLog.UnknownSetting(logger, key);
            }
        }

        return settings;
    }

    private List<ToolDeclaration> Tools(IEnumerable<AITool> offered)
    {
        var tools = new List<ToolDeclaration>();
        foreach (var tool in offered)
        {
            if (tools.Exists(present => present.Name == tool.Name))
            {
                continue;   // a name can mean one function only: the first
            }

            if (tool is AIFunctionDeclaration function)
            {
                tools.Add(ToolDeclaration.From(function));
            }
            else
            {
                RwkvLog.UnsupportedTool(logger, tool.Name);
            }
        }

        if (tools.Count > 0 && !_preset.Tools)
        {
            RwkvLog.UntrainedOnTools(logger, modelId);
        }

        return tools;
    }

    /// <summary>What may be called, which can be less than what the prompt shows.</summary>
    private static List<ToolDeclaration> Callable(ChatOptions options, List<ToolDeclaration> tools)
    {
        if (options.ToolMode is NoneChatToolMode)
        {
            return [];
        }

        if (options.ToolMode is not RequiredChatToolMode required)
        {
            return tools;
        }

        var callable = required.RequiredFunctionName is { } name ? tools.FindAll(tool => tool.Name == name) : tools;
        return callable.Count > 0
            ? callable
            : throw new ArgumentException(
                $"A call of {(required.RequiredFunctionName is null ? "a function" : $"'{required.RequiredFunctionName}'")} is required; the functions are: {string.Join(", ", tools.Select(static t => t.Name))}.",
                nameof(options));
    }

    private Constraint? ConstraintOf(ChatOptions options, List<ToolDeclaration> callable, bool required, int? thoughtBudget)
    {
        var answer = required ? constraints.Call(callable)
            : options.ResponseFormat is ChatResponseFormatJson json ? constraints.Json(json, callable)
            : callable.Count > 0 && defaults.ConstrainCalls ? constraints.FreeCalls(callable)
            : null;
        return thoughtBudget is { } budget ? new ThoughtConstraint(budget, AnswerParser.ThinkClosing, answer) : answer;
    }

    private static ToolCallSyntax? Syntax(ChatOptions options, List<ToolDeclaration> callable, bool required)
    {
        if (callable.Count == 0)
        {
            return null;
        }

        if (required)
        {
            return ToolCallSyntax.Opened;
        }

        // An answer that has to be JSON begins like a call without its fence: there only the fence makes a call.
        return (options.ResponseFormat is ChatResponseFormatJson ? ToolCallSyntax.Fenced : ToolCallSyntax.Bare)
            | (options.AllowMultipleToolCalls is false ? ToolCallSyntax.Fenced : ToolCallSyntax.Several);
    }

    private GenerationOptions Generation(ChatOptions options, RwkvPromptExecutionSettings settings, Constraint? constraint)
    {
        var maximum = options.MaxOutputTokens ?? settings.MaxTokens ?? defaults.MaximumTokens;
        if (maximum < 1)
        {
            throw new ArgumentException($"max_tokens is {maximum}; expected at least 1.", nameof(options));
        }

        IEnumerable<string> stops = [.. _preset.StopSequences, .. options.StopSequences ?? settings.StopSequences ?? []];
        return new GenerationOptions
        {
            MaximumTokens = maximum,
            StopSequences = [.. stops.Where(static stop => stop.Length > 0).Distinct()],
            Constraint = constraint,
            Sampling = Sampling(options, settings),
        };
    }

    private SamplingOptions Sampling(ChatOptions options, RwkvPromptExecutionSettings settings)
    {
        var sampling = defaults.Sampling with
        {
            Temperature = options.Temperature ?? settings.Temperature ?? defaults.Sampling.Temperature,
            TopP = options.TopP ?? settings.TopP ?? defaults.Sampling.TopP,
            TopK = options.TopK ?? settings.TopK ?? defaults.Sampling.TopK,
            PresencePenalty = options.PresencePenalty ?? settings.PresencePenalty ?? defaults.Sampling.PresencePenalty,
            FrequencyPenalty = options.FrequencyPenalty ?? settings.FrequencyPenalty ?? defaults.Sampling.FrequencyPenalty,
            PenaltyDecay = settings.PenaltyDecay ?? defaults.Sampling.PenaltyDecay,
            Seed = options.Seed ?? settings.Seed ?? defaults.Sampling.Seed,
        };
        Check(sampling.Temperature >= 0 && float.IsFinite(sampling.Temperature), "temperature", sampling.Temperature, "0 or more");
        Check(sampling.TopP is >= 0 and <= 1, "top_p", sampling.TopP, "0 to 1");
        Check(sampling.TopK >= 0, "top_k", sampling.TopK, "0 or more");
        Check(sampling.PenaltyDecay is >= 0 and <= 1, "penalty_decay", sampling.PenaltyDecay, "0 to 1");
        return sampling;
    }

    private static void Check(bool good, string name, float value, string expected)
    {
        if (!good)
        {
            throw new ArgumentException($"{name} is {value}; expected {expected}.", name);
        }
    }

    /// <summary>How many tokens the model may think; null for not at all.</summary>
    private static int? ThoughtBudget(ChatOptions options, RwkvPromptExecutionSettings settings) => options.Reasoning?.Effort switch
    {
        ReasoningEffort.None => null,
        ReasoningEffort.Low => 256,
        ReasoningEffort.Medium => 1024,
        ReasoningEffort.High => 4096,
        ReasoningEffort.ExtraHigh => 16384,
        _ => settings.ReasoningEffort switch
        {
            null or "" or "none" => null,
            "minimal" or "low" => 256,
            "medium" => 1024,
            "high" => 4096,
            "xhigh" => 16384,
            var other => throw new ArgumentException($"reasoning_effort is '{other}'; expected none, low, medium, high or xhigh.", nameof(settings)),
        },
    };
}
