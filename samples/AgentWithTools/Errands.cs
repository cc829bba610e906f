using Microsoft.Agents.AI;
using Microsoft.Extensions.AI;
using Microsoft.Extensions.DependencyInjection;

namespace RwkvSk.Samples.AgentWithTools;

/// <summary>
/// What the agent is asked to do. It prints what the model says, whatever that is. Where the model answers without calling the function an errand needs, it is
/// asked again with the call required, which it cannot refuse; the trace says so.
/// </summary>
internal sealed class Errands(Arguments arguments, Tracer model, TextReader input, TextWriter output)
{
    private readonly Room _room = new(arguments.Pictures);
    private int _asked;

    /// <summary>Runs them all.</summary>
    /// <returns>Whether every function was reached and a picture from a function was read.</returns>
    public async Task<bool> RunAsync()
    {
        await output.WriteLineAsync($"pictures {string.Join(", ", arguments.Pictures.Keys)}");
        await using var services = new ServiceCollection().BuildServiceProvider();
        var agent = new ChatClientAgent(model, "You are a helpful assistant.", "goose", tools: _room.Tools, services: services);

        foreach (var (place, path) in arguments.Pictures)
        {
            await HeadingAsync($"A picture from the folder: {place}.");
            await AskAsync(agent, await agent.CreateSessionAsync(), [await PictureAsync(path), new TextContent("Describe the picture.")]);
        }

        await HeadingAsync("A function returns a picture, and the model sees it in the next round.");
        var (first, shown) = arguments.Pictures.First();
        var looking = await agent.CreateSessionAsync();
        var looked = await ReachAsync(agent, looking, "camera_look", [new TextContent($"Take a picture of the {first}.")]);
        var seen = model.Pictures > 0;   // the question had none: it came from the function
        await AskAsync(agent, looking, [new TextContent("How many objects are there?")]);

        await HeadingAsync("A function that needs no permission.");
        var recorded = await ReachAsync(agent, await agent.CreateSessionAsync(), "log_record_count", [new TextContent("Record the count: 3.")]);

        await HeadingAsync("A function that changes something: you are asked first.");
        var turned = await ReachAsync(agent, await agent.CreateSessionAsync(), "lamp_set_color", [await PictureAsync(shown), new TextContent("Turn the lamp to the color of the object.")]);

        await HeadingAsync("What was done");
        await output.WriteLineAsync(_room.Done.Count == 0 ? "done     nothing" : string.Join(Environment.NewLine, _room.Done.Select(static line => $"done     {line}")));
        return looked && seen && recorded && turned;
    }

    private async Task<bool> ReachAsync(ChatClientAgent agent, AgentSession session, string function, AIContent[] question)
    {
        var before = Reached(function);
        await AskAsync(agent, session, question);
        if (Reached(function) == before)
        {
            await output.WriteLineAsync($"         The model did not call {function} by itself; now the call is required.");
            await AskAsync(agent, session, [new TextContent($"Call {function}.")], ChatToolMode.RequireSpecific(function));
        }

        return Reached(function) > before;
    }

    /// <summary>How often a function ran, or permission for it was asked.</summary>
    private int Reached(string function) => function == "lamp_set_color" ? _asked : _room.Done.Count(line => line.StartsWith(function, StringComparison.Ordinal));

    private async Task AskAsync(ChatClientAgent agent, AgentSession session, AIContent[] question, ChatToolMode? mode = null)
    {
        await output.WriteLineAsync($"you      {string.Join(' ', question.Select(static content => content is TextContent text ? text.Text : "[picture]"))}");
        var message = new ChatMessage(ChatRole.User, [.. question]);
        while (true)
        {
            var options = new ChatClientAgentRunOptions(new ChatOptions { Temperature = 0, MaxOutputTokens = 96, ToolMode = mode });
            var response = await agent.RunAsync(message, session, options);
            var requests = response.Messages.SelectMany(static m => m.Contents).OfType<ToolApprovalRequestContent>().ToList();
            if (requests.Count == 0)
            {
                await output.WriteLineAsync($"agent    {response.Text}");
                return;
            }

            var answers = new List<AIContent>();
            foreach (var request in requests)
            {
                answers.Add(request.CreateResponse(await AllowAsync((FunctionCallContent)request.ToolCall)));
            }

            // What was required has been called; what is left is to go on from the answer.
            (message, mode) = (new ChatMessage(ChatRole.User, answers), null);
        }
    }

    /// <summary>Asks whoever sits at the keyboard. No answer is no.</summary>
    private async Task<bool> AllowAsync(FunctionCallContent call)
    {
        _asked++;
        await output.WriteAsync($"approve? {call.Name} {Tracer.Describe(call)} [y/n] ");
        await output.FlushAsync();
        var allowed = (await input.ReadLineAsync())?.Trim() is "y" or "Y" or "yes";
        await output.WriteLineAsync(allowed ? "allowed" : "refused");
        return allowed;
    }

    private Task HeadingAsync(string text) => output.WriteLineAsync($"{Environment.NewLine}{text}");

    private static async Task<DataContent> PictureAsync(string path) => new(await File.ReadAllBytesAsync(path), "image/png");   // any format: the bytes decide
}
