using System.Runtime.InteropServices;
using Microsoft.Extensions.AI;
using Xunit;

namespace RwkvSk.Connector.Tests.Conformance;

/// <summary>L. State cache: states that the application holds itself, and names for them. Tokens are bytes here, so lengths of texts are numbers of tokens.</summary>
public class SnapshotTests
{
    private const string Read = "System: A manual.\n\nUser: Hi\n\nAssistant: Ok.\n\n";

    private static readonly ChatMessage[] Conversation =
        [new(ChatRole.System, "A manual."), new(ChatRole.User, "Hi"), new(ChatRole.Assistant, "Ok.")];

    public static TheoryData<Face> Faces => [Face.Kernel, Face.KernelStreaming, Face.Client, Face.ClientStreaming];

    [Theory, Item(125, 126)]
    [MemberData(nameof(Faces))]
    public async Task A_conversation_goes_on_from_a_snapshot_by_its_name(Face face)
    {
        using var bench = new Bench();
        bench.Runner.Otherwise(" Ok.");
        var snapshot = await bench.Leaf.CaptureAsync(Conversation);
        Assert.Equal(Read.Length, snapshot.Position);
        bench.Leaf.NameSnapshot("manual", snapshot);

        string[] questions = ["One?", "Two?"];   // forks: neither sees the other
        foreach (var question in questions)
        {
            var reply = await bench.AskAsync(face, question, new() { ConversationId = "manual" });
            Assert.Equal($"{Read}User: {question}\n\nAssistant:", bench.Runner.Prompts[^1]);
            Assert.Equal(Read.Length, reply.Usage!.CachedInputTokenCount);
            Assert.Equal(Read.Length + $"User: {question}\n\nAssistant:".Length, reply.Usage.InputTokenCount);
        }
    }

    [Theory, Item(125)]
    [InlineData(false)]
    [InlineData(true)]
    public async Task What_follows_has_an_id_of_its_own_also_through_function_calls(bool streaming)
    {
        using var bench = new Bench();
        bench.Runner.When("12:00\n\nAssistant:", " Noon.").When("Time?\n\nAssistant:", House.Calls(("now", "{}"))).Otherwise(" Bye.");
        AITool[] tools = [AIFunctionFactory.Create(static () => "12:00", "now")];
        var captured = await bench.Leaf.CaptureAsync(Conversation, new ChatOptions { Tools = tools });
        bench.Leaf.NameSnapshot("manual", captured, tools);
        var client = bench.Leaf.AsBuilder().UseFunctionInvocation().Build();
        async Task<ChatResponse> SayAsync(string text, string? id)
        {
            var options = new ChatOptions { ConversationId = id, Tools = tools };
            return streaming ? (await client.GetStreamingResponseAsync(text, options).ToListAsync()).ToChatResponse() : await client.GetResponseAsync(text, options);
        }

        var first = await SayAsync("Time?", "manual");
        Assert.Equal("Noon.", first.Text);
        const string ReadWithTools = "System: A manual.\nTools:\n- now()\nReturn a JSON function call when a tool fits.\n\nUser: Hi\n\nAssistant: Ok.\n\n";
        Assert.Equal(ReadWithTools.Length, captured.Position);
        var second = await SayAsync("Thanks", first.ConversationId);
        Assert.Equal("Bye.", second.Text);
        Assert.Equal(
            ReadWithTools + "User: Time?\n\nAssistant: ```json\n{\"name\":\"now\",\"arguments\":{}}\n```\n\nUser: Function output:\n12:00\n\nAssistant: Noon.\n\nUser: Thanks\n\nAssistant:",
            bench.Runner.Prompts[^1]);
        Assert.Equal(3, new[] { "manual", first.ConversationId, second.ConversationId }.Distinct().Count());
        Assert.Null((await bench.Leaf.GetResponseAsync("Hi")).ConversationId);   // never volunteered
    }

    [Fact, Item(122, 125)]
    public async Task A_name_and_an_id_are_found_by_their_owner_alone()
    {
        using var bench = new Bench();
        bench.Runner.Otherwise(" Ok.");
        bench.Leaf.NameSnapshot("mine", await bench.Leaf.CaptureAsync(Conversation), cacheScope: "a");
        static ChatOptions As(string tenant, string? id) => new() { ConversationId = id, AdditionalProperties = new() { ["cache_scope"] = tenant } };

        var first = await bench.Leaf.GetResponseAsync("Hi", As("a", "mine"));
        await Assert.ThrowsAsync<KeyNotFoundException>(() => bench.Leaf.GetResponseAsync("Hi", As("b", "mine")));
        await Assert.ThrowsAsync<KeyNotFoundException>(() => bench.Leaf.GetResponseAsync("Hi", As("b", first.ConversationId)));
        Assert.Equal("Ok.", (await bench.Leaf.GetResponseAsync("More", As("a", first.ConversationId))).Text);
    }

    [Fact, Item(126)]
    public async Task A_fork_shares_no_number()
    {
        using var bench = new Bench();
        var snapshot = await bench.Leaf.CaptureAsync(Conversation);
        var fork = snapshot.Fork();
        Assert.Equal(snapshot.Data.ToArray(), fork.Data.ToArray());
        Assert.Equal(snapshot.Position, fork.Position);
        Assert.True(MemoryMarshal.TryGetArray(fork.Data, out var numbers));
        numbers.AsSpan().Fill(-1);
        Assert.DoesNotContain(-1f, snapshot.Data.ToArray());
    }

    [Fact, Item(120, 126)]
    public async Task What_was_captured_is_what_a_request_reads()
    {
        using var bench = new Bench();
        bench.Runner.Otherwise(" Ok.");
        var options = new ChatOptions { Instructions = "Be brief.", Tools = [AIFunctionFactory.Create(static () => 1, "one")] };
        await bench.Leaf.CaptureAsync([new(ChatRole.User, [new DataContent(Bench.Png, "image/png"), new Microsoft.Extensions.AI.TextContent("What?")])], options);
        var read = bench.Runner.PrefillPositions;

        var reply = await bench.Leaf.GetResponseAsync([new(ChatRole.User, [new DataContent(Bench.Png, "image/png"), new Microsoft.Extensions.AI.TextContent("What?")])], options);
        Assert.Equal("Assistant:".Length, reply.Usage!.InputTokenCount - reply.Usage.CachedInputTokenCount);
        Assert.Equal(read, reply.Usage.CachedInputTokenCount);
    }
}
