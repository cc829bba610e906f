using Microsoft.Extensions.AI;
using Microsoft.SemanticKernel;
using Microsoft.SemanticKernel.ChatCompletion;
using Xunit;
using TextContent = Microsoft.SemanticKernel.TextContent;

namespace RwkvSk.Connector.Tests.Conformance;

/// <summary>
/// L. State cache: an answer is read as the turn it comes back as, so a conversation's next turn costs its new tokens alone. Tokens are bytes here, so lengths
/// of texts are numbers of tokens.
/// </summary>
public class ReadAheadTests
{
    private const int Opening = 10;   // "Assistant:"

    public static TheoryData<Face> Faces => [Face.Kernel, Face.KernelStreaming, Face.Client, Face.ClientStreaming];

    [Theory, Item(119)]
    [MemberData(nameof(Faces))]
    public async Task Every_turn_reads_only_what_is_new(Face face)
    {
        using var bench = new Bench();
        bench.Runner.Answer(static prompt => $" Answer {prompt.Length}:\r\n\n {new string('x', prompt.Length % 50)} ");   // with all that the history form tidies up
        var history = new ChatHistory("Be brief.");
        long before = 0;
        for (var turn = 0; turn < 5; turn++)
        {
            var question = $"Question {turn}?";
            history.AddUserMessage(question);
            var reply = await bench.AskAsync(face, history);
            var fresh = $"User: {question}\n\n".Length + Opening + (turn == 0 ? "System: Be brief.\n\n".Length : 0);

            Assert.Equal(fresh, reply.Usage!.InputTokenCount - reply.Usage.CachedInputTokenCount);
            Assert.Equal(turn == 0 ? 0 : before, reply.Usage.CachedInputTokenCount);
            before = reply.Usage.InputTokenCount!.Value - Opening + HistoryLength(reply.Text);
            history.AddAssistantMessage(reply.Text);
        }
    }

    [Theory, Item(120)]
    [InlineData(Face.Kernel)]
    [InlineData(Face.KernelStreaming)]
    public async Task A_round_of_function_calls_reads_only_the_result(Face face)
    {
        using var bench = new Bench();
        bench.Runner.When("12:00\n\nAssistant:", " Noon.").When("User: Time?\n\nAssistant:", House.Calls(("lamp_now", "{}"))).Otherwise(" Bye.");
        var (kernel, house) = House.In(bench);
        var history = new ChatHistory("Time?", AuthorRole.User);
        var settings = new RwkvPromptExecutionSettings { FunctionChoiceBehavior = FunctionChoiceBehavior.Auto() };

        var round = await bench.AskAsync(face, history, settings, kernel);
        Assert.Equal("User: Function output:\n12:00\n\n".Length + Opening, round.Usage!.InputTokenCount - round.Usage.CachedInputTokenCount);

        history.AddAssistantMessage(round.Text);
        history.AddUserMessage("Thanks");
        var next = await bench.AskAsync(face, history, settings, kernel);
        Assert.Equal("User: Thanks\n\n".Length + Opening, next.Usage!.InputTokenCount - next.Usage.CachedInputTokenCount);
        Assert.Single(house.Log);
    }

    [Fact, Item(120)]
    public async Task A_round_of_the_chat_clients_function_calls_reads_only_the_result()
    {
        using var bench = new Bench();
        bench.Runner.When("5\n\nAssistant:", " Five.").Otherwise(House.Calls(("add", """{"a":2,"b":3}""")));
        var client = bench.Leaf.AsBuilder().UseFunctionInvocation().Build();
        var options = new ChatOptions { Tools = [AIFunctionFactory.Create(static (int a, int b) => a + b, "add")] };

        var response = await client.GetResponseAsync("2 and 3?", options);

        Assert.Equal("Five.", response.Text);
        var last = ((RwkvAnswer)response.RawRepresentation!).Usage;
        Assert.Equal("User: Function output:\n5\n\n".Length + Opening, last.PromptPositions - last.ReusedPositions);
    }

    [Theory, Item(119)]
    [MemberData(nameof(Faces))]
    public async Task Pictures_stay_read(Face face)
    {
        using var bench = new Bench(positionsPerImage: 7);
        bench.Runner.Otherwise(" A lamp.");
        var history = new ChatHistory();
        history.AddUserMessage([new ImageContent(Bench.Png, "image/png"), new TextContent("What?")]);
        history.AddAssistantMessage((await bench.AskAsync(face, history)).Text);
        history.AddUserMessage([new ImageContent(Bench.OtherPng, "image/png"), new TextContent("And this?")]);

        var reply = await bench.AskAsync(face, history);

        Assert.Equal("User: ".Length + 7 + "\nAnd this?\n\n".Length + Opening, reply.Usage!.InputTokenCount - reply.Usage.CachedInputTokenCount);
    }

    [Theory, Item(119)]
    [MemberData(nameof(Faces))]
    public async Task What_was_thought_and_a_response_format_are_not_part_of_it(Face face)
    {
        using var bench = new Bench();
        bench.Runner.When(" <think", " Hm. </think> Yes.").When("Again\n\nAssistant:", " No.").Otherwise(" {\"a\":1}");
        var history = new ChatHistory("Sure?", AuthorRole.User);
        var thinking = await bench.AskAsync(face, history, new() { ReasoningEffort = "low" });
        Assert.Equal("Yes.", thinking.Text);
        history.AddAssistantMessage(thinking.Text);
        history.AddUserMessage("As JSON");
        var json = await bench.AskAsync(face, history, new() { ResponseFormat = "json_object" });
        Assert.Equal("User: Sure?\n\nAssistant: Yes.\n\n".Length, json.Usage!.CachedInputTokenCount);

        history.AddAssistantMessage(json.Text);
        history.AddUserMessage("Again");
        var again = await bench.AskAsync(face, history);
        Assert.Equal("User: Again\n\n".Length + Opening, again.Usage!.InputTokenCount - again.Usage.CachedInputTokenCount);
    }

    [Theory, Item(122)]
    [InlineData(true)]
    [InlineData(false)]
    public async Task It_can_be_spared(bool byOption)
    {
        using var bench = new Bench(options => options.ReadAhead = !byOption);
        bench.Runner.Otherwise(" Ok.");
        var settings = new RwkvPromptExecutionSettings { ReadAhead = byOption ? null : false };
        var history = new ChatHistory("Hi", AuthorRole.User);
        history.AddAssistantMessage((await bench.AskAsync(Face.Kernel, history, settings)).Text);
        history.AddUserMessage("More");

        var next = await bench.AskAsync(Face.Client, history, settings);
        Assert.Equal("User: Hi\n\n".Length, next.Usage!.CachedInputTokenCount);
    }

    [Fact, Item(122)]
    public async Task It_stays_within_the_tenant()
    {
        using var bench = new Bench();
        bench.Runner.Otherwise(" Ok.");
        ChatHistory history = new("Hi", AuthorRole.User);
        await bench.AskAsync(Face.Kernel, history, new() { CacheScope = "a" });
        history.AddAssistantMessage("Ok.");
        history.AddUserMessage("More");

        Assert.Equal(0, (await bench.AskAsync(Face.Kernel, history, new() { CacheScope = "b" })).Usage!.CachedInputTokenCount);
        Assert.Equal(0, (await bench.AskAsync(Face.Kernel, history)).Usage!.CachedInputTokenCount);
        var mine = await bench.AskAsync(Face.Kernel, history, new() { CacheScope = "a" });
        Assert.Equal("User: More\n\n".Length + Opening, mine.Usage!.InputTokenCount - mine.Usage.CachedInputTokenCount);
    }

    private static int HistoryLength(string answer) => $"Assistant: {RwkvSk.Connector.Prompting.TurnText.Clean(answer)}\n\n".Length;
}
