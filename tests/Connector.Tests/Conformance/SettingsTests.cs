using System.Text.Json;
using Microsoft.Extensions.AI;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.SemanticKernel;
using Microsoft.SemanticKernel.ChatCompletion;
using Xunit;

namespace RwkvSk.Connector.Tests.Conformance;

/// <summary>D. Settings, as far as they show in answers; the settings class has its own tests.</summary>
[Item(36, 37, 38, 39)]
public class SettingsTests
{
    private const string Alphabet = " abcdefghijklmnopqrstuvwxyz";

    [Theory, Item(36)]
    [InlineData(Face.Kernel)]
    [InlineData(Face.KernelStreaming)]
    public async Task Base_settings_from_json_count(Face face)
    {
        using var bench = new Bench();
        bench.Runner.Otherwise(Alphabet);
        var settings = JsonSerializer.Deserialize<PromptExecutionSettings>("""{"max_tokens":"20","stop_sequences":["f"],"chat_system_prompt":"Spell."}""")!;
        settings.Freeze();
        var history = new ChatHistory("Hi", AuthorRole.User);
        var text = face is Face.Kernel
            ? (await bench.Service.GetChatMessageContentsAsync(history, settings, cancellationToken: TestContext.Current.CancellationToken))[0].Content
            : string.Concat((await bench.Service.GetStreamingChatMessageContentsAsync(history, settings).ToListAsync()).Select(static c => c.Content));
        Assert.Equal("abcde", text);
        Assert.StartsWith("System: Spell.", bench.Runner.Prompts[0], StringComparison.Ordinal);
    }

    [Fact, Item(40)]
    public async Task A_prompt_functions_settings_are_chosen_by_service_and_parsed()
    {
        using var bench = new Bench();
        bench.Runner.Otherwise(Alphabet);
        var builder = Kernel.CreateBuilder();
        builder.Services.AddKeyedSingleton<IChatCompletionService>("goose", bench.Service);
        var kernel = builder.Build();
        var config = PromptTemplateConfig.FromJson("""
            {"template":"Hi","execution_settings":{"other":{"max_tokens":2},"goose":{"max_tokens":5,"stop_sequences":["z"]}}}
            """);
        var result = await kernel.InvokeAsync(kernel.CreateFunctionFromPrompt(config), cancellationToken: TestContext.Current.CancellationToken);
        Assert.Equal("abcd", result.GetValue<string>());
    }

    [Theory, Item(41)]
    [InlineData(Face.Kernel)]
    [InlineData(Face.KernelStreaming)]
    [InlineData(Face.Client)]
    [InlineData(Face.ClientStreaming)]
    public async Task The_token_limit_is_kept_and_reported(Face face)
    {
        using var bench = new Bench();
        bench.Runner.Otherwise(Alphabet);
        var reply = await bench.AskAsync(face, "Hi", new() { MaxTokens = 4 });
        Assert.Equal("abc", reply.Text);
        Assert.Equal("length", reply.FinishReason);
        Assert.Equal(4, reply.Usage!.OutputTokenCount);
        foreach (var bad in (int[])[0, -1])
        {
            await Assert.ThrowsAnyAsync<ArgumentException>(() => bench.AskAsync(face, "Hi", new() { MaxTokens = bad }));
        }
    }

    [Theory, Item(42)]
    [InlineData(Face.Kernel)]
    [InlineData(Face.KernelStreaming)]
    [InlineData(Face.Client)]
    [InlineData(Face.ClientStreaming)]
    public async Task Equal_seeds_give_equal_answers_and_no_temperature_needs_none(Face face)
    {
        using var bench = new Bench();
        bench.Runner.Otherwise(Alphabet);
        // Hot enough to leave the script: the scripted token stands 40 above the others.
        var hot = new RwkvPromptExecutionSettings { Temperature = 100, TopP = 1, Seed = 11, MaxTokens = 24 };
        var first = await bench.AskAsync(face, "Hi", hot);
        var again = await bench.AskAsync(Face.Client, "Hi", hot);
        Assert.Equal(first.Answer.TokenIds, again.Answer.TokenIds);
        hot.Seed = 12;
        Assert.NotEqual(first.Answer.TokenIds, (await bench.AskAsync(face, "Hi", hot)).Answer.TokenIds);

        var cold = new RwkvPromptExecutionSettings { Temperature = 0 };
        Assert.Equal(Alphabet.Trim(), (await bench.AskAsync(face, "Hi", cold)).Text);
    }

    [Theory, Item(43)]
    [InlineData(Face.Kernel)]
    [InlineData(Face.KernelStreaming)]
    [InlineData(Face.Client)]
    [InlineData(Face.ClientStreaming)]
    public async Task Sampling_settings_reach_the_sampler(Face face)
    {
        using var bench = new Bench();
        bench.Runner.Otherwise(Alphabet);
        var hot = new RwkvPromptExecutionSettings { Temperature = 100, TopP = 1, Seed = 5, MaxTokens = 24 };
        Assert.NotEqual(Alphabet.Trim(), (await bench.AskAsync(face, "Hi", hot)).Text);

        hot.TopK = 1;
        Assert.Equal("abcdefghijklmnopqrstuvw", (await bench.AskAsync(face, "Hi", hot)).Text);

        (hot.TopK, hot.TopP) = (null, 0);
        Assert.Equal("abcdefghijklmnopqrstuvw", (await bench.AskAsync(face, "Hi", hot)).Text);

        // A penalty above the script's margin forbids every token to come twice.
        bench.Runner.When("User: again\n\nAssistant:", " aaaa");
        Assert.NotEqual("aaaa", (await bench.AskAsync(face, "Hi", new() { Temperature = 0, PresencePenalty = 100, MaxTokens = 26 })).Text);
        await Assert.ThrowsAnyAsync<ArgumentException>(() => bench.AskAsync(face, "Hi", new() { Temperature = -1 }));
        await Assert.ThrowsAnyAsync<ArgumentException>(() => bench.AskAsync(face, "Hi", new() { TopP = 2 }));
    }

    [Fact, Item(43)]
    public async Task Penalties_forbid_repetition()
    {
        using var bench = new Bench();
        bench.Runner.Otherwise(" aaaa");
        Assert.Equal("aaaa", (await bench.AskAsync(Face.Kernel, "Hi", new() { Temperature = 0 })).Text);
        Assert.DoesNotContain("aa", (await bench.AskAsync(Face.Kernel, "Hi", new() { Temperature = 0, PresencePenalty = 100, MaxTokens = 5 })).Answer.Text, StringComparison.Ordinal);
        Assert.DoesNotContain("aa", (await bench.AskAsync(Face.Kernel, "Hi", new() { Temperature = 0, FrequencyPenalty = 100, MaxTokens = 5 })).Answer.Text, StringComparison.Ordinal);
    }

    [Theory, Item(44)]
    [InlineData(Face.Kernel)]
    [InlineData(Face.KernelStreaming)]
    public async Task An_unknown_setting_is_ignored_and_logged(Face face)
    {
        using var bench = new Bench();
        bench.Runner.Otherwise(" Ok.");
        var settings = new RwkvPromptExecutionSettings { ExtensionData = new Dictionary<string, object> { ["mirostat"] = 2 } };
        Assert.Equal("Ok.", (await bench.AskAsync(face, "Hi", settings)).Text);
        Assert.Contains(bench.Log.GetSnapshot(), record => record.Level == LogLevel.Warning && record.Message.Contains("'mirostat'", StringComparison.Ordinal));
    }

    /// <summary>Semantic Kernel's own conversion to <see cref="ChatOptions"/>, as prompts through an IChatClient use it.</summary>
    [Fact, Item(45)]
    public async Task Settings_by_way_of_chat_options_count_the_same()
    {
        using var bench = new Bench();
        bench.Runner.Otherwise(Alphabet);
        var builder = Kernel.CreateBuilder();
        builder.Services.AddSingleton<IChatClient>(bench.Leaf);
        var kernel = builder.Build();
        var typed = new RwkvPromptExecutionSettings { Temperature = 100, TopP = 1, TopK = 9, Seed = 4, MaxTokens = 20, FrequencyPenalty = 30, PenaltyDecay = 0.5f, StopSequences = ["Q"] };
        var native = await bench.AskAsync(Face.Kernel, "Hi", typed);

        var bridged = await kernel.InvokePromptAsync<ChatResponse>("Hi", new(typed), cancellationToken: TestContext.Current.CancellationToken);
        Assert.Equal(native.Answer.TokenIds, ((RwkvAnswer)bridged!.RawRepresentation!).TokenIds);

        var json = JsonSerializer.Deserialize<PromptExecutionSettings>(JsonSerializer.Serialize(typed))!;
        var untyped = await kernel.InvokePromptAsync<ChatResponse>("Hi", new(json), cancellationToken: TestContext.Current.CancellationToken);
        Assert.Equal(native.Answer.TokenIds, ((RwkvAnswer)untyped!.RawRepresentation!).TokenIds);
    }

    [Fact, Item(46)]
    public void Settings_are_read_without_any_serializer()
    {
        // Base settings never pass through JSON, so nothing has to be known about types at run time: values keep their identity.
        var value = new object();
        var read = RwkvPromptExecutionSettings.FromExecutionSettings(new() { ExtensionData = new Dictionary<string, object> { ["x"] = value, ["seed"] = 3ul } });
        Assert.Same(value, read.ExtensionData!["x"]);
        Assert.Equal(3, read.Seed);
    }
}
