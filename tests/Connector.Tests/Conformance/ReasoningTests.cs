using Microsoft.Extensions.AI;
using Microsoft.SemanticKernel;
using Microsoft.SemanticKernel.ChatCompletion;
using RwkvSk.Connector.Tests.Prompting;
using Xunit;

namespace RwkvSk.Connector.Tests.Conformance;

/// <summary>Thoughts: split off, bounded, not read again.</summary>
public class ReasoningTests
{
    public static TheoryData<Face> Faces => [Face.Kernel, Face.KernelStreaming, Face.Client, Face.ClientStreaming];

    [Theory]
    [MemberData(nameof(Faces))]
    public async Task A_thought_is_no_part_of_the_answer(Face face)
    {
        using var bench = new Bench();
        bench.Runner.When("User: 2+2?\n\nAssistant: <think", ">Two and two.</think>\nFour.").Otherwise(" <think>Again.</think> Five.");
        var reply = await bench.AskAsync(face, "2+2?", new() { ReasoningEffort = "low" });
        Assert.Equal("Four.", reply.Text);
        Assert.Equal("Two and two.".Length, reply.Usage!.ReasoningTokenCount);
        Assert.Equal("Five.", (await bench.AskAsync(face, "3+2?")).Text);
    }

    [Fact]
    public async Task A_thought_is_a_content_of_its_own()
    {
        using var bench = new Bench();
        bench.Runner.Otherwise(">Two and two.</think>\nFour.");
        var settings = new RwkvPromptExecutionSettings { ReasoningEffort = "low" };
        var message = await bench.Service.GetChatMessageContentAsync(new ChatHistory("2+2?", AuthorRole.User), settings);
        Assert.Equal("Two and two.", message.Items.OfType<ReasoningContent>().Single().Text);

        var chunks = await bench.Service.GetStreamingChatMessageContentsAsync(new ChatHistory("2+2?", AuthorRole.User), settings).ToListAsync();
        Assert.Equal("Two and two.", string.Concat(chunks.SelectMany(static c => c.Items).OfType<StreamingReasoningContent>().Select(static t => t.Text)));

        var response = await bench.Leaf.GetResponseAsync("2+2?", new ChatOptions { Reasoning = new() { Effort = ReasoningEffort.Low } });
        Assert.Equal("Two and two.", response.Messages[0].Contents.OfType<TextReasoningContent>().Single().Text);

        // What was thought is not read again.
        var history = new ChatHistory("2+2?", AuthorRole.User) { message };
        history.AddUserMessage("Sure?");
        Assert.Equal(["User: 2+2?\n\n", "Assistant: Four.\n\n", "User: Sure?\n\n", "Assistant:"], PromptText.Turns((await bench.AskAsync(Face.Kernel, history)).Answer.Prompt));
    }

    [Theory]
    [MemberData(nameof(Faces))]
    public async Task A_thought_over_its_budget_is_closed(Face face)
    {
        using var bench = new Bench();
        bench.Runner.Otherwise($">{new string('h', 255)}_________Four.");   // the script goes by position: what closes the thought takes the place of nine bytes
        var reply = await bench.AskAsync(face, "2+2?", new() { ReasoningEffort = "low", MaxTokens = 500 });
        Assert.Equal("Four.", reply.Text);
        Assert.Equal("stop", reply.FinishReason);
        Assert.Equal("User: 2+2?\n\nAssistant: <think".Length, reply.Usage!.InputTokenCount);
        Assert.Equal(256 + "\n</think>".Length + "Four.".Length + 1, reply.Usage.OutputTokenCount);
        Assert.Equal(reply.Usage.InputTokenCount + reply.Usage.OutputTokenCount, reply.Usage.TotalTokenCount);
        Assert.EndsWith("hhh\n</think>Four.", reply.Answer.Text, StringComparison.Ordinal);
        Assert.Single(bench.Runner.Prompts);   // nothing of it was read twice
    }

    [Theory]
    [MemberData(nameof(Faces))]
    public async Task A_thought_that_takes_all_tokens_is_cut_off(Face face)
    {
        using var bench = new Bench();
        bench.Runner.Otherwise(">" + new string('h', 900));
        var reply = await bench.AskAsync(face, "2+2?", new() { ReasoningEffort = "low", MaxTokens = 100 });
        Assert.Equal(("", "length", 100L), (reply.Text, reply.FinishReason, reply.Usage!.OutputTokenCount));
    }

    [Fact]
    public async Task An_effort_that_is_none_of_the_known_ones_is_refused()
    {
        using var bench = new Bench();
        await Assert.ThrowsAsync<ArgumentException>(() => bench.AskAsync(Face.Kernel, "Hi", new() { ReasoningEffort = "enormous" }));
        bench.Runner.Otherwise(" Ok.");
        Assert.Equal("Ok.", (await bench.AskAsync(Face.Kernel, "Hi", new() { ReasoningEffort = "none" })).Text);
    }
}
