using Microsoft.Extensions.AI;
using Microsoft.SemanticKernel;
using Microsoft.SemanticKernel.ChatCompletion;
using Xunit;
using TextContent = Microsoft.SemanticKernel.TextContent;

namespace RwkvSk.Connector.Tests.Conformance;

/// <summary>L. State cache: what has to be forgotten is. Tokens are bytes here, so lengths of texts are numbers of tokens.</summary>
public class ForgetTests
{
    [Fact, Item(122)]
    public async Task A_conversation_is_forgotten_with_its_branches_and_pictures_and_no_other_is()
    {
        using var bench = new Bench();
        bench.Runner.Otherwise(" Ok.");
        var history = new ChatHistory("Be brief.");
        history.AddUserMessage([new ImageContent(Bench.Png, "image/png"), new TextContent("A secret")]);
        history.AddAssistantMessage((await bench.AskAsync(Face.Kernel, history)).Text);
        ChatHistory branch = [.. history];
        branch.AddUserMessage("More");
        await bench.AskAsync(Face.Kernel, branch);
        var other = new ChatHistory("Be brief.");
        other.AddUserMessage("Hi");
        await bench.AskAsync(Face.Kernel, other);
        var pictures = bench.Runner.Pictures.Count;

        await bench.Leaf.ForgetAsync(history.Select(static message => message.ToChatMessage()));

        var system = "System: Be brief.\n\n".Length;
        Assert.Equal(system, (await bench.AskAsync(Face.Kernel, branch)).Usage!.CachedInputTokenCount);
        Assert.Equal(pictures + 1, bench.Runner.Pictures.Count);
        Assert.Equal(system + "User: Hi\n\n".Length, (await bench.AskAsync(Face.Kernel, other)).Usage!.CachedInputTokenCount);
    }

    [Fact, Item(122, 125)]
    public async Task A_tenant_is_forgotten_with_its_ids()
    {
        using var bench = new Bench(options => options.KeptConversations = 8);
        bench.Runner.Otherwise(" Ok.");
        static ChatOptions As(string? tenant, string? id = null) => new() { ConversationId = id, AdditionalProperties = new() { ["cache_scope"] = tenant } };
        var (a, b) = (await bench.Leaf.GetResponseAsync("A secret", As("a")), await bench.Leaf.GetResponseAsync("A secret", As("b")));
        bench.Leaf.NameSnapshot("mine", await bench.Leaf.CaptureAsync([new(ChatRole.User, "Hi")], As("a")), cacheScope: "a");

        await bench.Leaf.ForgetAsync("a");

        Assert.Equal(0, (await bench.Leaf.GetResponseAsync("A secret", As("a"))).Usage!.CachedInputTokenCount);
        Assert.NotEqual(0, (await bench.Leaf.GetResponseAsync("A secret", As("b"))).Usage!.CachedInputTokenCount);
        await Assert.ThrowsAsync<KeyNotFoundException>(() => bench.Leaf.GetResponseAsync("More", As("a", a.ConversationId)));
        await Assert.ThrowsAsync<KeyNotFoundException>(() => bench.Leaf.GetResponseAsync("More", As("a", "mine")));
        Assert.Equal("Ok.", (await bench.Leaf.GetResponseAsync("More", As("b", b.ConversationId))).Text);
    }

    [Fact, Item(125)]
    public async Task An_id_is_forgotten_with_what_was_said_under_it()
    {
        using var bench = new Bench(options => options.KeptConversations = 8);
        bench.Runner.Otherwise(" Ok.");
        var first = await bench.Leaf.GetResponseAsync("A secret");
        var options = new ChatOptions { ConversationId = first.ConversationId };

        await bench.Leaf.ForgetAsync([], options);

        await Assert.ThrowsAsync<KeyNotFoundException>(() => bench.Leaf.GetResponseAsync("More", options));
        Assert.Equal(0, (await bench.Leaf.GetResponseAsync("A secret")).Usage!.CachedInputTokenCount);
    }
}
