using System.Globalization;
using System.Text.Json;
using Microsoft.Extensions.AI;
using RwkvSk.Connector;
using RwkvSk.Engine;
using RwkvSk.Engine.Prompts;

namespace RwkvSk.Samples.AgentWithTools;

/// <summary>Stands between the agent and the model and writes down every round: results that come in, what was read, calls that go out.</summary>
internal sealed class Tracer(RwkvChatClient model, TextWriter output) : DelegatingChatClient(model)
{
    private readonly HashSet<string> _seen = [];

    /// <summary>The pictures that the model had before it in the last round.</summary>
    public int Pictures { get; private set; }

    /// <inheritdoc/>
    public override async Task<ChatResponse> GetResponseAsync(IEnumerable<ChatMessage> messages, ChatOptions? options = null, CancellationToken cancellationToken = default)
    {
        var conversation = messages.ToList();
        foreach (var result in conversation.SelectMany(static message => message.Contents).OfType<FunctionResultContent>().Where(result => _seen.Add(result.CallId)))
        {
            await output.WriteLineAsync($"result   {Describe(result)}");
        }

        var response = await base.GetResponseAsync(conversation, options, cancellationToken);
        if (response.RawRepresentation is RwkvAnswer answer)
        {
            await output.WriteLineAsync($"model    {Describe(answer)}");
        }

        foreach (var call in response.Messages.SelectMany(static message => message.Contents).OfType<FunctionCallContent>())
        {
            await output.WriteLineAsync($"call     {call.Name} {Describe(call)}");
        }

        return response;
    }

    /// <summary>A call's arguments.</summary>
    public static string Describe(FunctionCallContent call) => JsonSerializer.Serialize(call.Arguments);

    private string Describe(RwkvAnswer answer)
    {
        Pictures = answer.Prompt.Turns.Sum(static turn => turn.Segments.Count(static segment => segment is ImageSegment));
        var positions = this.GetService<RwkvEngine>()?.Model.PositionsPerImage ?? 0;
        var usage = answer.Usage;
        return string.Create(
            CultureInfo.InvariantCulture,
            $"reads {usage.PromptPositions} positions ({Pictures} pictures of {positions}), {usage.ReusedPositions} of them kept from before; writes {usage.GeneratedTokens} tokens");
    }

    private static string Describe(FunctionResultContent result) =>
        result.Result is null or string ? $"{result.Result}"
        : result.Result is JsonElement { ValueKind: JsonValueKind.String } text ? text.GetString()!
        : "a picture";
}
