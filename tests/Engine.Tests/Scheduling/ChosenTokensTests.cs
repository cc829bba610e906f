#pragma warning disable VSTHRD003 // a test may wait for what it has started
using RwkvSk.Engine.Constraints;
using RwkvSk.Engine.Prompts;
using RwkvSk.Engine.Sampling;
using RwkvSk.TestKit;
using Xunit;
using static RwkvSk.Engine.Tests.Scheduling.Streams;

namespace RwkvSk.Engine.Tests.Scheduling;

/// <summary>Where the runner chooses tokens beside its logits, an answer is what it is where the engine samples.</summary>
public sealed class ChosenTokensTests
{
    private static readonly GenerationOptions Penalised = Greedy(60) with { Sampling = new SamplingOptions { Temperature = 0, PresencePenalty = 0.5f } };

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public static TheoryData<string, bool> Ways => new()
    {
        { "greedy", true }, { "seeded", true }, { "tempered", true }, { "one token", true }, { "a stop text", true },
        { "presence penalty", false }, { "frequency penalty", false }, { "constraint", false }, { "thought", true }, { "thought, then constraint", true }, { "trigger", true },
    };

    [Theory, MemberData(nameof(Ways))]
    public async Task An_answer_is_the_same_whoever_chooses(string way, bool isChosen)
    {
        var expected = await AloneAsync(way);
        var runner = new ChoosingRunner(new FakeModelRunner());
        using var engine = TestEngine.Over(runner);
        AssertSame(expected, await engine.RunAsync(new Prompt(way), Options(way), Cancel));
        Assert.Equal(isChosen && expected.Ids.Count > 1, runner.Chosen > 0);
        Assert.Equal(0, runner.Beside);
    }

    [Fact]
    public async Task Answers_of_all_kinds_side_by_side_are_those_of_each_alone()
    {
        var ways = Ways.Select(static row => row.Data.Item1).ToArray();
        var fake = new FakeModelRunner(slots: ways.Length);
        var runner = new ChoosingRunner(fake);
        using var engine = TestEngine.Over(runner, new EngineOptions { MaxRunning = ways.Length });
        using var gate = new LoopGate(fake);
        var answers = ways.Select(way => engine.RunAsync(new Prompt(way), Options(way), Cancel)).ToArray();
        await gate.Reached;
        gate.Open();
        await Task.WhenAll(answers);
        for (var i = 0; i < ways.Length; i++)
        {
            AssertSame(await AloneAsync(ways[i]), await answers[i]);
        }

        Assert.True(runner.Beside > 0, "no step had both kinds of rows");
    }

    [Fact]
    public async Task Who_needs_more_than_the_logits_gets_them_in_steps_that_choose_nothing()
    {
        var runner = new ChoosingRunner(new FakeModelRunner());
        using var engine = TestEngine.Over(runner);
        await engine.RunAsync(new Prompt("q"), Penalised, Cancel);
        Assert.Equal(0, runner.Chosen);
        Assert.Equal(59, runner.Undecided);
    }

    [Fact]
    public async Task What_is_never_sampled_is_never_chosen()
    {
        var fake = new FakeModelRunner(vocabularySize: 300);
        fake.Filter = static (_, logits) => (logits[280], logits[299]) = (100, 200);   // ids without a text
        var runner = new ChoosingRunner(fake);
        using var engine = TestEngine.Over(runner);
        var answer = await engine.RunAsync(new Prompt("q"), Greedy(), Cancel);
        Assert.Equal(Enumerable.Range(ByteTokenizer.Size, 300 - ByteTokenizer.Size), runner.Forbidden);
        Assert.All(answer.Ids, static id => Assert.InRange(id, 0, ByteTokenizer.Size - 1));
        Assert.True(runner.Chosen > 0);
    }

    [Fact]
    public async Task A_row_without_a_number_to_choose_by_ends_its_own_answer_only()
    {
        var fake = new FakeModelRunner();
        var steps = 0;
        fake.Filter = (slot, logits) => logits[7] = slot == 1 && steps++ > 2 ? float.NaN : logits[7];
        using var engine = TestEngine.Over(new ChoosingRunner(fake));
        using var gate = new LoopGate(fake);
        var good = engine.RunAsync(new Prompt("good"), Greedy(20), Cancel);
        await gate.Reached;
        var bad = engine.RunAsync(new Prompt("bad"), Greedy(20), Cancel);
        gate.Open();
        Assert.Contains("not a number", (await Assert.ThrowsAsync<InvalidOperationException>(() => bad)).Message, StringComparison.Ordinal);
        Assert.Equal(20, (await good).Ids.Count);
        Assert.Equal(0, engine.LiveRequests);
    }

    [Fact]
    public async Task A_cancelled_answer_leaves_and_the_others_go_on()
    {
        var fake = new FakeModelRunner();
        using var engine = TestEngine.Over(new ChoosingRunner(fake));
        using var left = CancellationTokenSource.CreateLinkedTokenSource(Cancel);
        var stays = engine.RunAsync(new Prompt("stays"), Seeded(4, 200), Cancel);
        await Assert.ThrowsAnyAsync<OperationCanceledException>(async () =>
        {
            await foreach (var _ in engine.GenerateAsync(new Prompt("leaves"), Greedy(1_000_000), left.Token))
            {
                await left.CancelAsync();
            }
        });
        using var alone = TestEngine.Over(new FakeModelRunner());
        AssertSame(await alone.RunAsync(new Prompt("stays"), Seeded(4, 200), Cancel), await stays);
        Assert.Equal(0, engine.LiveRequests);
    }

    [Fact]
    public async Task A_chosen_token_costs_as_little_as_a_sampled_one()
    {
        long before = 0, after = 0;
        var fake = new FakeModelRunner(slots: 1) { IsRecording = false };
        fake.BeforeStep = _ =>
        {
            before = fake.DecodeSteps == 2000 ? GC.GetAllocatedBytesForCurrentThread() : before;
            after = fake.DecodeSteps == 4000 ? GC.GetAllocatedBytesForCurrentThread() : after;
        };
        using var engine = TestEngine.Over(new ChoosingRunner(fake));

        await engine.RunAsync(new Prompt("a"), Greedy(4100, "never to be found"), Cancel);

        Assert.InRange((after - before) / 2000, 1, 256);   // the limit of LoopCostTests
    }

    private static async Task<Result> AloneAsync(string way)
    {
        using var engine = TestEngine.Over(new FakeModelRunner());
        return await engine.RunAsync(new Prompt(way), Options(way), Cancel);
    }

    private static GenerationOptions Options(string way) => way switch
    {
        "greedy" => Greedy(60),
        "seeded" => Seeded(5, 60),
        "tempered" => Greedy(60) with { Sampling = new SamplingOptions { Seed = -9, Temperature = 2.5f, TopP = 0.7f, TopK = 30 } },
        "one token" => Seeded(5, 1),
        "a stop text" => Seeded(8, 5000) with { StopSequences = ["x"] },
        "presence penalty" => Penalised,
        "frequency penalty" => Seeded(3, 60) with { Sampling = new SamplingOptions { Seed = 3, FrequencyPenalty = 0.2f } },
        "constraint" => Seeded(7, 60) with { Constraint = new ChoiceConstraint("yes, it is", "no, never", "perhaps") },
        "thought" => Seeded(7, 60) with { Constraint = new ThoughtConstraint(9, "</think>", null) },
        "thought, then constraint" => Seeded(7, 60) with { Constraint = new ThoughtConstraint(9, "</think>", new ChoiceConstraint("yes, it is", "no, never", "perhaps")) },
        "trigger" => Seeded(7, 60) with { Constraint = new TriggeredConstraint("!", "", new ChoiceConstraint("a call", "another")) },
        _ => throw new ArgumentOutOfRangeException(nameof(way), way, null),
    };

    private static void AssertSame(Result expected, Result found)
    {
        Assert.Equal(expected.Ids, found.Ids);
        Assert.Equal((expected.Text, expected.Reason), (found.Text, found.Reason));
        Assert.Equal(expected.Usage with { TimeToFirstToken = default, TotalTime = default }, found.Usage with { TimeToFirstToken = default, TotalTime = default });
    }
}
