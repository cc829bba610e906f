using System.Buffers.Binary;
using System.Text.Json;
using Microsoft.Extensions.AI;
using Microsoft.SemanticKernel;
using Microsoft.SemanticKernel.ChatCompletion;
using Microsoft.SemanticKernel.ImageToText;
using RwkvSk.Engine.Sampling;
using RwkvSk.TestKit;
using Xunit;

namespace RwkvSk.Connector.Tests.Models;

/// <summary>
/// The whole way down to the arithmetic, with the model that comes with the samples (or the one in RWKVSK_MODEL). What it says is judged elsewhere; here it
/// is how it says it.
/// </summary>
public class GoslingTests
{
    private static readonly string? Model = Find();

    public GoslingTests() => Assert.SkipWhen(LibTorch.Missing is not null, LibTorch.Missing ?? "");

    [Fact]
    public async Task A_picture_is_described_and_asked_about()
    {
        var kernel = Kernel();
        using var services = kernel.Services as IDisposable;
        var caption = await kernel.GetRequiredService<IImageToTextService>().GetTextContentAsync(new ImageContent(RedSquare(), null));
        Assert.False(string.IsNullOrWhiteSpace(caption.Text));

        var chat = kernel.GetRequiredService<IChatCompletionService>();
        var history = new ChatHistory();
        history.AddUserMessage([new ImageContent(RedSquare(), "image/bmp"), new Microsoft.SemanticKernel.TextContent("What color is the square?")]);
        var first = await chat.GetChatMessageContentAsync(history);
        var streamed = string.Concat((await chat.GetStreamingChatMessageContentsAsync(history).ToListAsync()).Select(static c => c.Content));
        Assert.Equal(first.Content, streamed);
        Assert.Contains(first.Metadata!["FinishReason"] as string, (string[])["stop", "length"]);

        history.Add(first);
        history.AddUserMessage("Where is it?");
        var second = await chat.GetChatMessageContentAsync(history);
        var usage = Assert.IsType<UsageDetails>(second.Metadata!["Usage"]);
        Assert.InRange(usage.CachedInputTokenCount!.Value, usage.InputTokenCount!.Value / 2, usage.InputTokenCount.Value);
    }

    [Fact]
    public async Task Calls_and_structured_answers_fit()
    {
        var kernel = Kernel();
        using var services = kernel.Services as IDisposable;
        var said = new List<string>();
        kernel.ImportPluginFromFunctions("lamp", [KernelFunctionFactory.CreateFromMethod((string color) => said.Add(color), "set_color", "Turns the lamp to a color.")]);
        var chat = kernel.GetRequiredService<IChatCompletionService>();
        var history = new ChatHistory("Turn the lamp to red.", AuthorRole.User);
        await chat.GetChatMessageContentAsync(history, new RwkvPromptExecutionSettings { FunctionChoiceBehavior = FunctionChoiceBehavior.Required(), MaxTokens = 300 }, kernel);
        Assert.Single(said);

        const string Schema = """{"type":"object","properties":{"color":{"enum":["red","green"]},"count":{"type":"integer","minimum":0,"maximum":9}},"required":["color","count"]}""";
        var answer = await chat.GetChatMessageContentAsync("How many?", new RwkvPromptExecutionSettings { ResponseFormat = JsonElement.Parse(Schema), Temperature = 1, TopP = 1, Seed = 1 });
        using var value = JsonDocument.Parse(answer.Content!);
        Assert.InRange(value.RootElement.GetProperty("count").GetInt32(), 0, 9);
        Assert.Contains(value.RootElement.GetProperty("color").GetString(), (string[])["red", "green"]);
    }

    private static Kernel Kernel()
    {
        Assert.SkipWhen(Model is null, "There is no model in samples/models/gosling and RWKVSK_MODEL is not set.");
        static void Configure(RwkvOptions options) => (options.Device, options.Sampling, options.MaximumTokens) = (RwkvSk.Engine.Device.Cpu, SamplingOptions.Greedy, 48);
        return Microsoft.SemanticKernel.Kernel.CreateBuilder().AddRwkvChatCompletion(Model!, Configure).AddRwkvImageToText(Model!).Build();
    }

    private static string? Find()
    {
        if (Environment.GetEnvironmentVariable("RWKVSK_MODEL") is { Length: > 0 } given)
        {
            return given;
        }

        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            var model = Path.Combine(folder.FullName, "samples", "models", "gosling");
            if (File.Exists(Path.Combine(model, "model.safetensors")))
            {
                return model;
            }
        }

        return null;
    }

    /// <summary>A red square on white, 64 by 64, as a bitmap.</summary>
    private static byte[] RedSquare()
    {
        const int Side = 64, Header = 54;
        var file = new byte[Header + (Side * Side * 3)];
        file.AsSpan(Header).Fill(255);
        (file[0], file[1], file[26], file[28]) = ((byte)'B', (byte)'M', 1, 24);
        foreach (var (offset, number) in ((int, int)[])[(2, file.Length), (10, Header), (14, 40), (18, Side), (22, Side), (34, file.Length - Header)])
        {
            BinaryPrimitives.WriteInt32LittleEndian(file.AsSpan(offset), number);
        }

        for (var y = 24; y < 40; y++)
        {
            for (var x = 24; x < 40; x++)
            {
                var pixel = Header + (((y * Side) + x) * 3);
                (file[pixel], file[pixel + 1], file[pixel + 2]) = (30, 30, 220);   // blue, green, red
            }
        }

        return file;
    }
}
