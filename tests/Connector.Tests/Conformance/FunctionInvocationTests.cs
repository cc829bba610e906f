using System.Text.Json;
using Microsoft.Extensions.AI;
using Microsoft.SemanticKernel;
using Microsoft.SemanticKernel.ChatCompletion;
using RwkvSk.Connector.Tests.Prompting;
using Xunit;
using FunctionCallContent = Microsoft.SemanticKernel.FunctionCallContent;
using FunctionResultContent = Microsoft.SemanticKernel.FunctionResultContent;

namespace RwkvSk.Connector.Tests.Conformance;

/// <summary>H. Function calling: invocation.</summary>
public class FunctionInvocationTests
{
    private static readonly RwkvPromptExecutionSettings Auto = new() { FunctionChoiceBehavior = FunctionChoiceBehavior.Auto() };

    public static TheoryData<Face> KernelFaces => [Face.Kernel, Face.KernelStreaming];

    [Theory, Item(73, 74, 75)]
    [MemberData(nameof(KernelFaces))]
    public async Task Calls_and_results_go_into_the_history_and_the_answer_comes_back(Face face)
    {
        using var bench = new Bench();
        bench.Runner.When("User: Function output:\nThe lamp is red.\n\nAssistant:", " Done.")
            .Otherwise(" One moment.\n" + House.Calls(("lamp_set_color", "{\"color\":\"red\",\"level\":3}")).Trim());
        var (kernel, house) = House.In(bench);
        var history = new ChatHistory("Red!", AuthorRole.User);
        var reply = await bench.AskAsync(face, history, Auto, kernel);

        Assert.EndsWith("Done.", reply.Text, StringComparison.Ordinal);
        Assert.Equal(["red 3"], house.Log);
        Assert.Equal([AuthorRole.User, AuthorRole.Assistant, AuthorRole.Tool], history.Select(static m => m.Role));
        Assert.Equal("One moment.", history[1].Content);
        var call = Assert.Single(history[1].Items.OfType<FunctionCallContent>());
        var result = Assert.Single(history[2].Items.OfType<FunctionResultContent>());
        Assert.Equal(("lamp", "set_color"), (call.PluginName, call.FunctionName));
        Assert.Equal(("lamp", "set_color", call.Id), (result.PluginName, result.FunctionName, result.CallId));
        Assert.StartsWith("call_", call.Id, StringComparison.Ordinal);
        Assert.Equal("The lamp is red.", result.Result);
        Assert.Equal("The lamp is red.", history[2].Content);
        Assert.Equal("tool_calls", history[1].Metadata!["FinishReason"]);
        Assert.Contains("Assistant: One moment.\n```json\n{\"name\":\"lamp_set_color\",\"arguments\":{\"color\":\"red\",\"level\":3}}\n```\n\n", bench.Runner.Prompts[1], StringComparison.Ordinal);
    }

    [Theory, Item(76)]
    [MemberData(nameof(KernelFaces))]
    public async Task Several_calls_are_executed_in_order(Face face)
    {
        using var bench = new Bench();
        bench.Runner.When("User: Function output:\nThe lamp is red.\n\nUser: Function output:\n12:00\n\nAssistant:", " Done.")
            .Otherwise(House.Calls(("lamp_set_color", "{\"color\":\"red\"}"), ("lamp_now", "{}")));
        var (kernel, house) = House.In(bench);
        var history = new ChatHistory("Red!", AuthorRole.User);
        Assert.Equal("Done.", (await bench.AskAsync(face, history, Auto, kernel)).Text);
        Assert.Equal(["red 5", "now"], house.Log);
        Assert.Equal(4, history.Count);
        Assert.Equal(
            history[1].Items.OfType<FunctionCallContent>().Select(static c => c.Id),
            history.Skip(2).Select(static m => Assert.Single(m.Items.OfType<FunctionResultContent>()).CallId));
    }

    [Theory, Item(77)]
    [MemberData(nameof(KernelFaces))]
    public async Task Calls_run_at_once_where_that_is_allowed_and_results_keep_their_order(Face face)
    {
        using var bench = new Bench();
        bench.Runner.When("Function output:\nfirst\n\nUser: Function output:\nsecond\n\nAssistant:", " Done.").Otherwise(House.Calls(("p_first", "{}"), ("p_second", "{}")));
        var secondIsDone = new TaskCompletionSource();
        var kernel = bench.Kernel(builder => builder.Plugins.AddFromFunctions("p",
        [
            KernelFunctionFactory.CreateFromMethod(
                async () =>
                {
                    await secondIsDone.Task;   // never, if they ran one after the other
                    return "first";
                },
                "first"),
            KernelFunctionFactory.CreateFromMethod(
                () =>
                {
                    secondIsDone.SetResult();
                    return "second";
                },
                "second"),
        ]));
        var settings = new RwkvPromptExecutionSettings { FunctionChoiceBehavior = FunctionChoiceBehavior.Auto(options: new() { AllowConcurrentInvocation = true }) };
        Assert.Equal("Done.", (await bench.AskAsync(face, new ChatHistory("Go", AuthorRole.User), settings, kernel, TestContext.Current.CancellationToken)).Text);
    }

    [Theory, Item(78)]
    [MemberData(nameof(KernelFaces))]
    public async Task One_call_at_a_time_where_no_more_are_allowed(Face face)
    {
        using var bench = new Bench();
        bench.Runner.When("User: Function output:\n12:00\n\nAssistant:", " Done.").Otherwise(House.Calls(("lamp_now", "{}"), ("lamp_set_color", "{\"color\":\"red\"}")));
        var (kernel, house) = House.In(bench);
        var settings = new RwkvPromptExecutionSettings { FunctionChoiceBehavior = FunctionChoiceBehavior.Auto(options: new() { AllowParallelCalls = false }) };
        Assert.Equal("Done.", (await bench.AskAsync(face, new ChatHistory("Go", AuthorRole.User), settings, kernel)).Text);
        Assert.Equal(["now"], house.Log);
    }

    [Theory, Item(79)]
    [InlineData(Face.Kernel, true)]
    [InlineData(Face.Kernel, false)]
    [InlineData(Face.KernelStreaming, true)]
    [InlineData(Face.KernelStreaming, false)]
    public async Task Without_auto_invocation_the_calls_come_back(Face face, bool withKernel)
    {
        using var bench = new Bench();
        bench.Runner.Otherwise(House.Calls(("lamp_now", "{}")));
        var (kernel, house) = House.In(bench);
        var history = new ChatHistory("Go", AuthorRole.User);
        var settings = new RwkvPromptExecutionSettings { FunctionChoiceBehavior = FunctionChoiceBehavior.Auto(kernel.Plugins.SelectMany(static p => p), autoInvoke: false) };
        var reply = await bench.AskAsync(face, history, settings, withKernel ? kernel : null);
        Assert.Equal(["lamp-now"], reply.Calls);
        Assert.Equal("tool_calls", reply.FinishReason);
        Assert.Empty(house.Log);
        Assert.Single(history);
    }

    [Fact, Item(80)]
    public async Task Calls_can_be_invoked_by_hand()
    {
        using var bench = new Bench();
        bench.Runner.When("User: Function output:\n12:00\n\nAssistant:", " Noon.").Otherwise(House.Calls(("lamp_now", "{}")));
        var (kernel, _) = House.In(bench);
        var settings = new RwkvPromptExecutionSettings { FunctionChoiceBehavior = FunctionChoiceBehavior.Auto(autoInvoke: false) };
        var history = new ChatHistory("Go", AuthorRole.User);
        var message = await bench.Service.GetChatMessageContentAsync(history, settings, kernel);
        history.Add(message);
        foreach (var call in FunctionCallContent.GetFunctionCalls(message))
        {
            history.Add((await call.InvokeAsync(kernel)).ToChatMessage());
        }

        Assert.Equal("Noon.", (await bench.Service.GetChatMessageContentAsync(history, settings, kernel)).Content);
    }

    [Theory, Item(81, 82, 83)]
    [MemberData(nameof(KernelFaces))]
    public async Task Results_may_come_together_or_alone_be_errors_or_belong_to_no_call(Face face)
    {
        using var bench = new Bench();
        bench.Runner.Otherwise(" Ok.");
        var first = new FunctionCallContent("set_color", "lamp", "1", new() { ["color"] = "red" });
        var second = new FunctionCallContent("now", "lamp", "2");
        FunctionResultContent[] results = [new(first, "done"), new(second, new InvalidOperationException("No clock."))];

        var together = new ChatHistory("Go", AuthorRole.User) { new ChatMessageContent(AuthorRole.Assistant, [first, second]), new ChatMessageContent(AuthorRole.Tool, [.. results]) };
        var alone = new ChatHistory("Go", AuthorRole.User) { new ChatMessageContent(AuthorRole.Assistant, [first, second]) };
        alone.AddRange(results.Select(static r => r.ToChatMessage()));
        var expected = new[]
        {
            "User: Go\n\n",
            "Assistant: ```json\n{\"name\":\"lamp_set_color\",\"arguments\":{\"color\":\"red\"}}\n```\n```json\n{\"name\":\"lamp_now\",\"arguments\":{}}\n```\n\n",
            "User: Function output:\ndone\n\n",
            "User: Function output:\nError: Exception while invoking function. No clock.\n\n",
            "Assistant:",
        };
        Assert.Equal(expected, PromptText.Turns((await bench.AskAsync(face, together)).Answer.Prompt));
        Assert.Equal(expected, PromptText.Turns((await bench.AskAsync(face, alone)).Answer.Prompt));

        var orphan = new ChatHistory("Go", AuthorRole.User) { new ChatMessageContent(AuthorRole.Tool, [results[0]]) };
        Assert.Equal("User: Function output:\ndone\n\n", PromptText.Turns((await bench.AskAsync(face, orphan)).Answer.Prompt)[1]);
    }

    [Theory, Item(84, 85, 86)]
    [InlineData(Face.Kernel, "lamp_break", "{}", "Error: Exception while invoking function. The lamp is broken.")]
    [InlineData(Face.KernelStreaming, "lamp_break", "{}", "Error: Exception while invoking function. The lamp is broken.")]
    [InlineData(Face.Kernel, "lamp_fly", "{}", "Error: Function call request for a function that wasn't defined. Correct yourself.")]
    [InlineData(Face.KernelStreaming, "lamp_fly", "{}", "Error: Function call request for a function that wasn't defined. Correct yourself.")]
    [InlineData(Face.Kernel, "lamp_now", "{oops}", "Error: Function call processing failed. Correct yourself. Error: Function call arguments were invalid JSON.")]
    [InlineData(Face.KernelStreaming, "lamp_now", "{oops}", "Error: Function call processing failed. Correct yourself. Error: Function call arguments were invalid JSON.")]
    public async Task Whatever_goes_wrong_is_told_to_the_model(Face face, string name, string arguments, string expected)
    {
        using var bench = new Bench(options => options.ConstrainCalls = false);
        bench.Runner.When($"User: Function output:\n{expected}\n\nAssistant:", " I see.").Otherwise(House.Calls((name, arguments)));
        var (kernel, house) = House.In(bench);
        var history = new ChatHistory("Go", AuthorRole.User);
        Assert.Equal("I see.", (await bench.AskAsync(face, history, Auto, kernel)).Text);
        Assert.Empty(house.Log);
        Assert.Equal(expected, history[^1].Content);
        Assert.Equal(arguments == "{oops}", history[1].Items.OfType<FunctionCallContent>().Single().Exception is not null);
    }

    [Fact, Item(85)]
    public async Task A_function_that_is_there_but_was_not_offered_is_not_invoked()
    {
        using var bench = new Bench(options => options.ConstrainCalls = false);
        bench.Runner.When("wasn't defined. Correct yourself.\n\nAssistant:", " I see.").Otherwise(House.Calls(("lamp_set_color", "{\"color\":\"red\"}")));
        var (kernel, house) = House.In(bench);
        var settings = new RwkvPromptExecutionSettings { FunctionChoiceBehavior = FunctionChoiceBehavior.Auto([kernel.Plugins.GetFunction("lamp", "now")]) };
        Assert.Equal("I see.", (await bench.AskAsync(Face.Kernel, new ChatHistory("Go", AuthorRole.User), settings, kernel)).Text);
        Assert.Empty(house.Log);
    }

    /// <summary>Names and arguments cannot go wrong where calls are held to what was offered.</summary>
    [Theory, Item(85, 86)]
    [InlineData(Face.Kernel, "lamp_set_color", "{\"colour\":7, oops")]
    [InlineData(Face.KernelStreaming, "lamp_set_color", "{\"colour\":7, oops")]
    [InlineData(Face.Kernel, "lamp_fly", "{}")]
    [InlineData(Face.KernelStreaming, "lamp_fly", "{}")]
    public async Task A_call_cannot_be_written_wrong(Face face, string name, string arguments)
    {
        using var bench = new Bench();
        bench.Runner.Answer(static prompt => prompt.Contains("Function output:", StringComparison.Ordinal) ? " Done." : null)
            .Otherwise(" I try: ```json\n{\"a\":1}\n``` and\n" + House.Calls((name, arguments)).Trim());
        var chosen = new List<string>();
        var kernel = bench.Kernel(builder => builder.Plugins.AddFromFunctions("lamp",
        [
            KernelFunctionFactory.CreateFromMethod((LampColor color, bool on) => chosen.Add($"{color} {on}"), "set_color"),
            KernelFunctionFactory.CreateFromMethod(() => chosen.Add("off"), "switch_off"),
        ]));
        var history = new ChatHistory("Go", AuthorRole.User);
        var settings = new RwkvPromptExecutionSettings { FunctionChoiceBehavior = FunctionChoiceBehavior.Auto(), MaxTokens = 400 };
        var reply = await bench.AskAsync(face, history, settings, kernel);
        Assert.EndsWith("Done.", reply.Text, StringComparison.Ordinal);
        Assert.Single(chosen);
        Assert.Null(history[1].Items.OfType<FunctionCallContent>().Single().Exception);
        Assert.Equal("I try: ```json\n{\"a\":1}\n``` and", history[1].Content);
    }

    [Theory, Item(87, 88)]
    [InlineData(Face.Kernel, false)]
    [InlineData(Face.Kernel, true)]
    [InlineData(Face.KernelStreaming, false)]
    [InlineData(Face.KernelStreaming, true)]
    public async Task Arguments_become_what_the_function_takes(Face face, bool retainTypes)
    {
        using var bench = new Bench();
        bench.Runner.When("User: Function output:\n{\"Color\":\"Green\",\"Sum\":6}\n\nAssistant:", " Mixed.")
            .Otherwise(House.Calls(("lamp_mix", "{\"color\":\"Green\",\"levels\":[1,2,3],\"place\":{\"City\":\"Köln\"}}")));
        var (kernel, house) = House.In(bench);
        var history = new ChatHistory("Go", AuthorRole.User);
        var settings = new RwkvPromptExecutionSettings { FunctionChoiceBehavior = FunctionChoiceBehavior.Auto(options: new() { RetainArgumentTypes = retainTypes }) };
        Assert.Equal("Mixed.", (await bench.AskAsync(face, history, settings, kernel)).Text);
        Assert.Equal(["Green 1+2+3 Köln/ "], house.Log);
        var levels = history[1].Items.OfType<FunctionCallContent>().Single().Arguments!["levels"];
        Assert.IsType(retainTypes ? typeof(JsonElement) : typeof(string), levels);
        Assert.Equal("[1,2,3]", levels!.ToString());

        // Strings or not: the history reads as the model wrote it.
        Assert.Contains("{\"name\":\"lamp_mix\",\"arguments\":{\"color\":\"Green\",\"levels\":[1,2,3],\"place\":{\"City\":\"Köln\"}}}", bench.Runner.Prompts[1], StringComparison.Ordinal);
    }

    [Theory, Item(89)]
    [MemberData(nameof(KernelFaces))]
    public async Task There_are_at_most_128_rounds(Face face)
    {
        using var bench = new Bench();
        bench.Runner.Otherwise(House.Calls(("lamp_now", "{}")));
        var (kernel, house) = House.In(bench);
        var reply = await bench.AskAsync(face, new ChatHistory("Go", AuthorRole.User), Auto, kernel);
        Assert.Equal(128, house.Log.Count);
        Assert.Equal(129, bench.Runner.Prompts.Count);
        Assert.Equal("lamp-now", reply.Calls[^1]);
    }

    [Fact, Item(90)]
    public async Task Functions_that_ask_the_model_again_come_to_an_end()
    {
        using var bench = new Bench();
        bench.Runner.When("User: Function output:\nasked\n\nAssistant:", " Done.").Otherwise(House.Calls(("p_ask", "{}")));
        Kernel? kernel = null;
        var asked = 0;
        kernel = bench.Kernel(builder => builder.Plugins.AddFromFunctions("p", [KernelFunctionFactory.CreateFromMethod(
            async () =>
            {
                asked++;
                await bench.Service.GetChatMessageContentAsync(new ChatHistory("Go", AuthorRole.User), Auto, kernel);
                return "asked";
            },
            "ask")]));
        Assert.Equal("Done.", (await bench.AskAsync(Face.Kernel, new ChatHistory("Go", AuthorRole.User), Auto, kernel)).Text);
        Assert.Equal(128, asked);
    }

    [Fact, Item(91)]
    public async Task A_prompt_function_can_be_called()
    {
        using var bench = new Bench();
        bench.Runner.When("User: Function output:\nwet\n\nAssistant:", " It rains.").When("User: Weather in Bonn?\n\nAssistant:", " wet").Otherwise(House.Calls(("p_weather", "{\"city\":\"Bonn\"}")));
        var kernel = bench.Kernel();
        kernel.Plugins.AddFromFunctions("p", [kernel.CreateFunctionFromPrompt("Weather in {{$city}}?", functionName: "weather", description: "Tells the weather.")]);
        Assert.Equal("It rains.", (await bench.AskAsync(Face.Kernel, new ChatHistory("Rain?", AuthorRole.User), Auto, kernel)).Text);
    }

    [Fact, Item(92)]
    public async Task A_function_gets_kernel_and_token()
    {
        using var bench = new Bench();
        bench.Runner.When("User: Function output:\nTrue True\n\nAssistant:", " Ok.").Otherwise(House.Calls(("p_f", "{}")));
        using var cancellation = new CancellationTokenSource();
        Kernel? kernel = null;
        kernel = bench.Kernel(builder => builder.Plugins.AddFromFunctions("p", [KernelFunctionFactory.CreateFromMethod(
            (Kernel given, CancellationToken token) => $"{ReferenceEquals(given, kernel)} {token.CanBeCanceled}", "f")]));
        Assert.Equal("Ok.", (await bench.AskAsync(Face.Kernel, new ChatHistory("Go", AuthorRole.User), Auto, kernel, cancellation.Token)).Text);
        Assert.Contains("- p_f()", bench.Runner.Prompts[0], StringComparison.Ordinal);
    }

    [Theory, Item(93)]
    [MemberData(nameof(KernelFaces))]
    public async Task A_picture_that_a_function_returns_is_looked_at(Face face)
    {
        using var bench = new Bench();
        bench.Runner.When($"User: Function output:\n{TestKit.ScriptedModelRunner.Picture}\n\nAssistant:", " A goose.").Otherwise(House.Calls(("lamp_look", "{}")));
        var (kernel, _) = House.In(bench);
        Assert.Equal("A goose.", (await bench.AskAsync(face, new ChatHistory("Look", AuthorRole.User), Auto, kernel)).Text);
        Assert.Equal(Bench.Png, Assert.Single(bench.Runner.Pictures).ToArray());
    }

    [Fact, Item(93)]
    public async Task A_picture_that_a_function_returned_survives_json()
    {
        using var bench = new Bench();
        bench.Runner.Otherwise(" A goose.");
        var call = new FunctionCallContent("look", "lamp", "1");
        var history = new ChatHistory("Look", AuthorRole.User) { new ChatMessageContent(AuthorRole.Assistant, [call]), new FunctionResultContent(call, new ImageContent(Bench.Png, "image/png")).ToChatMessage() };
        var before = await bench.AskAsync(Face.Kernel, history);
        var after = await bench.AskAsync(Face.Kernel, JsonSerializer.Deserialize<ChatHistory>(JsonSerializer.Serialize(history))!);
        Assert.Equal("User: Function output:\n[1]\n\n", PromptText.Turns(before.Answer.Prompt)[2]);
        Assert.Equal(PromptText.Turns(before.Answer.Prompt), PromptText.Turns(after.Answer.Prompt));
    }

    [Fact, Item(93)]
    public async Task A_model_without_eyes_is_told_that_there_was_a_picture()
    {
        using var bench = new Bench(positionsPerImage: 0);
        bench.Runner.When("User: Function output:\nError: This model does not support image content in tool results.\n\nAssistant:", " Sorry.").Otherwise(House.Calls(("lamp_look", "{}")));
        var (kernel, _) = House.In(bench);
        Assert.Equal("Sorry.", (await bench.AskAsync(Face.Kernel, new ChatHistory("Look", AuthorRole.User), Auto, kernel)).Text);
    }

    [Fact, Item(94)]
    public async Task Streamed_calls_can_be_put_together_again()
    {
        using var bench = new Bench();
        bench.Runner.Otherwise(House.Calls(("lamp_set_color", "{\"color\":\"red\"}"), ("lamp_now", "{}")));
        var (kernel, _) = House.In(bench);
        var settings = new RwkvPromptExecutionSettings { FunctionChoiceBehavior = FunctionChoiceBehavior.Auto(autoInvoke: false) };
        var builder = new FunctionCallContentBuilder();
        await foreach (var chunk in bench.Service.GetStreamingChatMessageContentsAsync(new ChatHistory("Go", AuthorRole.User), settings, kernel))
        {
            builder.Append(chunk);
        }

        var calls = builder.Build();
        Assert.Equal(["lamp-set_color", "lamp-now"], calls.Select(static c => $"{c.PluginName}-{c.FunctionName}"));
        Assert.Equal("red", calls[0].Arguments!["color"]);
        Assert.All(calls, call => Assert.Null(call.Exception));
        Assert.Equal(2, calls.Select(static c => c.Id).Distinct().Count());
    }

    /// <summary>The other way to invoke: the client behind Microsoft.Extensions.AI's own invocation.</summary>
    [Theory, Item(75, 76)]
    [InlineData(false)]
    [InlineData(true)]
    public async Task The_client_works_behind_function_invocation(bool streaming)
    {
        using var bench = new Bench();
        bench.Runner.When("Function output:\nThe lamp is red.\n\nUser: Function output:\n12:00\n\nAssistant:", " Done.")
            .Otherwise(House.Calls(("lamp_set_color", "{\"color\":\"red\"}"), ("lamp_now", "{}")));
        var (kernel, house) = House.In(bench);
        var client = bench.Leaf.AsBuilder().UseFunctionInvocation().Build(kernel.Services);
        var options = new ChatOptions { Tools = [.. kernel.Plugins.SelectMany(static plugin => plugin)] };
        var text = streaming
            ? string.Concat((await client.GetStreamingResponseAsync("Red!", options).ToListAsync()).Select(static u => u.Text))
            : (await client.GetResponseAsync("Red!", options)).Text;
        Assert.Equal("Done.", text);
        Assert.Equal(["red 5", "now"], house.Log);
    }
}
