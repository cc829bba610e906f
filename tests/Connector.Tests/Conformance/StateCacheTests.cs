using Microsoft.Extensions.AI;
using Microsoft.SemanticKernel;
using Microsoft.SemanticKernel.ChatCompletion;
using RwkvSk.Connector.Tests.Prompting;
using Xunit;

namespace RwkvSk.Connector.Tests.Conformance;

/// <summary>L. State cache. Tokens are bytes here, so lengths of texts are numbers of tokens.</summary>
public class StateCacheTests
{
    public static TheoryData<Face> Faces => [Face.Kernel, Face.KernelStreaming, Face.Client, Face.ClientStreaming];

    [Theory, Item(119)]
    [MemberData(nameof(Faces))]
    public async Task The_next_turn_reads_on_where_the_last_one_stood(Face face)
    {
        using var bench = new Bench();
        bench.Runner.When("User: More\n\nAssistant:", " That is all.").Otherwise(" Hello.");
        var history = new ChatHistory("Be brief.");
        history.AddUserMessage("Hi");
        var first = await bench.AskAsync(face, history);
        Assert.Equal(0, first.Usage!.CachedInputTokenCount);

        history.AddAssistantMessage(first.Text);
        history.AddUserMessage("More");
        var second = await bench.AskAsync(face, history);
        var shared = "System: Be brief.\n\nUser: Hi\n\n".Length;
        Assert.InRange(second.Usage!.CachedInputTokenCount!.Value, shared, shared + "Assistant: Hello.\n\n".Length);

        using var cold = new Bench(engine: new() { PrefixCacheBytes = 0 });
        cold.Runner.When("User: More\n\nAssistant:", " That is all.");
        var fresh = await cold.AskAsync(face, history);
        Assert.Equal(0, fresh.Usage!.CachedInputTokenCount);
        Assert.Equal(fresh.Answer.TokenIds, second.Answer.TokenIds);
        Assert.Equal(fresh.Usage.InputTokenCount, second.Usage.InputTokenCount);
    }

    [Theory, Item(120)]
    [InlineData(Face.Kernel)]
    [InlineData(Face.KernelStreaming)]
    public async Task Rounds_of_function_calls_read_on(Face face)
    {
        FunctionChoiceBehavior[] behaviors = [FunctionChoiceBehavior.Auto(), FunctionChoiceBehavior.Required(), FunctionChoiceBehavior.None()];
        foreach (var behavior in behaviors)
        {
            using var bench = new Bench();
            bench.Runner.When("12:00\n\nAssistant:", " Noon.")
                .When("Assistant: ```json\n", "{\"name\":\"lamp_now\",\"arguments\":{}}\n```")
                .When("User: Time?\n\nAssistant:", House.Calls(("lamp_now", "{}")));
            var (kernel, _) = House.In(bench);
            var history = new ChatHistory("Time?", AuthorRole.User);
            await bench.AskAsync(face, history, new() { FunctionChoiceBehavior = FunctionChoiceBehavior.Auto() }, kernel);
            history = new ChatHistory("Time?", AuthorRole.User);
            var reply = await bench.AskAsync(face, history, new() { FunctionChoiceBehavior = behavior }, kernel);

            // Whatever the behaviour allows, system text, tools and question stay read.
            var prefix = bench.Runner.Prompts[0].Length - "Assistant:".Length;
            Assert.InRange(reply.Usage!.CachedInputTokenCount!.Value, prefix, reply.Usage.InputTokenCount!.Value);
        }
    }

    [Theory, Item(121)]
    [MemberData(nameof(Faces))]
    public async Task An_edited_history_goes_back_as_far_as_it_was_edited(Face face)
    {
        using var bench = new Bench();
        bench.Runner.Answer(static prompt => $" {prompt.Length}");
        ChatHistory Talk(params string[] texts)
        {
            var history = new ChatHistory(texts[0]);
            for (var i = 1; i < texts.Length; i++)
            {
                history.AddMessage(i % 2 == 1 ? AuthorRole.User : AuthorRole.Assistant, texts[i]);
            }

            return history;
        }

        await bench.AskAsync(face, Talk("S", "one", "two", "three"));
        async Task<long> ReusedAsync(ChatHistory history)
        {
            var reply = await bench.AskAsync(face, history);
            Assert.Equal(string.Concat(PromptText.Turns(reply.Answer.Prompt)), bench.Runner.Prompts[^1]);
            return reply.Usage!.CachedInputTokenCount!.Value;
        }

        var (system, one, two, three) = ("System: S\n\n".Length, "User: one\n\n".Length, "Assistant: two\n\n".Length, "User: three\n\n".Length);
        Assert.Equal(system + one + two + three, await ReusedAsync(Talk("S", "one", "two", "three")));    // regenerate
        Assert.Equal(system + one + two, await ReusedAsync(Talk("S", "one", "two", "other")));            // edit the last
        Assert.Equal(system + one, await ReusedAsync(Talk("S", "one", "2", "three")));                    // edit an answer
        Assert.Equal(system, await ReusedAsync(Talk("S", "two")));                                        // delete
        Assert.Equal(0, await ReusedAsync(Talk("T", "one", "two", "three")));                             // edit the beginning
    }

    [Fact, Item(122)]
    public async Task Nothing_different_shares_a_state()
    {
        using var bench = new Bench();
        bench.Runner.Otherwise(" Ok.");
        AITool[] tools = [AIFunctionFactory.Create(static () => 1, "one"), AIFunctionFactory.Create(static () => 2, "two")];
        ChatOptions[] options =
        [
            new(), new() { Instructions = "A." }, new() { Instructions = "B." },
            new() { Tools = [tools[0]] }, new() { Tools = [tools[1]] }, new() { Tools = [tools[0], tools[1]] }, new() { Tools = [tools[1], tools[0]] },
        ];
        foreach (var one in options)
        {
            Assert.Equal(0, (await bench.Leaf.GetResponseAsync("Hi", one)).Usage!.CachedInputTokenCount);
        }

        byte[][] pictures = [Bench.Png, Bench.OtherPng];
        foreach (var picture in pictures)
        {
            ChatMessage[] messages = [new(ChatRole.User, [new DataContent(picture, "image/png"), new Microsoft.Extensions.AI.TextContent("What?")])];
            Assert.Equal(0, (await bench.Leaf.GetResponseAsync(messages)).Usage!.CachedInputTokenCount);
        }
    }

    [Fact, Item(122)]
    public async Task Tenants_share_nothing_where_they_are_named()
    {
        using var bench = new Bench();
        bench.Runner.Otherwise(" Ok.");
        var a = new RwkvPromptExecutionSettings { CacheScope = "a" };
        var b = new RwkvPromptExecutionSettings { CacheScope = "b" };
        Assert.Equal(0, (await bench.AskAsync(Face.Kernel, "Hi", a)).Usage!.CachedInputTokenCount);
        Assert.Equal(0, (await bench.AskAsync(Face.Kernel, "Hi", b)).Usage!.CachedInputTokenCount);
        Assert.NotEqual(0, (await bench.AskAsync(Face.Kernel, "Hi", a)).Usage!.CachedInputTokenCount);
    }

    [Fact, Item(123)]
    public async Task An_agents_system_message_and_an_agents_instructions_are_the_same_prefix()
    {
        using var bench = new Bench();
        bench.Runner.Otherwise(" Ok.");
        var history = new ChatHistory { new ChatMessageContent(AuthorRole.System, "Be brief.") { AuthorName = "agent" } };
        history.AddUserMessage("Hi");
        var first = await bench.AskAsync(Face.Kernel, history);
        var second = await bench.Leaf.GetResponseAsync("Hi", new ChatOptions { Instructions = "Be brief." });
        Assert.Equal(PromptText.Turns(first.Answer.Prompt), PromptText.Turns(((RwkvAnswer)second.RawRepresentation!).Prompt));
        Assert.Equal(first.Usage!.InputTokenCount - "Assistant:".Length, second.Usage!.CachedInputTokenCount);
    }

    [Theory, Item(124)]
    [InlineData(0L)]
    [InlineData(1L)]
    [InlineData(2000L)]
    public async Task A_small_cache_costs_time_alone(long bytes)
    {
        using var bench = new Bench(engine: new() { PrefixCacheBytes = bytes });
        bench.Runner.Answer(static prompt => $" {prompt.Length}");
        await Task.WhenAll(Enumerable.Range(0, 20).Select(async i =>
        {
            var reply = await bench.AskAsync(Face.Client, new string('q', 1 + (i % 5)));
            Assert.Equal($"{string.Concat(PromptText.Turns(reply.Answer.Prompt)).Length}", reply.Text);
        }));
    }

    [Theory, Item(125)]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Conversations_are_kept_under_ids_where_that_is_asked_for(bool streaming)
    {
        using var bench = new Bench(options => options.KeptConversations = 8);
        bench.Runner.When("12:00\n\nAssistant:", " Noon.").When("User: Thanks\n\nAssistant:", " Bye.").When("User: Sure?\n\nAssistant:", " Yes.").Otherwise(House.Calls(("now", "{}")));
        var client = bench.Leaf.AsBuilder().UseFunctionInvocation().Build();
        var tools = new ChatOptions { Tools = [AIFunctionFactory.Create(static () => "12:00", "now")] };
        async Task<ChatResponse> SayAsync(string text, string? id)
        {
            var options = tools.Clone();
            options.ConversationId = id;
            return streaming ? (await client.GetStreamingResponseAsync(text, options).ToListAsync()).ToChatResponse() : await client.GetResponseAsync(text, options);
        }

        var first = await SayAsync("Time?", null);
        Assert.Equal("Noon.", first.Text);
        var thanks = await SayAsync("Thanks", first.ConversationId);
        var sure = await SayAsync("Sure?", first.ConversationId);   // branches off at the same place
        Assert.Equal("Bye.", thanks.Text);
        Assert.Equal("Yes.", sure.Text);
        Assert.Equal(3, new[] { first, thanks, sure }.Select(static r => r.ConversationId).Distinct().Count());
        Assert.DoesNotContain("Thanks", bench.Runner.Prompts[^1], StringComparison.Ordinal);
        Assert.Contains("User: Time?\n\nAssistant: ```json\n{\"name\":\"now\",\"arguments\":{}}\n```\n\nUser: Function output:\n12:00\n\nAssistant: Noon.\n\nUser: Sure?", bench.Runner.Prompts[^1], StringComparison.Ordinal);
        await Assert.ThrowsAsync<KeyNotFoundException>(() => SayAsync("Hi", "conv_unknown"));
    }

    /// <summary>By default nothing is kept under an id: what was read is found by its content, and an id would change how agents behave.</summary>
    [Fact, Item(125)]
    public async Task No_conversation_id_is_given_and_one_that_is_asked_for_is_refused()
    {
        using var bench = new Bench();
        bench.Runner.Otherwise(" Ok.");
        Assert.Null((await bench.Leaf.GetResponseAsync("Hi")).ConversationId);
        await Assert.ThrowsAsync<NotSupportedException>(() => bench.Leaf.GetResponseAsync("Hi", new ChatOptions { ConversationId = "c" }));
    }
}
