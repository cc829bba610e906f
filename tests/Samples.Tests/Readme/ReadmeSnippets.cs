using Microsoft.Extensions.AI;
using Microsoft.Extensions.DependencyInjection;
#region chat
using Microsoft.SemanticKernel;
using Microsoft.SemanticKernel.ChatCompletion;
#endregion
using RwkvSk.Engine;
using ImageContent = Microsoft.SemanticKernel.ImageContent;
using TextContent = Microsoft.SemanticKernel.TextContent;

namespace RwkvSk.Samples.Tests.Readme;

/// <summary>The C# of the README, as it is compiled and run.</summary>
internal static class ReadmeSnippets
{
    public static async Task ChatAsync(string model, string picture)
    {
        #region chat
        var kernel = Kernel.CreateBuilder().AddRwkvChatCompletion(model).Build();
        var chat = kernel.GetRequiredService<IChatCompletionService>();
        var history = new ChatHistory();
        history.AddUserMessage([new ImageContent(await File.ReadAllBytesAsync(picture), "image/png"), new TextContent("Describe the picture.")]);
        await foreach (var chunk in chat.GetStreamingChatMessageContentsAsync(history))
        {
            Console.Write(chunk.Content);
        }
        #endregion

        await ((ServiceProvider)kernel.Services).DisposeAsync();
    }

    public static async Task<string> DeviceAsync(string model)
    {
        var services = new ServiceCollection();
        #region device
        services.AddRwkvChatClient(model, options =>
        {
            options.Device = Device.Cpu;                       // Auto takes the GPU when there is a usable one
            options.Precision = WeightPrecision.Float32;
            options.PrefixCacheBytes = 64 << 20;
        });
        #endregion
        await using var provider = services.BuildServiceProvider();
        var answer = await provider.GetRequiredService<IChatClient>().GetResponseAsync("Hello", new ChatOptions { MaxOutputTokens = 4 });
        return answer.Text;
    }
}
