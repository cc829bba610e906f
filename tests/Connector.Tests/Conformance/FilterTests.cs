using Microsoft.Extensions.DependencyInjection;
using Microsoft.SemanticKernel;
using Microsoft.SemanticKernel.ChatCompletion;
using Xunit;

namespace RwkvSk.Connector.Tests.Conformance;

/// <summary>I. Filters.</summary>
public class FilterTests
{
    private static readonly RwkvPromptExecutionSettings Auto = new() { FunctionChoiceBehavior = FunctionChoiceBehavior.Auto() };

    public static TheoryData<Face> KernelFaces => [Face.Kernel, Face.KernelStreaming];

    [Theory, Item(95)]
    [MemberData(nameof(KernelFaces))]
    public async Task Filters_are_nested_in_order_and_see_everything(Face face)
    {
        using var bench = new Bench();
        bench.Runner.When("12:00\n\nAssistant:", " Done.").Otherwise(House.Calls(("lamp_set_color", "{\"color\":\"red\"}"), ("lamp_now", "{}")));
        var seen = new List<string>();
        var contexts = new List<AutoFunctionInvocationContext>();
        using var cancellation = new CancellationTokenSource();
        var (kernel, _) = House.In(bench, builder =>
        {
            builder.Services.AddSingleton<IAutoFunctionInvocationFilter>(new Filter(async (context, next) =>
            {
                seen.Add($"outer in {context.Function.Name}");
                contexts.Add(context);
                await next(context);
                seen.Add($"outer out {context.Result.GetValue<string>()}");
            }));
            builder.Services.AddSingleton<IAutoFunctionInvocationFilter>(new Filter(async (context, next) =>
            {
                seen.Add("inner in");
                await next(context);
                seen.Add("inner out");
            }));
        });
        var history = new ChatHistory("Go", AuthorRole.User);
        await bench.AskAsync(face, history, Auto, kernel, cancellation.Token);

        Assert.Equal(
            ["outer in set_color", "inner in", "inner out", "outer out The lamp is red.", "outer in now", "inner in", "inner out", "outer out 12:00"], seen);
        Assert.Equal([0, 1], contexts.Select(static c => c.FunctionSequenceIndex));
        Assert.All(contexts, context =>
        {
            Assert.Equal(0, context.RequestSequenceIndex);
            Assert.Equal(2, context.FunctionCount);
            Assert.Equal(face is Face.KernelStreaming, context.IsStreaming);
            Assert.Same(Auto, context.ExecutionSettings);
            Assert.Same(kernel, context.Kernel);
            Assert.True(context.CancellationToken.CanBeCanceled);
            Assert.StartsWith("call_", context.ToolCallId, StringComparison.Ordinal);
        });
        Assert.Equal("red", contexts[0].Arguments!["color"]);
        Assert.Same(history[1], contexts[0].ChatMessageContent);
    }

    [Theory, Item(96, 97)]
    [MemberData(nameof(KernelFaces))]
    public async Task A_filter_may_answer_instead_of_the_function(Face face)
    {
        using var bench = new Bench();
        bench.Runner.When("User: Function output:\nmidnight\n\nAssistant:", " Late.").Otherwise(House.Calls(("lamp_now", "{}")));
        var (kernel, house) = House.In(bench, builder => builder.Services.AddSingleton<IAutoFunctionInvocationFilter>(new Filter((context, _) =>
        {
            context.Result = new FunctionResult(context.Result, "midnight");
            return Task.CompletedTask;
        })));
        var history = new ChatHistory("Go", AuthorRole.User);
        Assert.Equal("Late.", (await bench.AskAsync(face, history, Auto, kernel)).Text);
        Assert.Empty(house.Log);
        Assert.Equal("midnight", history[^1].Items.OfType<FunctionResultContent>().Single().Result);
    }

    [Theory, Item(98)]
    [InlineData(Face.Kernel, false)]
    [InlineData(Face.KernelStreaming, false)]
    [InlineData(Face.Kernel, true)]
    [InlineData(Face.KernelStreaming, true)]
    public async Task A_filter_may_end_everything(Face face, bool concurrent)
    {
        using var bench = new Bench();
        bench.Runner.Otherwise(House.Calls(("lamp_now", "{}"), ("lamp_set_color", "{\"color\":\"red\"}")));
        var (kernel, house) = House.In(bench, builder => builder.Services.AddSingleton<IAutoFunctionInvocationFilter>(new Filter(async (context, next) =>
        {
            await next(context);
            context.Terminate = context.Function.Name == "now";
        })));
        var settings = new RwkvPromptExecutionSettings { FunctionChoiceBehavior = FunctionChoiceBehavior.Auto(options: new() { AllowConcurrentInvocation = concurrent }) };
        var history = new ChatHistory("Go", AuthorRole.User);
        if (face is Face.Kernel)
        {
            var message = Assert.Single(await bench.Service.GetChatMessageContentsAsync(history, settings, kernel));
            Assert.Equal((AuthorRole.Tool, "12:00"), (message.Role, message.Content));
            Assert.Same(history[^1], message);
        }
        else
        {
            var last = (await bench.Service.GetStreamingChatMessageContentsAsync(history, settings, kernel).ToListAsync())[^1];
            Assert.Equal((AuthorRole.Tool, "12:00"), (last.Role, last.Content));
        }

        Assert.Single(bench.Runner.Prompts);
        Assert.Equal(concurrent ? 2 : 1, house.Log.Count);

        // Every call has a result, so the history can go on.
        var calls = history.SelectMany(static m => m.Items).OfType<FunctionCallContent>().Select(static c => c.Id);
        var results = history.SelectMany(static m => m.Items).OfType<FunctionResultContent>().Select(static r => r.CallId);
        Assert.Equal(calls.Order(), results.Order());
    }

    [Theory, Item(99)]
    [MemberData(nameof(KernelFaces))]
    public async Task What_a_filter_does_to_the_history_is_seen_by_the_next_round(Face face)
    {
        using var bench = new Bench();
        bench.Runner.When("User: Function output:\n12:00\n\nAssistant:", " Done.").Otherwise(House.Calls(("lamp_now", "{}")));
        var (kernel, _) = House.In(bench, builder => builder.Services.AddSingleton<IAutoFunctionInvocationFilter>(new Filter(async (context, next) =>
        {
            context.ChatHistory.RemoveAt(0);
            context.ChatHistory.Insert(0, new ChatMessageContent(AuthorRole.User, "Rewritten"));
            await next(context);
        })));
        await bench.AskAsync(face, new ChatHistory("Go", AuthorRole.User), Auto, kernel);
        Assert.Contains("User: Go\n\n", bench.Runner.Prompts[0], StringComparison.Ordinal);
        Assert.DoesNotContain("User: Go\n\n", bench.Runner.Prompts[1], StringComparison.Ordinal);
        Assert.Contains("User: Rewritten\n\n", bench.Runner.Prompts[1], StringComparison.Ordinal);
    }

    [Theory, Item(100)]
    [MemberData(nameof(KernelFaces))]
    public async Task A_filter_that_throws_is_told_to_the_model(Face face)
    {
        using var bench = new Bench();
        bench.Runner.When("User: Function output:\nError: Exception while invoking function. Not today.\n\nAssistant:", " I see.").Otherwise(House.Calls(("lamp_now", "{}")));
        var (kernel, house) = House.In(bench, builder =>
            builder.Services.AddSingleton<IAutoFunctionInvocationFilter>(new Filter((_, _) => throw new InvalidOperationException("Not today."))));
        Assert.Equal("I see.", (await bench.AskAsync(face, new ChatHistory("Go", AuthorRole.User), Auto, kernel)).Text);
        Assert.Empty(house.Log);
    }

    [Theory, Item(101)]
    [MemberData(nameof(KernelFaces))]
    public async Task The_kernels_own_filters_run_too(Face face)
    {
        using var bench = new Bench();
        bench.Runner.When("User: Function output:\n12:00\n\nAssistant:", " Done.").Otherwise(House.Calls(("lamp_now", "{}")));
        var seen = new List<string>();
        var (kernel, _) = House.In(bench, builder =>
        {
            builder.Services.AddSingleton<IFunctionInvocationFilter>(new FunctionFilter(seen));
            builder.Services.AddSingleton<IPromptRenderFilter>(new RenderFilter(seen));
        });
        var function = kernel.CreateFunctionFromPrompt("Go", Auto, "ask");
        var text = face is Face.Kernel
            ? (await kernel.InvokeAsync(function)).ToString()
            : string.Concat(await kernel.InvokeStreamingAsync<string>(function).ToListAsync());
        Assert.Equal("Done.", text);
        Assert.Equal(["ask", "rendered Go", "now"], seen);
    }

    private sealed class Filter(Func<AutoFunctionInvocationContext, Func<AutoFunctionInvocationContext, Task>, Task> act) : IAutoFunctionInvocationFilter
    {
        public Task OnAutoFunctionInvocationAsync(AutoFunctionInvocationContext context, Func<AutoFunctionInvocationContext, Task> next) => act(context, next);
    }

    private sealed class FunctionFilter(List<string> seen) : IFunctionInvocationFilter
    {
        public Task OnFunctionInvocationAsync(FunctionInvocationContext context, Func<FunctionInvocationContext, Task> next)
        {
            seen.Add(context.Function.Name);
            return next(context);
        }
    }

    private sealed class RenderFilter(List<string> seen) : IPromptRenderFilter
    {
        public async Task OnPromptRenderAsync(PromptRenderContext context, Func<PromptRenderContext, Task> next)
        {
            await next(context);
            seen.Add($"rendered {context.RenderedPrompt}");
        }
    }
}
