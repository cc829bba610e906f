using Microsoft.Extensions.AI;
using Microsoft.SemanticKernel;
using Microsoft.SemanticKernel.ChatCompletion;
using Xunit;
using TextContent = Microsoft.SemanticKernel.TextContent;

namespace RwkvSk.Connector.Tests.Conformance;

/// <summary>L. State cache: what the application has read beforehand, for everybody. Tokens are bytes here, so lengths of texts are numbers of tokens.</summary>
public class PrimeTests
{
    [Theory, Item(120)]
    [InlineData(0L, null)]
    [InlineData(0L, "a")]
    [InlineData(1L << 20, null)]
    [InlineData(1L << 20, "a")]
    public async Task System_text_functions_and_pictures_are_read_beforehand(long cacheBytes, string? tenant)
    {
        using var bench = new Bench(engine: new() { PrefixCacheBytes = cacheBytes });
        bench.Runner.Otherwise(" Ok.");
        var (kernel, _) = House.In(bench);
        var functions = kernel.Plugins.SelectMany(static plugin => plugin).ToList();
        await bench.Leaf.PrimeAsync("Be brief.", functions, [new DataContent(Bench.Png, "image/png"), new DataContent(Bench.OtherPng, "image/png")]);
        var pictures = bench.Runner.Pictures.Count;
        Assert.Equal(2, pictures);

        var settings = new RwkvPromptExecutionSettings { FunctionChoiceBehavior = FunctionChoiceBehavior.Auto(), CacheScope = tenant };
        byte[][] shown = [Bench.OtherPng, Bench.Png];
        foreach (var picture in shown)
        {
            var history = new ChatHistory("Be brief.");
            history.AddUserMessage([new ImageContent(picture, "image/png"), new TextContent("What?")]);
            var reply = await bench.AskAsync(Face.Kernel, history, settings, kernel);
            Assert.Equal("\nWhat?\n\nAssistant:".Length, reply.Usage!.InputTokenCount - reply.Usage.CachedInputTokenCount);
        }

        var plain = new ChatHistory("Be brief.");
        plain.AddUserMessage("Hi");
        var text = await bench.AskAsync(Face.KernelStreaming, plain, settings, kernel);
        Assert.Equal("User: Hi\n\nAssistant:".Length, text.Usage!.InputTokenCount - text.Usage.CachedInputTokenCount);
        Assert.Equal(pictures, bench.Runner.Pictures.Count);
        Assert.All(bench.Runner.Prompts, static prompt => Assert.StartsWith("System: Be brief.\nTools:\n", prompt, StringComparison.Ordinal));
    }

    [Fact, Item(120)]
    public async Task What_is_read_twice_is_held_once_and_nothing_is_an_error()
    {
        using var bench = new Bench(engine: new() { PrefixCacheBytes = 0 });
        await bench.Leaf.PrimeAsync("Be brief.");
        await bench.Leaf.PrimeAsync("Be brief.");
        Assert.Equal("System: Be brief.\n\n".Length, bench.Runner.PrefillPositions);
        await Assert.ThrowsAsync<ArgumentException>(() => bench.Leaf.PrimeAsync(" "));
    }
}
