using System.Diagnostics;
using System.Diagnostics.Metrics;
using Microsoft.Extensions.AI;
using Microsoft.Extensions.Diagnostics.Metrics.Testing;
using Microsoft.Extensions.Logging;
using Microsoft.SemanticKernel;
using Microsoft.SemanticKernel.ChatCompletion;
using Xunit;

namespace RwkvSk.Connector.Tests.Conformance;

/// <summary>N. Observability.</summary>
public class ObservabilityTests
{
    public static TheoryData<Face> Faces => [Face.Kernel, Face.KernelStreaming, Face.Client, Face.ClientStreaming];

    [Theory, Item(131)]
    [MemberData(nameof(Faces))]
    public async Task Usage_adds_up_and_counts_pictures(Face face)
    {
        using var bench = new Bench(positionsPerImage: 9);
        bench.Runner.Otherwise(" Ok.");
        var history = new ChatHistory();
        history.AddUserMessage([new ImageContent(Bench.Png, "image/png")]);
        var usage = (await bench.AskAsync(face, history)).Usage!;
        Assert.Equal("User: \n\nAssistant:".Length + 9, usage.InputTokenCount);
        Assert.Equal(" Ok.".Length + 1, usage.OutputTokenCount);   // and the end of the text
        Assert.Equal(usage.InputTokenCount + usage.OutputTokenCount, usage.TotalTokenCount);
        Assert.InRange(usage.CachedInputTokenCount!.Value, 0, usage.InputTokenCount!.Value);
    }

    [Fact, Item(132)]
    public async Task Semantic_kernel_counts_the_tokens_of_a_prompt_function()
    {
        using var bench = new Bench();
        bench.Runner.Otherwise(" Ok.");
        var name = $"f{Guid.NewGuid():N}";
        var measured = new List<(string Instrument, long Value)>();
        using var listener = new MeterListener();
        listener.InstrumentPublished = static (instrument, l) =>
        {
            if (instrument.Name.StartsWith("semantic_kernel.function.invocation.token_usage", StringComparison.Ordinal))
            {
                l.EnableMeasurementEvents(instrument);
            }
        };
        void Record(Instrument instrument, long value, ReadOnlySpan<KeyValuePair<string, object?>> tags)
        {
            foreach (var tag in tags)
            {
                if (tag.Value as string == name)
                {
                    measured.Add((instrument.Name, value));
                }
            }
        }

        listener.SetMeasurementEventCallback<long>((i, v, t, _) => Record(i, v, t));
        listener.SetMeasurementEventCallback<int>((i, v, t, _) => Record(i, v, t));
        listener.Start();
        var kernel = bench.Kernel();
        await kernel.InvokeAsync(kernel.CreateFunctionFromPrompt("Hi", functionName: name));
        Assert.Contains(measured, m => m.Instrument.EndsWith("prompt", StringComparison.Ordinal) && m.Value == "User: Hi\n\nAssistant:".Length);
        Assert.Contains(measured, m => m.Instrument.EndsWith("completion", StringComparison.Ordinal) && m.Value == " Ok.".Length + 1);
    }

    [Theory, Item(133, 134)]
    [InlineData(Face.Kernel, false)]
    [InlineData(Face.KernelStreaming, false)]
    [InlineData(Face.Kernel, true)]
    [InlineData(Face.KernelStreaming, true)]
    public async Task Every_request_to_the_model_has_a_span(Face face, bool sensitive)
    {
        var source = $"Test{Guid.NewGuid():N}";
        using var bench = new Bench(options => (options.TelemetrySourceName, options.EnableSensitiveTelemetry) = (source, sensitive));
        bench.Runner.When("12:00\n\nAssistant:", " Noon.").Otherwise(House.Calls(("lamp_now", "{}")));
        var spans = new List<Activity>();
        using var listener = new ActivityListener
        {
            ShouldListenTo = s => s.Name == source,
            Sample = static (ref ActivityCreationOptions<ActivityContext> _) => ActivitySamplingResult.AllDataAndRecorded,
            ActivityStopped = spans.Add,
        };
        ActivitySource.AddActivityListener(listener);
        using var duration = new MetricCollector<double>(null, source, "gen_ai.client.operation.duration");
        using var tokens = new MetricCollector<int>(null, source, "gen_ai.client.token.usage");
        using var firstChunk = new MetricCollector<double>(null, source, "gen_ai.client.operation.time_to_first_chunk");
        var (kernel, _) = House.In(bench);
        await bench.AskAsync(face, new ChatHistory("Time?", AuthorRole.User), new() { FunctionChoiceBehavior = FunctionChoiceBehavior.Auto(), MaxTokens = 200 }, kernel);

        Assert.Equal(2, spans.Count);
        Assert.All(spans, span =>
        {
            Assert.Equal("chat scripted-model", span.DisplayName);
            Assert.Equal("chat", span.GetTagItem("gen_ai.operation.name"));
            Assert.Equal("rwkv", span.GetTagItem("gen_ai.provider.name"));
            Assert.Equal("scripted-model", span.GetTagItem("gen_ai.request.model"));
            Assert.Equal("scripted-model", span.GetTagItem("gen_ai.response.model"));
            Assert.Equal(200, span.GetTagItem("gen_ai.request.max_tokens"));
            Assert.NotNull(span.GetTagItem("gen_ai.usage.input_tokens"));
            Assert.NotNull(span.GetTagItem("gen_ai.usage.output_tokens"));
            Assert.Equal(sensitive, span.TagObjects.Any(static tag => tag.Value is string text && text.Contains("Time?", StringComparison.Ordinal)));
        });
        Assert.NotEqual(0L, Convert.ToInt64(spans[1].GetTagItem("gen_ai.usage.cache_read.input_tokens"), System.Globalization.CultureInfo.InvariantCulture));
        Assert.Equal(2, duration.GetMeasurementSnapshot().Count);
        Assert.Equal(4, tokens.GetMeasurementSnapshot().Count);
        Assert.Equal(face is Face.KernelStreaming ? 2 : 0, firstChunk.GetMeasurementSnapshot().Count);
    }

    /// <summary>The pipeline that is registered as a chat client: what a function takes shows under what the model takes.</summary>
    [Fact, Item(133)]
    public async Task A_chat_clients_functions_have_spans_too()
    {
        var source = $"Test{Guid.NewGuid():N}";
        using var bench = new Bench(options => options.TelemetrySourceName = source);
        bench.Runner.When("12:00\n\nAssistant:", " Noon.").Otherwise(House.Calls(("lamp_now", "{}")));
        var spans = new List<Activity>();
        using var listener = new ActivityListener
        {
            ShouldListenTo = s => s.Name == source,
            Sample = static (ref ActivityCreationOptions<ActivityContext> _) => ActivitySamplingResult.AllDataAndRecorded,
            ActivityStopped = spans.Add,
        };
        ActivitySource.AddActivityListener(listener);
        var (kernel, _) = House.In(bench);
        var client = Pipelines.Observed(bench.Leaf, bench.Loggers).AsBuilder().UseKernelFunctionInvocation().Build(kernel.Services);
        var response = await client.GetResponseAsync("Time?", new ChatOptions { Tools = [.. kernel.Plugins.SelectMany(static plugin => plugin)] });

        Assert.Equal("Noon.", response.Text);
        Assert.Equal(2, spans.Count(static span => span.DisplayName == "chat scripted-model"));
        Assert.Equal("lamp_now", Assert.Single(spans, static span => span.DisplayName.StartsWith("execute_tool", StringComparison.Ordinal)).GetTagItem("gen_ai.tool.name"));
        Assert.Equal("RwkvSk", new RwkvOptions().TelemetrySourceName);
    }

    [Fact, Item(133)]
    public async Task A_failure_shows_in_the_span()
    {
        var source = $"Test{Guid.NewGuid():N}";
        using var bench = new Bench(options => options.TelemetrySourceName = source, positionsPerImage: 0);
        var spans = new List<Activity>();
        using var listener = new ActivityListener
        {
            ShouldListenTo = s => s.Name == source,
            Sample = static (ref ActivityCreationOptions<ActivityContext> _) => ActivitySamplingResult.AllDataAndRecorded,
            ActivityStopped = spans.Add,
        };
        ActivitySource.AddActivityListener(listener);
        var history = new ChatHistory();
        history.AddUserMessage([new ImageContent(Bench.Png, "image/png")]);
        await Assert.ThrowsAsync<NotSupportedException>(() => bench.AskAsync(Face.Kernel, history));
        Assert.Equal(typeof(NotSupportedException).FullName, Assert.Single(spans).GetTagItem("error.type"));
    }

    [Theory, Item(135)]
    [MemberData(nameof(Faces))]
    public async Task Contents_are_logged_at_trace_alone(Face face)
    {
        using var bench = new Bench();
        bench.Runner.Otherwise(" sesame");
        await bench.AskAsync(face, "abracadabra");
        var records = bench.Log.GetSnapshot().Where(static r => r.Category!.StartsWith("RwkvSk", StringComparison.Ordinal)).ToList();
        Assert.Contains(records, static r => r.Level == LogLevel.Trace && r.Message.Contains("abracadabra", StringComparison.Ordinal));
        Assert.Contains(records, static r => r.Level == LogLevel.Trace && r.Message.Contains("sesame", StringComparison.Ordinal));
        Assert.All(records.Where(static r => r.Level > LogLevel.Trace), static r =>
        {
            Assert.DoesNotContain("abracadabra", r.Message, StringComparison.Ordinal);
            Assert.DoesNotContain("sesame", r.Message, StringComparison.Ordinal);
        });
        var usage = Assert.Single(records, static r => r.Level == LogLevel.Information);
        Assert.Equal($"Prompt tokens: {"User: abracadabra\n\nAssistant:".Length} (reused: 0). Completion tokens: 8. Total tokens: {"User: abracadabra\n\nAssistant:".Length + 8}.", usage.Message);
    }

    [Theory, Item(136)]
    [InlineData(Face.Kernel)]
    [InlineData(Face.KernelStreaming)]
    public async Task Calls_are_logged_with_their_ids(Face face)
    {
        using var bench = new Bench();
        bench.Runner.When("12:00\n\nAssistant:", " Noon.").Otherwise(House.Calls(("lamp_now", "{}")));
        var (kernel, _) = House.In(bench);
        var history = new ChatHistory("Time?", AuthorRole.User);
        await bench.AskAsync(face, history, new() { FunctionChoiceBehavior = FunctionChoiceBehavior.Auto() }, kernel);
        var id = history[1].Items.OfType<Microsoft.SemanticKernel.FunctionCallContent>().Single().Id;
        Assert.Contains(bench.Log.GetSnapshot(), r => r.Level == LogLevel.Debug && r.Message == $"Function calls: lamp-now [Id: {id}].");
    }
}
