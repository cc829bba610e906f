using Microsoft.Extensions.AI;
using Microsoft.SemanticKernel;
using Microsoft.SemanticKernel.ChatCompletion;
using Xunit;

namespace RwkvSk.Connector.Tests.Conformance;

/// <summary>G. Function calling: what is advertised.</summary>
public class FunctionAdvertisingTests
{
    public static TheoryData<Face> KernelFaces => [Face.Kernel, Face.KernelStreaming];

    [Theory, Item(63)]
    [MemberData(nameof(KernelFaces))]
    public async Task Without_a_behaviour_no_function_is_shown(Face face)
    {
        using var bench = new Bench();
        bench.Runner.Otherwise(" Ok.");
        var (kernel, _) = House.In(bench);
        await bench.AskAsync(face, new ChatHistory("Hi", AuthorRole.User), new(), kernel);
        await bench.AskAsync(face, new ChatHistory("Hi", AuthorRole.User), null, kernel);
        Assert.All(bench.Runner.Prompts, prompt => Assert.Equal("User: Hi\n\nAssistant:", prompt));
    }

    [Theory, Item(64, 72)]
    [MemberData(nameof(KernelFaces))]
    public async Task Auto_shows_every_function_with_its_parameters(Face face)
    {
        using var bench = new Bench();
        bench.Runner.Otherwise(" Ok.");
        var (kernel, _) = House.In(bench);
        await bench.AskAsync(face, new ChatHistory("Hi", AuthorRole.User), new() { FunctionChoiceBehavior = FunctionChoiceBehavior.Auto() }, kernel);
        Assert.Equal(
            """
            System: Tools:
            - lamp_set_color(color: string, level?: integer): Turns the lamp to a color.
            - lamp_now(): Tells the time.
            - lamp_mix(color: "Red" | "Green", levels: array, place: object, factor?: number)
            - lamp_break()
            - lamp_look()
            Return a JSON function call when a tool fits.

            User: Hi

            Assistant:
            """.ReplaceLineEndings("\n"),
            bench.Runner.Prompts[0]);
        Assert.DoesNotContain("condition", bench.Runner.Prompts[0], StringComparison.Ordinal);
    }

    [Theory, Item(65)]
    [MemberData(nameof(KernelFaces))]
    public async Task Auto_with_a_list_shows_the_list_alone(Face face)
    {
        using var bench = new Bench();
        bench.Runner.Otherwise(" Ok.");
        var (kernel, _) = House.In(bench);
        await bench.AskAsync(face, new ChatHistory("Hi", AuthorRole.User), new() { FunctionChoiceBehavior = FunctionChoiceBehavior.Auto([kernel.Plugins.GetFunction("lamp", "now")]) }, kernel);
        Assert.Contains("- lamp_now(): Tells the time.\nReturn", bench.Runner.Prompts[0], StringComparison.Ordinal);
        Assert.DoesNotContain("set_color", bench.Runner.Prompts[0], StringComparison.Ordinal);

        await bench.AskAsync(face, new ChatHistory("Hi", AuthorRole.User), new() { FunctionChoiceBehavior = FunctionChoiceBehavior.Auto([]) }, kernel);
        Assert.Equal("User: Hi\n\nAssistant:", bench.Runner.Prompts[1]);
    }

    [Theory, Item(66)]
    [MemberData(nameof(KernelFaces))]
    public async Task None_shows_the_functions_and_takes_everything_as_text(Face face)
    {
        using var bench = new Bench();
        var call = House.Calls(("lamp_now", "{}"));
        bench.Runner.Otherwise(call);
        var (kernel, house) = House.In(bench);
        var reply = await bench.AskAsync(face, new ChatHistory("Hi", AuthorRole.User), new() { FunctionChoiceBehavior = FunctionChoiceBehavior.None() }, kernel);
        Assert.Contains("- lamp_now()", bench.Runner.Prompts[0], StringComparison.Ordinal);
        Assert.Equal(call.Trim(), reply.Text);
        Assert.Empty(reply.Calls);
        Assert.Equal("stop", reply.FinishReason);
        Assert.Empty(house.Log);
    }

    [Theory, Item(67)]
    [MemberData(nameof(KernelFaces))]
    public async Task Required_calls_once_and_then_answers(Face face)
    {
        using var bench = new Bench();
        bench.Runner.When("Assistant: ```json\n", "{\"name\":\"lamp_now\",\"arguments\":{}}\n```")
            .When("User: Function output:\n12:00\n\nAssistant:", " Noon.");
        var (kernel, house) = House.In(bench);
        var history = new ChatHistory("Hi", AuthorRole.User);
        var reply = await bench.AskAsync(face, history, new() { FunctionChoiceBehavior = FunctionChoiceBehavior.Required() }, kernel);
        Assert.Equal("Noon.", reply.Text);
        Assert.Equal(["now"], house.Log);
        Assert.Equal(2, bench.Runner.Prompts.Count);

        // The tools stay where they were, so that the second round reads on from the first.
        var shared = "System: Tools:\n- lamp_set_color";
        Assert.All(bench.Runner.Prompts, prompt => Assert.StartsWith(shared, prompt, StringComparison.Ordinal));
        Assert.Contains("Assistant: ```json\n{\"name\":\"lamp_now\",\"arguments\":{}}\n```\n\n", bench.Runner.Prompts[1], StringComparison.Ordinal);
    }

    [Theory, Item(69)]
    [MemberData(nameof(KernelFaces))]
    public async Task Functions_named_in_json_are_found(Face face)
    {
        using var bench = new Bench();
        bench.Runner.When("User: Function output:\n12:00\n\nAssistant:", " Noon.").Otherwise(House.Calls(("lamp_now", "{}")));
        var (kernel, house) = House.In(bench);
        var config = PromptTemplateConfig.FromJson("""
            {"template":"Hi","execution_settings":{"default":{"function_choice_behavior":{"type":"auto","functions":["lamp.now"]}}}}
            """);
        var function = kernel.CreateFunctionFromPrompt(config);
        var text = face is Face.Kernel
            ? (await kernel.InvokeAsync(function)).ToString()
            : string.Concat(await kernel.InvokeStreamingAsync<string>(function).ToListAsync());
        Assert.Equal("Noon.", text);
        Assert.Equal(["now"], house.Log);
        Assert.DoesNotContain("set_color", bench.Runner.Prompts[0], StringComparison.Ordinal);
    }

    [Theory, Item(70)]
    [MemberData(nameof(KernelFaces))]
    public async Task A_function_that_is_not_in_the_kernel_is_an_error_before_anything_is_read(Face face)
    {
        using var bench = new Bench();
        var stranger = KernelFunctionFactory.CreateFromMethod(static () => "x", "stranger");
        var (kernel, _) = House.In(bench);
        var settings = new RwkvPromptExecutionSettings { FunctionChoiceBehavior = FunctionChoiceBehavior.Auto([stranger]) };
        await Assert.ThrowsAsync<KernelException>(() => bench.AskAsync(face, new ChatHistory("Hi", AuthorRole.User), settings, kernel));
        await Assert.ThrowsAsync<KernelException>(() => bench.AskAsync(face, new ChatHistory("Hi", AuthorRole.User), new() { FunctionChoiceBehavior = FunctionChoiceBehavior.Auto() }));
        Assert.Empty(bench.Runner.Prompts);
    }

    [Theory, Item(71)]
    [MemberData(nameof(KernelFaces))]
    public async Task Functions_added_on_the_way_are_shown_in_the_next_round(Face face)
    {
        using var bench = new Bench();
        Kernel? kernel = null;
        kernel = bench.Kernel(builder => builder.Plugins.AddFromFunctions("door", [KernelFunctionFactory.CreateFromMethod(
            () =>
            {
                kernel!.ImportPluginFromFunctions("room", [KernelFunctionFactory.CreateFromMethod(static () => "dark", "look")]);
                return "open";
            },
            "open")]));
        bench.Runner
            .When("User: Function output:\nopen\n\nAssistant:", House.Calls(("room_look", "{}")))
            .When("User: Function output:\ndark\n\nAssistant:", " It is dark.")
            .Otherwise(House.Calls(("door_open", "{}")));
        var reply = await bench.AskAsync(face, new ChatHistory("Go in", AuthorRole.User), new() { FunctionChoiceBehavior = FunctionChoiceBehavior.Auto() }, kernel);
        Assert.EndsWith("It is dark.", reply.Text, StringComparison.Ordinal);
        Assert.DoesNotContain("room_look()", bench.Runner.Prompts[0], StringComparison.Ordinal);
        Assert.Contains("- room_look()", bench.Runner.Prompts[1], StringComparison.Ordinal);
    }

    [Fact, Item(64)]
    public async Task Both_faces_show_the_same_tools()
    {
        using var bench = new Bench();
        bench.Runner.Otherwise(" Ok.");
        var (kernel, _) = House.In(bench);
        await bench.AskAsync(Face.Kernel, new ChatHistory("Hi", AuthorRole.User), new() { FunctionChoiceBehavior = FunctionChoiceBehavior.Auto() }, kernel);
        await bench.Leaf.GetResponseAsync("Hi", new ChatOptions { Tools = [.. kernel.Plugins.SelectMany(static plugin => plugin)] });
        Assert.Single(bench.Runner.Prompts.Distinct());
    }
}
