using Microsoft.Extensions.AI;
using Microsoft.Extensions.DependencyInjection;
#region chat
using Microsoft.SemanticKernel;
using Microsoft.SemanticKernel.ChatCompletion;
#endregion
using RwkvSk.Connector;
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

    public static async Task<long> PersonasAsync(string model, string tunedState, Func<string?> tenantOfTheCurrentUser)
    {
        var services = new ServiceCollection();
        #region personas
        services.AddRwkvChatCompletion(model, options =>
            {
                options.WarmUp = WarmUp.Background;                     // personas are read at the start
                options.CurrentCacheScope = tenantOfTheCurrentUser;     // say, from the IHttpContextAccessor
            })
            .AddRwkvPersona("support", "You help with lamps. Be brief.")
            .AddRwkvPersona("polite", new FileInfo(tunedState));        // a state-tuned checkpoint, or a saved snapshot
        #endregion
        await using var provider = services.BuildServiceProvider();
        var chat = provider.GetRequiredService<IChatCompletionService>();
        #region persona
        var settings = new RwkvPromptExecutionSettings { Persona = "support" };
        var answer = await chat.GetChatMessageContentAsync("My lamp is dark.", settings);
        #endregion
        return ((RwkvAnswer)answer.InnerContent!).Usage.ReusedPositions;
    }

    public static async Task<long> SnapshotAsync(string model, string file)
    {
        using var client = new RwkvChatClient(new RwkvOptions { ModelPath = model, MaximumTokens = 4 });
        string manual = "Turn it on.", question = "How?";
        #region snapshot
        var read = await client.CaptureAsync([new ChatMessage(ChatRole.System, manual)]);   // read once, as long as it may be
        client.NameSnapshot("manual", read);
        var answer = await client.GetResponseAsync(question, new ChatOptions { ConversationId = "manual" });

        var engine = client.GetService<RwkvEngine>()!;
        await engine.SaveSnapshotAsync(read, file);                                         // tomorrow, or on another machine: LoadSnapshotAsync
        #endregion
        return answer.Usage!.CachedInputTokenCount!.Value;
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

    public static async Task<string> StatesAsync(string model, string states, string secret)
    {
        var services = new ServiceCollection();
        #region states
        services.AddRwkvChatCompletion(model, options =>
        {
            options.SnapshotFolder = states;             // survives restarts; several processes may share it
            options.SnapshotFolderBytes = 20L << 30;
            options.SnapshotSecret = secret;             // 16 characters or more, from where your secrets are
        });
        #endregion
        await using var provider = services.BuildServiceProvider();
        var answer = await provider.GetRequiredService<IChatCompletionService>().GetChatMessageContentAsync("Hello, and tell me about states, at some length please.", new RwkvPromptExecutionSettings { MaxTokens = 4 });
        return answer.ToString();
    }
}
