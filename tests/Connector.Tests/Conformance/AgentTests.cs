using Microsoft.Agents.AI;
using Microsoft.Extensions.AI;
using Microsoft.SemanticKernel;
using Microsoft.SemanticKernel.ChatCompletion;
using RwkvSk.Connector.Tests.Prompting;
using Xunit;

namespace RwkvSk.Connector.Tests.Conformance;

/// <summary>O. Agents.</summary>
public class AgentTests
{
    private static string Call => House.Calls(("lamp_now", "{}"));

    /// <summary>
    /// What Semantic Kernel's ChatCompletionAgent does with a service: a history of its own for each invocation, whose new messages it takes over, and
    /// whose last one it makes from what was returned.
    /// </summary>
    [Theory, Item(137)]
    [InlineData(Face.Kernel)]
    [InlineData(Face.KernelStreaming)]
    public async Task A_chat_completion_agent_finds_what_it_relies_on(Face face)
    {
        using var bench = new Bench();
        bench.Runner.When("12:00\n\nAssistant:", " It is noon.").Otherwise(" Let me see. \n" + Call.Trim());
        var (kernel, _) = House.In(bench);
        var thread = new ChatHistory("Time?", AuthorRole.User);
        var settings = new RwkvPromptExecutionSettings { FunctionChoiceBehavior = FunctionChoiceBehavior.Auto() };

        var history = new ChatHistory { new ChatMessageContent(AuthorRole.System, "Be brief.") { AuthorName = "clock" } };
        history.AddRange(thread);
        var start = history.Count;
        IChatCompletionService service = bench.Service;
        if (face is Face.Kernel)
        {
            var messages = await service.GetChatMessageContentsAsync(history, settings, kernel);
            Assert.Equal(start + 2, history.Count);
            Assert.Equal("It is noon.", Assert.Single(messages).Content);
            Assert.DoesNotContain(messages[0], history);
        }
        else
        {
            var text = new System.Text.StringBuilder();
            var seen = start;
            AuthorRole? lastRole = null;
            await foreach (var chunk in service.GetStreamingChatMessageContentsAsync(history, settings, kernel))
            {
                lastRole = chunk.Role ?? lastRole;
                text.Append(chunk.ToString());

                // Calls and results are in the history before the chunk after them comes.
                if (text.ToString().Contains("noon", StringComparison.Ordinal) && seen == start)
                {
                    seen = history.Count;
                    Assert.Equal(start + 2, seen);
                }
            }

            Assert.Equal(AuthorRole.Assistant, lastRole);
            Assert.Equal("Let me see.It is noon.", text.ToString());
            Assert.Equal(start + 2, history.Count);
        }

        Assert.Equal([AuthorRole.Assistant, AuthorRole.Tool], history.Skip(start).Select(static m => m.Role));

        // The agent names the author afterwards; the turn must read the same.
        foreach (var message in history.Skip(start))
        {
            message.AuthorName = "clock";
            thread.Add(message);
        }

        thread.Add(new ChatMessageContent(AuthorRole.Assistant, "It is noon.") { AuthorName = "clock" });
        thread.AddUserMessage("Thanks");
        var next = new ChatHistory { new ChatMessageContent(AuthorRole.System, "Be brief.") { AuthorName = "clock" } };
        next.AddRange(thread);
        bench.Runner.Answer(static prompt => prompt.EndsWith("User: Thanks\n\nAssistant:", StringComparison.Ordinal) ? " Bye." : null);
        var reply = await bench.AskAsync(Face.Client, next);
        Assert.DoesNotContain("clock", string.Concat(PromptText.Turns(reply.Answer.Prompt)), StringComparison.Ordinal);
    }

    [Theory, Item(138)]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_chat_client_agent_runs_on_the_client(bool streaming)
    {
        using var bench = new Bench();
        bench.Runner.When("12:00\n\nAssistant:", " It is noon.").When("User: Thanks\n\nAssistant:", " Bye.").Otherwise(Call);
        var (kernel, house) = House.In(bench);
        var agent = new ChatClientAgent(bench.Leaf, instructions: "Be brief.", name: "clock", tools: [.. kernel.Plugins.SelectMany(static p => p)], services: kernel.Services);
        var session = await agent.CreateSessionAsync();
        async Task<string> RunAsync(string text) => streaming
            ? string.Concat((await agent.RunStreamingAsync(text, session).ToListAsync()).Select(static u => u.Text))
            : (await agent.RunAsync(text, session)).Text;

        Assert.Equal("It is noon.", await RunAsync("Time?"));
        Assert.Equal(["now"], house.Log);
        Assert.StartsWith("System: Be brief.\nTools:\n", bench.Runner.Prompts[0], StringComparison.Ordinal);

        // The session survives as JSON, and the next turn goes on from what was read.
        session = await agent.DeserializeSessionAsync(await agent.SerializeSessionAsync(session));
        Assert.Equal("Bye.", await RunAsync("Thanks"));
        Assert.Contains("User: Function output:\n12:00\n\nAssistant: It is noon.\n\nUser: Thanks\n\n", bench.Runner.Prompts[^1], StringComparison.Ordinal);
        Assert.Same(bench.Leaf, agent.GetService(typeof(RwkvChatClient)));
    }

    /// <summary>One conversation through Semantic Kernel, through its adapter and through an agent reads the same.</summary>
    [Fact, Item(123, 138)]
    public async Task All_ways_give_one_prompt()
    {
        using var bench = new Bench();
        bench.Runner.When("12:00\n\nAssistant:", " It is noon.").Otherwise(Call);
        var (kernel, _) = House.In(bench);
        var tools = kernel.Plugins.SelectMany(static p => p).ToArray();

        var history = new ChatHistory("Be brief.");
        history.AddUserMessage([new ImageContent(Bench.Png, "image/png"), new Microsoft.SemanticKernel.TextContent("Time?")]);
        await bench.AskAsync(Face.Kernel, history, new() { FunctionChoiceBehavior = FunctionChoiceBehavior.Auto() }, kernel);

        ChatMessage[] messages = [new(ChatRole.System, "Be brief."), new(ChatRole.User, [new DataContent(Bench.Png, "image/png"), new Microsoft.Extensions.AI.TextContent("Time?")])];
        var adapted = ((IChatCompletionService)bench.Service).AsChatClient().AsBuilder().UseFunctionInvocation().Build(kernel.Services);
        await adapted.GetResponseAsync(messages, new ChatOptions { Tools = [.. tools] });

        var agent = new ChatClientAgent(bench.Leaf, instructions: "Be brief.", tools: [.. tools], services: kernel.Services);
        await agent.RunAsync(messages[1..]);

        Assert.Equal(6, bench.Runner.Prompts.Count);
        Assert.Equal(bench.Runner.Prompts.Take(2), bench.Runner.Prompts.Skip(2).Take(2));
        Assert.Equal(bench.Runner.Prompts.Take(2), bench.Runner.Prompts.Skip(4));
        Assert.Single(bench.Runner.Pictures);
    }

    /// <summary>
    /// Two questions with pictures, a function that returns a picture and one that returns text, whichever way the conversation comes: the turns are the same to the
    /// letter, each way reuses as much as the others where it starts cold, and where another way was there before, everything but what every answer reads anew.
    /// </summary>
    [Theory, Item(123, 138)]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(2)]
    public async Task A_conversation_with_pictures_and_functions_is_the_same_whichever_way_it_comes(int first)
    {
        var cold = new List<IReadOnlyList<Reading>>();
        foreach (var way in Ways)
        {
            using var alone = TalkingBench();
            cold.Add(await way(alone));
        }

        Assert.Equal(4, cold[0].Count);
        Assert.Equal(cold[0], cold[1]);
        Assert.Equal(cold[0], cold[2]);
        Assert.Equal(
            ["System: Be brief.\nTools:", "User: [1]\nLook around.\n\n", "Assistant: ```json\n{\"name\":\"lamp_look\",\"arguments\":{}}\n```\n\n", "User: Function output:\n[2]\n\n", "Assistant:"],
            cold[0][1].Turns.Split(Reading.Border).Select(static (turn, i) => i == 0 ? turn[.."System: Be brief.\nTools:".Length] : turn));
        Assert.Equal([false, true, true, true], cold[0].Select(static reading => reading.Cached > 0));

        using var shared = TalkingBench();
        await Ways[first](shared);
        foreach (var way in Ways)
        {
            foreach (var (warm, fresh) in (await way(shared)).Zip(cold[0]))
            {
                Assert.Equal(fresh with { Cached = fresh.Input - "Assistant:".Length }, warm);
            }
        }

        Assert.Equal(2, shared.Runner.Pictures.Count);   // seen once each, whoever showed them
    }

    private static Func<Bench, Task<IReadOnlyList<Reading>>>[] Ways =>
    [
        // Semantic Kernel: a history, its own loop.
        static async bench =>
        {
            var (kernel, _) = House.In(bench);
            var history = new ChatHistory("Be brief.");
            async Task SayAsync(params KernelContent[] items)
            {
                history.AddUserMessage([.. items]);
                history.Add(await bench.Service.GetChatMessageContentAsync(history, new RwkvPromptExecutionSettings { FunctionChoiceBehavior = FunctionChoiceBehavior.Auto() }, kernel));
            }

            await SayAsync(new ImageContent(Bench.OtherPng, "image/png"), new Microsoft.SemanticKernel.TextContent("Look around."));
            await SayAsync(new Microsoft.SemanticKernel.TextContent("Time?"));
            return [.. history.Select(static message => message.InnerContent).OfType<RwkvAnswer>().Select(Reading.Of)];
        },

        // The same service as a chat client, in a pipeline.
        static async bench =>
        {
            var (kernel, _) = House.In(bench);
            var client = ((IChatCompletionService)bench.Service).AsChatClient().AsBuilder().UseFunctionInvocation().Build(kernel.Services);
            var options = new ChatOptions { Tools = [.. kernel.Plugins.SelectMany(static p => p)] };
            var messages = new List<ChatMessage> { new(ChatRole.System, "Be brief.") };
            async Task SayAsync(params AIContent[] contents)
            {
                messages.Add(new ChatMessage(ChatRole.User, [.. contents]));
                messages.AddRange((await client.GetResponseAsync(messages, options)).Messages);
            }

            await SayAsync(new DataContent(Bench.OtherPng, "image/png"), new Microsoft.Extensions.AI.TextContent("Look around."));
            await SayAsync(new Microsoft.Extensions.AI.TextContent("Time?"));
            return [.. messages.Select(static message => message.RawRepresentation).OfType<RwkvAnswer>().Select(Reading.Of)];
        },

        // An agent with instructions and a session.
        static async bench =>
        {
            var (kernel, _) = House.In(bench);
            var agent = new ChatClientAgent(bench.Leaf, instructions: "Be brief.", name: "watch", tools: [.. kernel.Plugins.SelectMany(static p => p)], services: kernel.Services);
            var session = await agent.CreateSessionAsync();
            var look = await agent.RunAsync(new ChatMessage(ChatRole.User, [new DataContent(Bench.OtherPng, "image/png"), new Microsoft.Extensions.AI.TextContent("Look around.")]), session);
            var time = await agent.RunAsync("Time?", session);
            return [.. look.Messages.Concat(time.Messages).Select(static message => message.RawRepresentation).OfType<RwkvAnswer>().Select(Reading.Of)];
        },
    ];

    private static Bench TalkingBench()
    {
        var bench = new Bench();
        bench.Runner
            .When($"Function output:\n{RwkvSk.TestKit.ScriptedModelRunner.Picture}\n\nAssistant:", " Two lamps.")
            .When("12:00\n\nAssistant:", " It is noon.")
            .When("Look around.\n\nAssistant:", House.Calls(("lamp_look", "{}")))
            .When("Time?\n\nAssistant:", Call);
        return bench;
    }

    /// <summary>What one request to the model read.</summary>
    private sealed record Reading(string Turns, long Input, long Cached)
    {
        public const char Border = '\u001F';   // in no turn

        public static Reading Of(RwkvAnswer answer) => new(string.Join(Border, PromptText.Turns(answer.Prompt)), answer.Usage.PromptPositions, answer.Usage.ReusedPositions);
    }
}
