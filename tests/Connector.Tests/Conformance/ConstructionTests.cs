using Microsoft.Extensions.AI;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.SemanticKernel;
using Microsoft.SemanticKernel.ChatCompletion;
using Microsoft.SemanticKernel.Services;
using RwkvSk.Connector.Hosting;
using RwkvSk.Engine;
using Xunit;

namespace RwkvSk.Connector.Tests.Conformance;

/// <summary>A. Construction, attributes, metadata.</summary>
public class ConstructionTests
{
    [Theory, Item(1)]
    [InlineData("")]
    [InlineData("  ")]
    [InlineData(null)]
    public void A_model_path_must_be_given(string? path)
    {
        Assert.ThrowsAny<ArgumentException>(() => new RwkvChatClient(new RwkvOptions { ModelPath = path! }));
        Assert.ThrowsAny<ArgumentException>(() => new RwkvChatCompletionService(new RwkvOptions { ModelPath = path! }));
        Assert.ThrowsAny<ArgumentException>(() => new ServiceCollection().AddRwkvChatCompletion(path!));
        Assert.Throws<ArgumentNullException>(() => new RwkvChatClient((RwkvOptions)null!));
        Assert.Throws<ArgumentNullException>(() => new RwkvChatCompletionService((RwkvChatClient)null!));
        Assert.Throws<ArgumentException>(() => new RwkvChatClient(new RwkvOptions { ModelPath = "m", MaxRunning = 0 }));
    }

    [Fact, Item(2, 3)]
    public void Construction_is_cheap_and_the_attributes_are_there_before_the_model_is()
    {
        var options = new RwkvOptions { ModelPath = "/nowhere/goose-7b.safetensors" };
        using var service = new RwkvChatCompletionService(options);
        Assert.Equal("goose-7b", ((IChatCompletionService)service).GetModelId());
        Assert.Equal("goose-7b", service.Attributes[AIServiceExtensions.ModelIdKey]);

        options.ModelId = "my-model";
        using var named = new RwkvChatCompletionService(options);
        Assert.Equal("my-model", ((IChatCompletionService)named).GetModelId());
    }

    [Fact, Item(4)]
    public void The_client_shows_what_it_is_made_of()
    {
        using var bench = new Bench();
        IChatClient[] clients = [bench.Leaf, bench.Service];
        foreach (var client in clients)
        {
            var metadata = Assert.IsType<ChatClientMetadata>(client.GetService(typeof(ChatClientMetadata)));
            Assert.Equal("rwkv", metadata.ProviderName);
            Assert.Equal("scripted-model", metadata.DefaultModelId);
            Assert.Null(client.GetService(typeof(ChatClientMetadata), "key"));
            Assert.Same(bench.Leaf, client.GetService(typeof(RwkvChatClient)));
            Assert.Same(bench.Engine, client.GetService(typeof(RwkvEngine)));
            Assert.Same(client, client.GetService(typeof(IChatClient)));
            Assert.Null(client.GetService(typeof(string)));
            Assert.Throws<ArgumentNullException>(() => client.GetService(null!));
        }
    }

    [Fact, Item(5)]
    public void Neither_of_the_ready_made_adapters_can_come_between()
    {
        using var bench = new Bench();
        Assert.Same(bench.Service, ((IChatCompletionService)bench.Service).AsChatClient());
        Assert.Same(bench.Service, ((IChatClient)bench.Service).AsChatCompletionService());
    }

    [Theory, Item(6, 9)]
    [InlineData(Face.Kernel)]
    [InlineData(Face.KernelStreaming)]
    [InlineData(Face.Client)]
    [InlineData(Face.ClientStreaming)]
    public async Task An_answer_carries_the_models_name_and_the_engines_own_account(Face face)
    {
        using var bench = new Bench();
        bench.Runner.Otherwise(" Hello.");
        var reply = await bench.AskAsync(face, "Hi");
        Assert.Equal("Hello.", reply.Text);
        Assert.Equal("scripted-model", reply.ModelId);
        Assert.Equal(" Hello.", reply.Answer.Text);
        Assert.Equal(2, reply.Answer.Prompt.Turns.Count);
        Assert.Equal(reply.Usage!.OutputTokenCount, reply.Answer.TokenIds.Count);
    }

    [Theory, Item(7)]
    [InlineData(Face.Kernel)]
    [InlineData(Face.KernelStreaming)]
    public async Task Another_model_than_the_loaded_one_is_refused(Face face)
    {
        using var bench = new Bench();
        bench.Runner.Otherwise(" Hello.");
        var error = await Assert.ThrowsAsync<ArgumentException>(() => bench.AskAsync(face, "Hi", new() { ModelId = "gpt" }));
        Assert.Contains("'gpt'", error.Message, StringComparison.Ordinal);
        Assert.Contains("'scripted-model'", error.Message, StringComparison.Ordinal);
        await Assert.ThrowsAsync<ArgumentException>(() => bench.Leaf.GetResponseAsync("Hi", new ChatOptions { ModelId = "gpt" }, TestContext.Current.CancellationToken));
        Assert.Equal("Hello.", (await bench.AskAsync(face, "Hi", new() { ModelId = "scripted-model" })).Text);
    }

    [Fact, Item(8)]
    public async Task A_model_that_is_not_there_is_the_same_clear_error_every_time()
    {
        var path = Path.Combine(Path.GetTempPath(), Guid.NewGuid().ToString("N"), "missing.safetensors");
        using var service = new RwkvChatCompletionService(new RwkvOptions { ModelPath = path });
        for (var attempt = 0; attempt < 2; attempt++)
        {
            var buffered = await Assert.ThrowsAnyAsync<IOException>(() => service.GetChatMessageContentsAsync(new ChatHistory("Hi", AuthorRole.User), cancellationToken: TestContext.Current.CancellationToken));
            var streamed = await Assert.ThrowsAnyAsync<IOException>(async () => await service.GetStreamingChatMessageContentsAsync(new ChatHistory("Hi", AuthorRole.User)).ToListAsync());
            Assert.Contains(path, buffered.Message, StringComparison.Ordinal);
            Assert.Equal(buffered.GetType(), streamed.GetType());
        }
    }

    [Fact, Item(8)]
    public async Task A_load_that_failed_leaves_nothing_and_is_tried_again()
    {
        using var bench = new Bench();
        var attempts = 0;
        using var source = new LazyEngine(() => ++attempts == 1 ? throw new ModelFormatException("'x' is damaged") : bench.Engine, owned: false);
        Assert.Equal(EngineState.NotLoaded, source.State);
        await Assert.ThrowsAsync<ModelFormatException>(() => source.GetAsync(TestContext.Current.CancellationToken));
        Assert.Equal(EngineState.Faulted, source.State);
        Assert.IsType<ModelFormatException>(source.Failure);
        Assert.Same(bench.Engine, await source.GetAsync(TestContext.Current.CancellationToken));
        Assert.Equal(EngineState.Ready, source.State);
        Assert.Equal(2, attempts);
    }
}
