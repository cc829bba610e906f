using Microsoft.Extensions.AI;
using Microsoft.SemanticKernel;
using Microsoft.SemanticKernel.ChatCompletion;
using RwkvSk.Connector.Tests.Prompting;
using Xunit;
using TextContent = Microsoft.SemanticKernel.TextContent;

namespace RwkvSk.Connector.Tests.Conformance;

/// <summary>B. Basic chat.</summary>
public class BasicChatTests
{
    public static TheoryData<Face> Faces => [Face.Kernel, Face.KernelStreaming, Face.Client, Face.ClientStreaming];

    [Theory, Item(10, 11, 12)]
    [MemberData(nameof(Faces))]
    public async Task Roles_are_rendered_in_order_and_developers_count_as_system(Face face)
    {
        using var bench = new Bench();
        bench.Runner.Otherwise(" Ok.");
        var history = new ChatHistory("Be brief.");
        history.AddDeveloperMessage("Be kind.");
        history.AddUserMessage("One");
        history.AddAssistantMessage("Two");
        history.AddUserMessage("Three");
        var reply = await bench.AskAsync(face, history);
        Assert.Equal(
            ["System: Be brief.\nBe kind.\n\n", "User: One\n\n", "Assistant: Two\n\n", "User: Three\n\n", "Assistant:"],
            PromptText.Turns(reply.Answer.Prompt));
        Assert.Equal(string.Concat(PromptText.Turns(reply.Answer.Prompt)), bench.Runner.Prompts[^1]);
    }

    [Theory, Item(13)]
    [MemberData(nameof(Faces))]
    public async Task A_history_of_system_text_alone_is_answered(Face face)
    {
        using var bench = new Bench();
        bench.Runner.When("System: Say hello.\n\nAssistant:", " Hello.");
        Assert.Equal("Hello.", (await bench.AskAsync(face, new ChatHistory("Say hello."))).Text);
    }

    [Fact, Item(14)]
    public async Task An_empty_history_is_refused()
    {
        using var bench = new Bench();
        await Assert.ThrowsAsync<ArgumentException>(() => bench.AskAsync(Face.Kernel, new ChatHistory()));
        await Assert.ThrowsAsync<ArgumentException>(() => bench.AskAsync(Face.KernelStreaming, new ChatHistory()));
    }

    [Fact, Item(15)]
    public async Task Nothing_instead_of_a_history_is_refused()
    {
        using var bench = new Bench();
        await Assert.ThrowsAsync<ArgumentNullException>(() => bench.Service.GetChatMessageContentsAsync((ChatHistory)null!));
        Assert.Throws<ArgumentNullException>(() => bench.Service.GetStreamingChatMessageContentsAsync((ChatHistory)null!));
        await Assert.ThrowsAsync<ArgumentNullException>(() => bench.Leaf.GetResponseAsync((IEnumerable<ChatMessage>)null!));
        Assert.Throws<ArgumentNullException>(() => bench.Leaf.GetStreamingResponseAsync((IEnumerable<ChatMessage>)null!));
    }

    [Theory, Item(16)]
    [MemberData(nameof(Faces))]
    public async Task Empty_messages_are_tolerated(Face face)
    {
        using var bench = new Bench();
        bench.Runner.Otherwise(" Ok.");
        var history = new ChatHistory();
        history.AddSystemMessage("");
        history.Add(new ChatMessageContent(AuthorRole.User, (string?)null));
        history.AddAssistantMessage("");
        history.AddUserMessage("Hi");
        var reply = await bench.AskAsync(face, history);
        Assert.Equal(["User: Hi\n\n", "Assistant:"], PromptText.Turns(reply.Answer.Prompt));
    }

    [Theory, Item(17)]
    [MemberData(nameof(Faces))]
    public async Task Every_text_of_a_message_is_rendered(Face face)
    {
        using var bench = new Bench();
        bench.Runner.Otherwise(" Ok.");
        var history = new ChatHistory();
        history.AddUserMessage([new TextContent("One"), new TextContent("Two"), new TextContent("Three")]);
        Assert.Equal("User: One\nTwo\nThree\n\n", PromptText.Turns((await bench.AskAsync(face, history)).Answer.Prompt)[0]);
    }

    /// <summary>It is answered anew: in a conversation of several agents the last word may be another one's.</summary>
    [Theory, Item(18)]
    [MemberData(nameof(Faces))]
    public async Task A_history_that_ends_with_an_answer_is_answered_again(Face face)
    {
        using var bench = new Bench();
        bench.Runner.When("User: Hi\n\nAssistant: Hello.\n\nAssistant:", " Hello again.");
        var history = new ChatHistory("Hi", AuthorRole.User);
        history.AddAssistantMessage("Hello.");
        Assert.Equal("Hello again.", (await bench.AskAsync(face, history)).Text);
    }

    [Theory, Item(19)]
    [MemberData(nameof(Faces))]
    public async Task An_unknown_role_is_named(Face face)
    {
        using var bench = new Bench();
        var history = new ChatHistory("Hi", new AuthorRole("critic"));
        var error = await Assert.ThrowsAsync<NotSupportedException>(() => bench.AskAsync(face, history));
        Assert.Contains("'critic'", error.Message, StringComparison.Ordinal);
    }

    [Fact, Item(9, 20)]
    public async Task Exactly_one_answer_comes_back()
    {
        using var bench = new Bench();
        bench.Runner.Otherwise(" Ok.");
        IChatCompletionService service = bench.Service;
        var message = await service.GetChatMessageContentAsync("Hi", cancellationToken: TestContext.Current.CancellationToken);
        Assert.Equal(AuthorRole.Assistant, message.Role);
        Assert.Equal("Ok.", message.Content);
        Assert.Equal("Ok.", message.ToString());
    }

    [Fact, Item(21)]
    public async Task Streamed_pieces_join_to_the_buffered_answer()
    {
        using var bench = new Bench();
        bench.Runner.Otherwise(" A long answer, with ```js code``` and a  gap\nand lines. ");
        var replies = new List<Reply>();
        foreach (var face in Enum.GetValues<Face>())
        {
            replies.Add(await bench.AskAsync(face, "Hi", new() { Seed = 3 }));
        }

        Assert.All(replies, reply => Assert.Equal("A long answer, with ```js code``` and a  gap\nand lines.", reply.Text));
        Assert.All(replies, reply => Assert.Equal(reply.Text, string.Concat(reply.Pieces)));
    }

    [Theory, Item(22)]
    [InlineData(Face.Kernel)]
    [InlineData(Face.KernelStreaming)]
    public async Task The_callers_history_is_left_alone(Face face)
    {
        using var bench = new Bench();
        bench.Runner.Otherwise(" Ok.");
        var history = new ChatHistory("Hi", AuthorRole.User);
        await bench.AskAsync(face, history, new() { ChatSystemPrompt = "Be brief." });
        Assert.Equal("Hi", Assert.Single(history).Content);
    }

    [Theory, Item(23)]
    [MemberData(nameof(Faces))]
    public async Task The_settings_system_text_is_for_histories_that_have_none(Face face)
    {
        using var bench = new Bench();
        bench.Runner.Otherwise(" Ok.");
        var settings = new RwkvPromptExecutionSettings { ChatSystemPrompt = "Be brief." };
        Assert.Equal("System: Be brief.\n\n", PromptText.Turns((await bench.AskAsync(face, "Hi", settings)).Answer.Prompt)[0]);

        var history = new ChatHistory("Be long.");
        history.AddUserMessage("Hi");
        Assert.Equal("System: Be long.\n\n", PromptText.Turns((await bench.AskAsync(face, history, settings)).Answer.Prompt)[0]);
    }

    [Fact, Item(24)]
    public async Task An_agents_instructions_come_first()
    {
        using var bench = new Bench();
        bench.Runner.Otherwise(" Ok.");
        ChatMessage[] messages = [new(ChatRole.System, "Second."), new(ChatRole.User, "Hi")];
        var response = await bench.Leaf.GetResponseAsync(messages, new ChatOptions { Instructions = "First." }, TestContext.Current.CancellationToken);
        Assert.Equal("System: First.\nSecond.\n\n", PromptText.Turns(((RwkvAnswer)response.RawRepresentation!).Prompt)[0]);
    }

    [Theory, Item(25)]
    [MemberData(nameof(Faces))]
    public async Task Any_characters_come_through(Face face)
    {
        using var bench = new Bench();
        const string Answer = "Grüße, 世界! 👩‍👩‍👧‍👦 \u0301e\r\nnext";
        bench.Runner.When("User: 你好 🦆\nzwei\n\nAssistant:", " " + Answer);
        var reply = await bench.AskAsync(face, "你好 🦆\r\nzwei");
        Assert.Equal(Answer, reply.Text);
        Assert.All(reply.Pieces, piece => Assert.DoesNotContain('\uFFFD', piece));
    }
}
