using Microsoft.Extensions.AI;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;
using Microsoft.SemanticKernel;
using Microsoft.SemanticKernel.ChatCompletion;
using RwkvSk.Connector.Hosting;
using RwkvSk.Engine;
using RwkvSk.Engine.Prompts;
using RwkvSk.Engine.Sampling;
using RwkvSk.Engine.Weights;
using RwkvSk.TestKit;
using Xunit;

namespace RwkvSk.Connector.Tests.Conformance;

/// <summary>L. State cache: what a persona begins with is read once and stays. Tokens are bytes here, so lengths of texts are numbers of tokens.</summary>
public class PersonaTests
{
    private const string Support = "You help with lamps.";
    private static readonly int SupportTurn = $"System: {Support}\n\n".Length;

    public static TheoryData<Face> Faces => [Face.Kernel, Face.KernelStreaming, Face.Client, Face.ClientStreaming];

    [Theory, Item(123)]
    [MemberData(nameof(Faces))]
    public async Task A_request_that_names_a_persona_begins_with_its_text_and_pays_for_its_own(Face face)
    {
        using var bench = WithSupport();
        var reply = await bench.AskAsync(face, "Hi", new() { Persona = "support" });
        Assert.Equal($"System: {Support}\n\nUser: Hi\n\nAssistant:", bench.Runner.Prompts[^1]);
        Assert.Equal(SupportTurn, reply.Usage!.CachedInputTokenCount);

        var own = new ChatHistory("Be brief.");
        own.AddUserMessage("Hi");
        await bench.AskAsync(face, own, new() { Persona = "support" });
        Assert.Equal($"System: {Support}\nBe brief.\n\nUser: Hi\n\nAssistant:", bench.Runner.Prompts[^1]);
        await bench.AskAsync(face, "Hi");
        Assert.Equal("User: Hi\n\nAssistant:", bench.Runner.Prompts[^1]);
    }

    [Fact, Item(122, 123)]
    public async Task It_is_read_once_for_all_tenants_whatever_the_cache_keeps()
    {
        using var bench = WithSupport(engine: new() { PrefixCacheBytes = 0 });
        string?[] tenants = ["a", "b", null, "a"];
        foreach (var tenant in tenants)
        {
            var reply = await bench.AskAsync(Face.Client, "Hi", new() { Persona = "support", CacheScope = tenant });
            Assert.Equal(SupportTurn, reply.Usage!.CachedInputTokenCount);
        }

        Assert.Equal(SupportTurn + (4 * "User: Hi\n\nAssistant:".Length), bench.Runner.PrefillPositions);
    }

    [Fact, Item(122, 123)]
    public async Task What_follows_it_is_the_tenants_own()
    {
        using var bench = WithSupport();
        RwkvPromptExecutionSettings As(string? tenant) => new() { Persona = "support", CacheScope = tenant };
        var history = new ChatHistory("A secret", AuthorRole.User);
        history.AddAssistantMessage((await bench.AskAsync(Face.Kernel, history, As("a"))).Text);
        history.AddUserMessage("More");

        Assert.Equal(SupportTurn, (await bench.AskAsync(Face.Kernel, history, As("b"))).Usage!.CachedInputTokenCount);
        Assert.Equal(SupportTurn, (await bench.AskAsync(Face.Kernel, history, As(null))).Usage!.CachedInputTokenCount);
        var mine = await bench.AskAsync(Face.Kernel, history, As("a"));
        Assert.Equal("User: More\n\nAssistant:".Length, mine.Usage!.InputTokenCount - mine.Usage.CachedInputTokenCount);
    }

    [Fact, Item(120, 123)]
    public async Task Its_functions_are_part_of_what_is_read_beforehand()
    {
        AITool tool = AIFunctionFactory.Create(static () => "12:00", "now", "Tells the time.");
        using var bench = WithSupport(options => options.Personas["support"].Tools.Add(tool));
        var reply = await bench.Leaf.GetResponseAsync("Hi", new ChatOptions { Tools = [tool], AdditionalProperties = new() { ["persona"] = "support" } });
        Assert.Equal("User: Hi\n\nAssistant:".Length, reply.Usage!.InputTokenCount - reply.Usage.CachedInputTokenCount);
        Assert.Contains("- now(): Tells the time.", bench.Runner.Prompts[^1], StringComparison.Ordinal);
    }

    [Fact, Item(126)]
    public async Task A_tuned_state_is_what_the_model_begins_with()
    {
        using var folder = new TemporaryFolder();
        var file = Path.Combine(folder.Path, "polite.safetensors");
        SafetensorsWriter.Write(file, [.. Enumerable.Range(0, 2).Select(static layer => SafetensorsTensor.From($"blocks.{layer}.att.time_state", [4, 1, 1], new float[] { 1, 2, 3, 4 + layer }))]);
        using var engine = TestEngine.Over(new FakeModelRunner());
        var options = new RwkvOptions { ModelPath = "fake", Sampling = SamplingOptions.Greedy, MaximumTokens = 8 };
        options.Personas["polite"] = new RwkvPersona { StateFile = file };
        options.Personas["politer"] = new RwkvPersona { StateFile = file, SystemPrompt = Support };
        using var client = new RwkvChatClient(engine, options);
        async Task<IReadOnlyList<int>> AskAsync(string? persona) =>
            ((RwkvAnswer)(await client.GetResponseAsync("Hi", new ChatOptions { AdditionalProperties = new() { ["persona"] = persona } })).RawRepresentation!).TokenIds;
        async Task<IReadOnlyList<int>> ExpectedAsync(params string[] turns) =>
            [.. (await engine.GenerateAsync(engine.LoadTunedState(file), new Prompt([.. turns.Select(static t => new Turn(t))]), new() { Sampling = SamplingOptions.Greedy, MaximumTokens = 8, StopSequences = ["\n\nUser:"] }).ToListAsync()).Select(static t => t.Id)];

        Assert.Equal(await ExpectedAsync("User: Hi\n\n", "Assistant:"), await AskAsync("polite"));
        Assert.Equal(await ExpectedAsync($"System: {Support}\n\n", "User: Hi\n\n", "Assistant:"), await AskAsync("politer"));
        Assert.NotEqual(await AskAsync(null), await AskAsync("polite"));
    }

    [Fact, Item(126)]
    public async Task A_saved_snapshot_is_what_the_model_has_read()
    {
        using var folder = new TemporaryFolder();
        var file = Path.Combine(folder.Path, "manual.safetensors");
        using var engine = TestEngine.Over(new FakeModelRunner());
        await engine.SaveSnapshotAsync(await engine.CaptureAsync(new Prompt("System: A manual.\n\n")), file);
        var options = new RwkvOptions { ModelPath = "fake", Sampling = SamplingOptions.Greedy, MaximumTokens = 8 };
        options.Personas["expert"] = new RwkvPersona { StateFile = file };
        using var other = TestEngine.Over(new FakeModelRunner());
        using var client = new RwkvChatClient(other, options).As("expert");

        var answer = (RwkvAnswer)(await client.GetResponseAsync("Hi")).RawRepresentation!;

        var expected = await engine.GenerateAsync(
            new Prompt(new Turn("System: A manual.\n\n"), new Turn("User: Hi\n\n"), new Turn("Assistant:")),
            new() { Sampling = SamplingOptions.Greedy, MaximumTokens = 8, StopSequences = ["\n\nUser:"] }).ToListAsync();
        Assert.Equal(expected.Select(static t => t.Id), answer.TokenIds);
        Assert.Equal("System: A manual.\n\n".Length, answer.Usage.ReusedPositions);
    }

    [Fact, Item(109, 123)]
    public async Task The_container_makes_clients_of_personas_and_the_warm_up_reads_them()
    {
        using var bench = new Bench();
        bench.Runner.Otherwise(" Ok.");
        var builder = Host.CreateApplicationBuilder();
        builder.Services.AddKeyedSingleton<IEngineSource>("house", (_, _) => LazyEngine.Of(bench.Engine));
        builder.Services.AddRwkvChatCompletion(typeof(PersonaTests).Assembly.Location, options => options.WarmUp = WarmUp.Blocking, "house")
            .AddRwkvPersona("support", Support, "house").AddRwkvPersona("poet", persona => persona.SystemPrompt = "You rhyme.", "house");
        using var host = builder.Build();
        await host.StartAsync();
        var read = bench.Runner.PrefillPositions;
        Assert.Equal(SupportTurn + "System: You rhyme.\n\n".Length + "User: Hi\n\n".Length, read);

        using var poet = host.Services.GetRequiredKeyedService<RwkvChatClient>("poet");
        var answer = await poet.GetResponseAsync("Hi");
        Assert.Equal("System: You rhyme.\n\nUser: Hi\n\nAssistant:", bench.Runner.Prompts[^1]);
        Assert.Equal("System: You rhyme.\n\n".Length, answer.Usage!.CachedInputTokenCount);

        var chat = host.Services.GetRequiredKeyedService<IChatCompletionService>("house");
        await chat.GetChatMessageContentAsync("Hi", new RwkvPromptExecutionSettings { Persona = "support" });
        Assert.Equal($"System: {Support}\n\nUser: Hi\n\nAssistant:", bench.Runner.Prompts[^1]);
        await host.StopAsync();
    }

    [Fact, Item(107)]
    public void Personas_are_bound_and_checked()
    {
        var configuration = new ConfigurationBuilder().AddInMemoryCollection(new Dictionary<string, string?>
        {
            ["ModelPath"] = "m", ["Personas:support:SystemPrompt"] = Support, ["Personas:empty:SystemPrompt"] = " ",
        }).Build();
        var services = new ServiceCollection();
        services.AddOptions<RwkvOptions>().Bind(configuration).ValidateDataAnnotations();
        var error = Assert.Throws<OptionsValidationException>(() => services.BuildServiceProvider().GetRequiredService<IOptions<RwkvOptions>>().Value);
        Assert.Contains("'empty'", error.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("'support'", error.Message, StringComparison.Ordinal);
    }

    [Fact, Item(40)]
    public async Task An_unknown_persona_is_refused_by_name()
    {
        using var bench = WithSupport();
        var error = await Assert.ThrowsAsync<ArgumentException>(() => bench.AskAsync(Face.Kernel, "Hi", new() { Persona = "sales" }));
        Assert.Contains("'sales'", error.Message, StringComparison.Ordinal);
        Assert.Contains("support", error.Message, StringComparison.Ordinal);
        Assert.Throws<ArgumentException>(() => bench.Leaf.As("sales"));
    }

    private static Bench WithSupport(Action<RwkvOptions>? more = null, EngineOptions? engine = null)
    {
        var bench = new Bench(options =>
        {
            options.Personas["support"] = new RwkvPersona { SystemPrompt = Support };
            more?.Invoke(options);
        }, engine);
        bench.Runner.Otherwise(" Ok.");
        return bench;
    }
}
