using System.Collections.Concurrent;
using System.Net;
using Microsoft.Extensions.Time.Testing;
using Microsoft.SemanticKernel;
using Microsoft.SemanticKernel.ChatCompletion;
using RwkvSk.Engine;
using RwkvSk.Engine.Scheduling;
using Xunit;

namespace RwkvSk.Connector.Tests.Conformance;

/// <summary>K. Concurrency, cancellation, robustness.</summary>
public class RobustnessTests
{
    public static TheoryData<Face> Faces => [Face.Kernel, Face.KernelStreaming, Face.Client, Face.ClientStreaming];

    [Theory, Item(111)]
    [MemberData(nameof(Faces))]
    public async Task A_cancelled_token_stops_everything_before_it_begins(Face face)
    {
        using var bench = new Bench();
        bench.Runner.Otherwise(" Ok.");
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => bench.AskAsync(face, new ChatHistory("Hi", AuthorRole.User), cancellationToken: new CancellationToken(canceled: true)));
        Assert.Empty(bench.Runner.Prompts);
        Assert.Equal(0, bench.Runner.PrefillPositions);
    }

    [Theory, Item(112)]
    [MemberData(nameof(Faces))]
    public async Task Cancelling_stops_reading_and_writing_at_the_next_step(Face face)
    {
        using var bench = new Bench(engine: new() { MaxRunning = 1, ChunkLength = 16 }, slots: 1);
        bench.Runner.When("User: short\n\nAssistant:", " Ok.").Otherwise(" " + new string('x', 500));
        foreach (var phase in (Phase[])[Phase.Prefill, Phase.Decode])
        {
            using var cancellation = new CancellationTokenSource();
            var steps = 0;
            bench.Runner.BeforeStep = batch =>
            {
                steps++;
                if (batch.Phase == phase)
                {
                    cancellation.Cancel();
                }
            };
            var history = new ChatHistory(new string('q', 300), AuthorRole.User);
            await Assert.ThrowsAnyAsync<OperationCanceledException>(() => bench.AskAsync(face, history, cancellationToken: cancellation.Token));
            Assert.InRange(steps, 1, phase is Phase.Prefill ? 2 : 24);
            Assert.Single(history);
            bench.Runner.BeforeStep = null;
            Assert.Equal("Ok.", (await bench.AskAsync(face, "short")).Text);
        }
    }

    [Theory, Item(113)]
    [InlineData(Face.Kernel)]
    [InlineData(Face.KernelStreaming)]
    public async Task Cancelling_a_function_is_no_error_of_the_function(Face face)
    {
        using var bench = new Bench();
        bench.Runner.Otherwise(House.Calls(("p_wait", "{}")));
        using var cancellation = new CancellationTokenSource();
        var kernel = bench.Kernel(builder => builder.Plugins.AddFromFunctions("p", [KernelFunctionFactory.CreateFromMethod(
            async (CancellationToken token) =>
            {
                await cancellation.CancelAsync();
                token.ThrowIfCancellationRequested();
            },
            "wait")]));
        var settings = new RwkvPromptExecutionSettings { FunctionChoiceBehavior = FunctionChoiceBehavior.Auto() };
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => bench.AskAsync(face, new ChatHistory("Go", AuthorRole.User), settings, kernel, cancellation.Token));
        Assert.Single(bench.Runner.Prompts);
    }

    [Theory, Item(114, 116)]
    [MemberData(nameof(Faces))]
    public async Task Conversations_at_the_same_time_know_nothing_of_each_other(Face face)
    {
        using var bench = new Bench(engine: new() { MaxRunning = 4, ChunkLength = 8 });
        bench.Runner.Answer(static prompt => $" reply to {prompt.Split("User: ")[^1].Split('\n')[0]}");
        async Task<string> TalkAsync(int who)
        {
            var history = new ChatHistory($"You are {who}.");
            for (var turn = 0; turn < 4; turn++)
            {
                history.AddUserMessage($"{who}-{turn}");
                history.AddAssistantMessage((await bench.AskAsync(face, history)).Text);
            }

            return string.Join('|', history.Skip(1).Select(static m => m.Content));
        }

        var together = await Task.WhenAll(Enumerable.Range(0, 8).Select(TalkAsync));
        for (var who = 0; who < 8; who++)
        {
            Assert.Equal(string.Join('|', Enumerable.Range(0, 4).Select(turn => $"{who}-{turn}|reply to {who}-{turn}")), together[who]);
        }

        Assert.All(bench.Runner.Prompts, static prompt =>
        {
            var who = prompt["System: You are ".Length..].Split('.')[0];
            Assert.All(prompt.Split("User: ").Skip(1), text => Assert.StartsWith($"{who}-", text, StringComparison.Ordinal));
        });
    }

    [Theory, Item(115)]
    [MemberData(nameof(Faces))]
    public async Task A_full_queue_says_so(Face face)
    {
        using var bench = new Bench(engine: new() { MaxRunning = 1, MaxWaiting = 1 }, slots: 1);
        using var mayGoOn = new ManualResetEventSlim();
        using var begun = new SemaphoreSlim(0);
        bench.Runner.Otherwise(" Ok.").BeforeStep = _ =>
        {
            begun.Release();
            mayGoOn.Wait(TestContext.Current.CancellationToken);
        };
        var running = bench.AskAsync(face, "one");
        await begun.WaitAsync(TestContext.Current.CancellationToken);
        var waiting = bench.AskAsync(face, "two");
        var busy = await Assert.ThrowsAsync<RwkvBusyException>(() => bench.AskAsync(face, "three"));
        mayGoOn.Set();
        Assert.Equal("Ok.", (await running).Text);
        Assert.Equal("Ok.", (await waiting).Text);

        Assert.Equal(HttpStatusCode.TooManyRequests, busy.StatusCode);
        Assert.Equal(BusyReason.QueueFull, busy.Reason);
        Assert.IsType<EngineBusyException>(busy.InnerException);
        Assert.Equal(((EngineBusyException)busy.InnerException).Message, busy.Message);
    }

    /// <summary>Applications that retry on the status of a remote service do so here.</summary>
    [Theory, Item(115)]
    [MemberData(nameof(Faces))]
    public async Task Whoever_waits_too_long_gets_the_answer_of_a_busy_service(Face face)
    {
        var time = new FakeTimeProvider();
        using var bench = new Bench(engine: new() { MaxRunning = 1, MaxWait = TimeSpan.FromSeconds(20) }, slots: 1, time: time);
        using var mayGoOn = new ManualResetEventSlim();
        using var begun = new SemaphoreSlim(0);
        bench.Runner.Otherwise(" Ok.").BeforeStep = _ =>
        {
            begun.Release();
            mayGoOn.Wait(TestContext.Current.CancellationToken);
        };
        var running = bench.AskAsync(face, "one");
        await begun.WaitAsync(TestContext.Current.CancellationToken);
        var history = new ChatHistory("two", AuthorRole.User);
        var waiting = bench.AskAsync(face, history);
        time.Advance(TimeSpan.FromSeconds(20));
        mayGoOn.Set();

        var busy = await Assert.ThrowsAnyAsync<HttpOperationException>(() => waiting);
        Assert.Equal(HttpStatusCode.ServiceUnavailable, busy.StatusCode);
        Assert.Equal(BusyReason.WaitedTooLong, Assert.IsType<RwkvBusyException>(busy).Reason);
        Assert.True(((RwkvBusyException)busy).RetryAfter >= TimeSpan.FromSeconds(1));
        Assert.Equal("Ok.", (await running).Text);
        Assert.Single(history);
        Assert.Equal("Ok.", (await bench.AskAsync(face, history)).Text);
    }

    [Theory, Item(117)]
    [InlineData(Face.Kernel)]
    [InlineData(Face.Client)]
    public async Task A_very_long_prompt_is_read_to_its_end(Face face)
    {
        using var bench = new Bench();
        bench.Runner.When("the end\n\nAssistant:", " Read.");
        var reply = await bench.AskAsync(face, string.Concat(Enumerable.Repeat("word ", 6000)) + "the end");
        Assert.Equal("Read.", reply.Text);
        Assert.InRange(reply.Usage!.InputTokenCount!.Value, 30_000, 30_100);
    }

    [Theory, Item(118)]
    [MemberData(nameof(Faces))]
    public void A_single_threaded_application_is_not_blocked(Face face)
    {
        using var bench = new Bench();
        bench.Runner.When("12:00\n\nAssistant:", " Noon.").Otherwise(face is Face.Kernel or Face.KernelStreaming ? House.Calls(("lamp_now", "{}")) : " Noon.");
        var (kernel, _) = House.In(bench);
        var loop = new OneThread();
        var reply = loop.Run(() => bench.AskAsync(face, new ChatHistory("Go", AuthorRole.User), new() { FunctionChoiceBehavior = FunctionChoiceBehavior.Auto() }, kernel));
        Assert.Equal("Noon.", reply.Text);
    }

    /// <summary>A user interface's thread: continuations queue up behind each other.</summary>
    private sealed class OneThread : SynchronizationContext
    {
        private readonly BlockingCollection<(SendOrPostCallback Call, object? State)> _queue = [];

        public override void Post(SendOrPostCallback d, object? state) => _queue.Add((d, state));

        public T Run<T>(Func<Task<T>> work)
        {
            var before = Current;
            SetSynchronizationContext(this);
            try
            {
                var task = work();
                task.ContinueWith(_ => _queue.CompleteAdding(), TaskScheduler.Default);
                foreach (var (call, state) in _queue.GetConsumingEnumerable(TestContext.Current.CancellationToken))
                {
                    call(state);
                }

                return task.GetAwaiter().GetResult();
            }
            finally
            {
                SetSynchronizationContext(before);
            }
        }
    }
}
