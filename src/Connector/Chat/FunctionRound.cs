using System.Text.Json;
using Microsoft.Extensions.AI;
using Microsoft.SemanticKernel;
using RwkvSk.Connector.Prompting;
using FunctionCallContent = Microsoft.Extensions.AI.FunctionCallContent;

namespace RwkvSk.Connector;

/// <summary>What one round of a conversation offers the model, and what happens to its calls.</summary>
internal sealed class FunctionRound
{
    private readonly Dictionary<string, KernelFunction> _byName;
    private readonly bool _retainArgumentTypes;

    private FunctionRound(int index, IReadOnlyList<KernelFunction> shown, IReadOnlyList<KernelFunction> callable, ChatToolMode? mode, bool autoInvoke, FunctionChoiceBehaviorOptions? options)
    {
        (Index, Shown, Mode, AutoInvoke, Options) = (index, shown, mode, autoInvoke, options ?? new());
        _byName = callable.GroupBy(static function => ((AITool)function).Name).ToDictionary(static same => same.Key, static same => same.First(), StringComparer.Ordinal);
        _retainArgumentTypes = Options.RetainArgumentTypes;
    }

    /// <summary>The request's number in its conversation turn, from 0.</summary>
    public int Index { get; }

    /// <summary>The functions the prompt shows. They stay through the rounds, also where none may be called: taking them out would make the model read everything again.</summary>
    public IReadOnlyList<KernelFunction> Shown { get; }

    /// <summary>Whether the model may or must call; null where nothing is offered.</summary>
    public ChatToolMode? Mode { get; }

    /// <summary>Whether calls are invoked here.</summary>
    public bool AutoInvoke { get; }

    /// <summary>The behaviour's options.</summary>
    public FunctionChoiceBehaviorOptions Options { get; }

    /// <summary>Asks the settings' behaviour what this round is to offer.</summary>
    /// <param name="settings">The settings.</param>
    /// <param name="context">The round.</param>
    /// <param name="before">The round before; null in the first.</param>
    /// <param name="mayInvoke">Whether the limits still allow to invoke.</param>
    /// <exception cref="KernelException">The behaviour names a function that is not there, or wants to invoke without a kernel.</exception>
    public static FunctionRound Configure(PromptExecutionSettings settings, FunctionChoiceBehaviorConfigurationContext context, FunctionRound? before, bool mayInvoke)
    {
        if (settings.FunctionChoiceBehavior is not { } behavior)
        {
            return new FunctionRound(context.RequestSequenceIndex, [], [], null, autoInvoke: false, null);
        }

        var configuration = behavior.GetConfiguration(context);
        var callable = configuration.Functions ?? [];
        var shown = callable.Count > 0 ? callable : before?.Shown ?? [];
        ChatToolMode mode = callable.Count == 0 || configuration.Choice == FunctionChoice.None ? ChatToolMode.None
            : configuration.Choice == FunctionChoice.Required ? (callable.Count == 1 ? ChatToolMode.RequireSpecific(((AITool)callable[0]).Name) : ChatToolMode.RequireAny)
            : ChatToolMode.Auto;
        return new FunctionRound(
            context.RequestSequenceIndex, shown, callable, shown.Count > 0 ? mode : null, configuration.AutoInvoke && mayInvoke && context.Kernel is not null, configuration.Options);
    }

    /// <summary>The function advertised under a name; null for any other.</summary>
    public KernelFunction? Find(string name) => _byName.GetValueOrDefault(name);

    /// <summary>The plugin's and the function's own names. What was never advertised keeps the name the model gave.</summary>
    public (string? Plugin, string Function) NameOf(string name) => Find(name) is { } function ? (function.PluginName, function.Name) : (null, name);

    /// <summary>A call's arguments as the behaviour wants them: strings, which filters expect, or JSON values.</summary>
    public KernelArguments Arguments(FunctionCallContent call)
    {
        var arguments = new KernelArguments();
        foreach (var (name, value) in call.Arguments ?? new Dictionary<string, object?>())
        {
            arguments[name] = value is JsonElement { ValueKind: JsonValueKind.Null } ? null : _retainArgumentTypes ? value : value?.ToString();
        }

        return arguments;
    }

    /// <summary>A call's arguments as the model wrote them.</summary>
    public static string ArgumentsJson(FunctionCallContent call) => call.RawRepresentation is AnswerCall written ? written.Json : JsonSerializer.Serialize(call.Arguments, AIJsonUtilities.DefaultOptions);
}
