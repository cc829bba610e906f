using Microsoft.SemanticKernel;
using Microsoft.SemanticKernel.ChatCompletion;
using RwkvSk.Connector.Tests.Prompting;
using Xunit;
using TextContent = Microsoft.SemanticKernel.TextContent;

namespace RwkvSk.Connector.Tests.Conformance;

/// <summary>L. State cache: tenants.</summary>
public class IsolationTests
{
    [Theory, Item(122)]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public async Task A_probe_of_another_tenant_never_hits(int seed)
    {
        using var bench = new Bench();
        bench.Runner.Answer(static prompt => $" {prompt.Length}");
        var random = new Random(seed);
        string?[] tenants = ["a", "b", "A", "", null];
        var seen = tenants.Select(static _ => new HashSet<string>()).ToArray();
        ChatHistory[] histories = [.. Enumerable.Range(0, 6).Select(_ => Talk(random))];
        for (var round = 0; round < 60; round++)
        {
            // The same few conversations in every tenant: what one asks is what another one probes for.
            var (tenant, history) = (random.Next(tenants.Length), histories[random.Next(histories.Length)]);
            var reply = await bench.AskAsync((Face)random.Next(4), history, new() { CacheScope = tenants[tenant] });
            var turns = PromptText.Turns(reply.Answer.Prompt);
            var first = seen[tenant].Add(turns[0]);
            Assert.Equal(first, reply.Usage!.CachedInputTokenCount == 0);
        }
    }

    [Fact, Item(122)]
    public async Task Pictures_are_encoded_for_each_tenant_and_only_once_for_each()
    {
        using var bench = new Bench();
        bench.Runner.Otherwise(" Ok.");
        string?[] tenants = ["a", "b", null, "a", "b", null];
        foreach (var tenant in tenants)
        {
            var history = new ChatHistory($"Another beginning, so that no state is shared: {bench.Runner.Prompts.Count}");
            history.AddUserMessage([new ImageContent(Bench.Png, "image/png"), new TextContent("What?")]);
            await bench.AskAsync(Face.Kernel, history, new() { CacheScope = tenant });
        }

        Assert.Equal(3, bench.Runner.Pictures.Count);
    }

    [Fact, Item(122)]
    public async Task The_application_names_the_tenant_of_every_request()
    {
        var current = new AsyncLocal<string?>();
        using var bench = new Bench(options => options.CurrentCacheScope = () => current.Value);
        bench.Runner.Otherwise(" Ok.");
        async Task<long> AskAsync(string? tenant, RwkvPromptExecutionSettings? settings = null)
        {
            current.Value = tenant;
            return (await bench.AskAsync(Face.Kernel, "Hi", settings)).Usage!.CachedInputTokenCount!.Value;
        }

        var all = await Task.WhenAll(Enumerable.Range(0, 8).Select(i => AskAsync($"tenant {i}")));
        Assert.All(all, static reused => Assert.Equal(0, reused));
        Assert.NotEqual(0, await AskAsync("tenant 3"));
        Assert.Equal(0, await AskAsync(null));
        Assert.NotEqual(0, await AskAsync(null, new() { CacheScope = "tenant 5" }));   // what a request says goes first
    }

    [Theory, Item(116)]
    [InlineData(Face.Kernel)]
    [InlineData(Face.ClientStreaming)]
    public async Task Sixty_four_equal_requests_are_read_once(Face face)
    {
        using var bench = new Bench(slots: 8);
        bench.Runner.Otherwise(" Ok.");
        var history = new ChatHistory(new string('s', 500));
        history.AddUserMessage([new ImageContent(Bench.Png, "image/png"), new TextContent("What?")]);

        var replies = await Task.WhenAll(Enumerable.Range(0, 64).Select(_ => bench.AskAsync(face, history)));

        Assert.All(replies, reply => Assert.Equal(replies[0].Answer.TokenIds, reply.Answer.TokenIds));
        Assert.Single(bench.Runner.Pictures);
        var prompt = replies[0].Usage!.InputTokenCount!.Value;
        Assert.Equal(63, replies.Count(reply => reply.Usage!.CachedInputTokenCount == prompt - "Assistant:".Length));
        Assert.InRange(bench.Runner.PrefillPositions, prompt + (63 * 10), prompt + (63 * 10) + "Assistant: Ok.\n\n".Length);   // the answer is read ahead, once
    }

    private static ChatHistory Talk(Random random)
    {
        var history = new ChatHistory($"System {random.Next(3)}");
        for (var i = random.Next(3); i >= 0; i--)
        {
            history.AddUserMessage($"Question {random.Next(3)}");
            history.AddAssistantMessage($"Answer {random.Next(3)}");
        }

        history.AddUserMessage("And?");
        return history;
    }
}
