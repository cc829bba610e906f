using Microsoft.Extensions.AI;
using Microsoft.SemanticKernel;
using Microsoft.SemanticKernel.ChatCompletion;
using Xunit;

namespace RwkvSk.Connector.Tests.Conformance;

/// <summary>C. Streaming.</summary>
public class StreamingTests
{
    [Fact, Item(26, 28, 29, 35)]
    public async Task Chunks_carry_role_model_and_at_the_end_reason_and_usage()
    {
        using var bench = new Bench();
        bench.Runner.Otherwise(" One two three");
        var chunks = await bench.Service.GetStreamingChatMessageContentsAsync(new ChatHistory("Hi", AuthorRole.User)).ToListAsync();
        var whole = (await bench.Service.GetChatMessageContentsAsync(new ChatHistory("Hi", AuthorRole.User), cancellationToken: TestContext.Current.CancellationToken))[0];

        Assert.All(chunks, chunk => Assert.Equal(AuthorRole.Assistant, chunk.Role));
        Assert.All(chunks, chunk => Assert.Equal("scripted-model", chunk.ModelId));
        Assert.Single(chunks.Select(static chunk => chunk.Metadata!["Id"]).Distinct());
        Assert.Single(chunks, chunk => chunk.Metadata!.ContainsKey("Usage"));
        Assert.Single(chunks, chunk => chunk.Metadata!.ContainsKey("FinishReason"));
        foreach (var (key, value) in whole.Metadata!)
        {
            Assert.Equal(value!.GetType(), chunks[^1].Metadata![key]!.GetType());
        }

        Assert.Equal("stop", chunks[^1].Metadata!["FinishReason"]);
        Assert.Equal("stop", whole.Metadata["FinishReason"]);
        Assert.IsType<UsageDetails>(whole.Metadata["Usage"]);
    }

    [Fact, Item(28, 35)]
    public async Task Updates_of_one_response_belong_together()
    {
        using var bench = new Bench();
        bench.Runner.Otherwise(" One two three");
        var updates = await bench.Leaf.GetStreamingResponseAsync("Hi", cancellationToken: TestContext.Current.CancellationToken).ToListAsync(TestContext.Current.CancellationToken);
        Assert.Single(updates.Select(static update => update.ResponseId).Distinct());
        Assert.Single(updates.Select(static update => update.MessageId).Distinct());
        Assert.NotNull(updates[0].MessageId);
        Assert.All(updates, update => Assert.Equal(ChatRole.Assistant, update.Role));
        Assert.Single(updates.SelectMany(static update => update.Contents).OfType<UsageContent>());
        Assert.Single(updates[^1].Contents.OfType<UsageContent>());
        Assert.Equal(ChatFinishReason.Stop, updates[^1].FinishReason);
    }

    [Theory, Item(27)]
    [InlineData(Face.KernelStreaming)]
    [InlineData(Face.ClientStreaming)]
    public async Task The_first_piece_is_there_before_the_last_is_made(Face face)
    {
        using var bench = new Bench();
        using var mayGoOn = new ManualResetEventSlim();
        var steps = 0;
        bench.Runner.Otherwise(" abcdefgh").BeforeStep = _ =>
        {
            if (++steps == 6)
            {
                mayGoOn.Wait(TestContext.Current.CancellationToken);
            }
        };
        var texts = face is Face.KernelStreaming
            ? bench.Service.GetStreamingChatMessageContentsAsync(new ChatHistory("Hi", AuthorRole.User)).Select(static c => c.Content ?? "")
            : bench.Leaf.GetStreamingResponseAsync("Hi", cancellationToken: TestContext.Current.CancellationToken).Select(static u => u.Text);
        await using var pieces = texts.GetAsyncEnumerator(TestContext.Current.CancellationToken);
        Assert.True(await pieces.MoveNextAsync());
        Assert.Equal("a", pieces.Current);
        mayGoOn.Set();
        while (await pieces.MoveNextAsync())
        {
        }
    }

    [Theory, Item(30)]
    [InlineData(Face.Kernel)]
    [InlineData(Face.KernelStreaming)]
    [InlineData(Face.Client)]
    [InlineData(Face.ClientStreaming)]
    public async Task Stop_texts_never_leak_and_false_beginnings_do(Face face)
    {
        using var bench = new Bench();
        bench.Runner.Otherwise(" one STO two STOP three");
        var reply = await bench.AskAsync(face, "Hi", new() { StopSequences = ["STOP"] });
        Assert.Equal("one STO two", reply.Text);
        Assert.Equal("stop", reply.FinishReason);
        Assert.All(reply.Pieces, piece => Assert.DoesNotContain("STOP", piece, StringComparison.Ordinal));
    }

    [Fact, Item(31)]
    public async Task No_piece_of_a_call_shows_as_text()
    {
        using var bench = new Bench();
        bench.Runner.When("User: now?\n\nAssistant:", " Looking.\n```json\n{\"name\":\"clock_now\",\"arguments\":{}}\n```").Otherwise(" Noon.");
        var kernel = bench.Kernel();
        kernel.ImportPluginFromFunctions("clock", [KernelFunctionFactory.CreateFromMethod(static () => "12:00", "now")]);
        var reply = await bench.AskAsync(Face.KernelStreaming, new ChatHistory("now?", AuthorRole.User), new() { FunctionChoiceBehavior = FunctionChoiceBehavior.Auto() }, kernel);
        Assert.Equal("Looking.Noon.", reply.Text);
        Assert.Equal(["clock-now"], reply.Calls);

        var updates = await bench.Leaf.GetStreamingResponseAsync("now?", new ChatOptions { Tools = [.. kernel.Plugins.GetFunctionsMetadata().Select(m => kernel.Plugins.GetFunction(m.PluginName, m.Name))] }, TestContext.Current.CancellationToken).ToListAsync(TestContext.Current.CancellationToken);
        Assert.Equal("Looking.", string.Concat(updates.Select(static u => u.Text)));
    }

    [Theory, Item(32)]
    [InlineData(Face.KernelStreaming)]
    [InlineData(Face.ClientStreaming)]
    public async Task Walking_away_from_a_stream_frees_its_slot(Face face)
    {
        using var bench = new Bench(slots: 1, engine: new() { MaxRunning = 1 });
        bench.Runner.When("User: long\n\nAssistant:", " " + new string('x', 900)).Otherwise(" short");
        if (face is Face.KernelStreaming)
        {
            await foreach (var _ in bench.Service.GetStreamingChatMessageContentsAsync(new ChatHistory("long", AuthorRole.User)))
            {
                break;
            }
        }
        else
        {
            await foreach (var _ in bench.Leaf.GetStreamingResponseAsync("long", cancellationToken: TestContext.Current.CancellationToken))
            {
                break;
            }
        }

        Assert.Equal("short", (await bench.AskAsync(face, "Hi")).Text);
    }

    [Fact, Item(33)]
    public async Task A_stream_can_be_appended_to_a_conversation()
    {
        using var bench = new Bench();
        bench.Runner.Otherwise(" One two three");
        var messages = new List<ChatMessage> { new(ChatRole.User, "Hi") };
        await messages.AddMessagesAsync(bench.Leaf.GetStreamingResponseAsync(messages, cancellationToken: TestContext.Current.CancellationToken));
        Assert.Equal(2, messages.Count);
        Assert.Equal(ChatRole.Assistant, messages[1].Role);
        Assert.Equal("One two three", Assert.IsType<Microsoft.Extensions.AI.TextContent>(Assert.Single(messages[1].Contents)).Text);
    }

    [Fact, Item(34)]
    public async Task A_prompt_can_be_streamed_as_any_of_the_kernels_types()
    {
        using var bench = new Bench();
        bench.Runner.Otherwise(" One two");
        var kernel = bench.Kernel();
        var cancellation = TestContext.Current.CancellationToken;
        Assert.Equal("One two", string.Concat(await kernel.InvokePromptStreamingAsync<string>("Hi", cancellationToken: cancellation).ToListAsync(cancellation)));
        Assert.Equal("One two", string.Concat((await kernel.InvokePromptStreamingAsync<StreamingChatMessageContent>("Hi", cancellationToken: cancellation).ToListAsync(cancellation)).Select(static c => c.Content)));
        Assert.Equal("One two", System.Text.Encoding.UTF8.GetString([.. (await kernel.InvokePromptStreamingAsync<byte[]>("Hi", cancellationToken: cancellation).ToListAsync(cancellation)).SelectMany(static b => b)]));
        Assert.Equal("One two", string.Concat((await kernel.InvokePromptStreamingAsync<ChatResponseUpdate>("Hi", cancellationToken: cancellation).ToListAsync(cancellation)).Select(static u => u.Text)));
    }
}
