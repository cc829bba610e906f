using Microsoft.Extensions.AI;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.SemanticKernel;
using Microsoft.SemanticKernel.ChatCompletion;
using Microsoft.SemanticKernel.ImageToText;
using RwkvSk.Connector.Hosting;
using Xunit;
using TextContent = Microsoft.SemanticKernel.TextContent;

namespace RwkvSk.Connector.Tests.Conformance;

/// <summary>F. Image-to-text.</summary>
public class ImageToTextTests
{
    private static readonly string Described = $"User: {TestKit.ScriptedModelRunner.Picture}\nDescribe the picture.\n\nAssistant:";
    private static readonly string Counted = $"User: {TestKit.ScriptedModelRunner.Picture}\nHow many?\n\nAssistant:";

    [Fact, Item(58, 59, 62)]
    public async Task One_text_comes_back_with_everything_about_it()
    {
        using var bench = new Bench();
        bench.Runner.When(Described, " A goose.").When(Counted, " One.");
        var service = new RwkvImageToTextService(bench.Leaf);
        var text = Assert.Single(await service.GetTextContentsAsync(new ImageContent(Bench.Png, null)));
        Assert.Equal("A goose.", text.Text);
        Assert.Equal("scripted-model", text.ModelId);
        Assert.IsType<RwkvAnswer>(text.InnerContent);
        Assert.Equal("stop", text.Metadata!["FinishReason"]);
        Assert.IsType<UsageDetails>(text.Metadata["Usage"]);

        PromptExecutionSettings[] asked =
        [
            new RwkvPromptExecutionSettings { Prompt = "How many?" },
            new() { ExtensionData = new Dictionary<string, object> { ["prompt"] = "How many?" } },
        ];
        foreach (var settings in asked)
        {
            settings.Freeze();
            Assert.Equal("One.", (await service.GetTextContentAsync(new ImageContent(Bench.Png, null), settings)).Text);
        }

        bench.Options.CaptionPrompt = "How many?";
        Assert.Equal("One.", (await service.GetTextContentAsync(new ImageContent(Bench.Png, null))).Text);
    }

    [Fact, Item(59)]
    public async Task A_picture_read_for_a_caption_is_not_read_again_for_a_chat()
    {
        using var bench = new Bench();
        bench.Runner.Otherwise(" A goose.");
        await new RwkvImageToTextService(bench.Leaf).GetTextContentAsync(new ImageContent(Bench.Png, null));
        var history = new ChatHistory();
        history.AddUserMessage([new ImageContent(Bench.Png, "image/png"), new TextContent("Which bird?")]);
        var reply = await bench.AskAsync(Face.Kernel, history);
        Assert.Equal("User: ".Length + 4, reply.Usage!.CachedInputTokenCount);
        Assert.Single(bench.Runner.Pictures);
    }

    [Fact, Item(60)]
    public async Task What_is_no_picture_is_refused()
    {
        using var bench = new Bench();
        var service = new RwkvImageToTextService(bench.Leaf);
        await Assert.ThrowsAsync<ArgumentNullException>(() => service.GetTextContentsAsync(null!));
        await Assert.ThrowsAsync<ArgumentException>(() => service.GetTextContentsAsync(new ImageContent()));
        await Assert.ThrowsAsync<NotSupportedException>(() => service.GetTextContentsAsync(new ImageContent(new Uri("https://x/y.png"))));
    }

    [Theory, Item(61)]
    [InlineData(null)]
    [InlineData("eyes")]
    public async Task It_is_registered_with_and_without_an_id(string? serviceId)
    {
        using var bench = new Bench();
        bench.Runner.Otherwise(" A goose.");
        var builder = Kernel.CreateBuilder();
        builder.Services.AddKeyedSingleton<IEngineSource>(serviceId, (_, _) => LazyEngine.Of(bench.Engine));
        var kernel = builder.AddRwkvImageToText("goose.safetensors", serviceId: serviceId).Build();
        var service = kernel.GetRequiredService<IImageToTextService>(serviceId);
        Assert.Equal("goose", service.Attributes["ModelId"]);
        Assert.Equal("A goose.", (await service.GetTextContentAsync(new ImageContent(Bench.Png, null))).Text);
    }

    [Fact, Item(62)]
    public async Task It_can_be_cancelled()
    {
        using var bench = new Bench();
        using var cancellation = new CancellationTokenSource();
        bench.Runner.Otherwise(" A goose.").BeforeStep = _ => cancellation.Cancel();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(
            () => new RwkvImageToTextService(bench.Leaf).GetTextContentsAsync(new ImageContent(Bench.Png, null), cancellationToken: cancellation.Token));
    }
}
