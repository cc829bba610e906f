#pragma warning disable VSTHRD003 // a test may wait for what it has started
using System.Text.Json;
using RwkvSk.Engine.Constraints;
using RwkvSk.Engine.Constraints.Masks;
using RwkvSk.Engine.Prompts;
using RwkvSk.Engine.Sampling;
using RwkvSk.Engine.Scheduling;
using RwkvSk.Engine.Tests.Constraints;
using RwkvSk.Engine.Tests.Tokenization;
using RwkvSk.Engine.Tokenization;
using RwkvSk.TestKit;
using Xunit;
using static RwkvSk.Engine.Tests.Scheduling.Streams;

namespace RwkvSk.Engine.Tests.Scheduling;

/// <summary>Where a constraint leaves no choice, nothing is sampled and the model reads ahead.</summary>
public sealed class ForcedSpanTests
{
    private static readonly Prompt Question = new("question");

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task An_answer_without_any_choice_costs_no_step()
    {
        var runner = new FakeModelRunner();
        using var engine = TestEngine.Over(runner);

        var result = await engine.RunAsync(Question, Under("""{"const":{"kind":"person","name":"Ada Lovelace"}}"""), Cancel);

        Assert.Equal("""{"kind":"person","name":"Ada Lovelace"}""", result.Text);
        Assert.Equal(FinishReason.Stop, result.Reason);
        Assert.Equal(["reset 0", "prefill 0:8"], runner.Calls);
        Assert.Equal(result.Text.Length, result.Usage.GeneratedTokens);
        Assert.Equal(result.Text.Select(static c => c + 1), result.Ids);
        Assert.Equal(8, result.Usage.PromptPositions);
    }

    [Fact]
    public async Task A_choice_costs_one_step_however_much_is_forced_around_it()
    {
        var runner = new FakeModelRunner();
        using var engine = TestEngine.Over(runner);
        const string schema = """
            {"type":"object","properties":{
              "a_long_name_for_a_property":{"type":"boolean"},"another_long_name_for_one":{"type":"boolean"},"the_last_of_the_long_names":{"type":"boolean"}},
             "required":["a_long_name_for_a_property","another_long_name_for_one","the_last_of_the_long_names"]}
            """;

        var result = await engine.RunAsync(Question, Under(schema), Cancel);

        // The prompt, what comes before each of three choices. What comes after the last one needs no reading.
        Assert.Equal(5, runner.Calls.Count);
        Assert.Equal(0, runner.DecodeSteps);
        Assert.True(NaiveValidator.IsValid(JsonElement.Parse(schema), result.Text));
    }

    [Fact]
    public async Task A_few_forced_tokens_are_decoded_with_everyone_elses_and_not_sampled()
    {
        var runner = new FakeModelRunner();
        using var engine = TestEngine.Over(runner);

        // Between two choices there is one comma.
        var result = await engine.RunAsync(Question, Under("""{"type":"array","items":{"enum":[1,2]},"minItems":3,"maxItems":3}"""), Cancel);

        Assert.Matches(@"^\[[12],[12],[12]\]$", result.Text);
        Assert.Equal(["reset 0", "prefill 0:8", .. Enumerable.Repeat("decode 0", 5)], runner.Calls);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(0.7f)]
    [InlineData(2)]
    public async Task Whatever_is_read_ahead_the_answer_is_valid(float temperature)
    {
        using var bytes = TestEngine.Over(new FakeModelRunner { IsRecording = false });
        using var mixed = Over(new FakeModelRunner(vocabularySize: ListTokenizer.Mixed.VocabularySize) { IsRecording = false }, ListTokenizer.Mixed);
        for (var seed = 0; seed < 120; seed++)
        {
            var schema = new SchemaGenerator(seed).Document().Schema.ToJsonString();
            var options = Under(schema, 400) with { Sampling = new SamplingOptions { Temperature = temperature, TopP = 1, Seed = seed } };
            foreach (var engine in new[] { bytes, mixed })
            {
                var result = await engine.RunAsync(new Prompt($"question {seed}"), options, Cancel);

                Assert.Equal(result.Ids.Count, result.Usage.GeneratedTokens);
                Assert.True(
                    result.Reason == FinishReason.Length || NaiveValidator.IsValid(JsonElement.Parse(schema), result.Text), $"seed {seed}: {result.Text} is not valid under {schema}");
            }
        }
    }

    [Fact]
    public async Task Forced_text_comes_in_the_tokenizers_own_tokens()
    {
        var tokenizer = SmallVocabulary.Tokenizer;
        using var engine = Over(new FakeModelRunner(vocabularySize: SmallVocabulary.Size), tokenizer);

        var result = await engine.RunAsync(Question, Under("""{"const":"there and the world: 123 你好 User"}"""), Cancel);

        Assert.Equal("\"there and the world: 123 你好 User\"", result.Text);
        Assert.Equal(tokenizer.Encode(result.Text), result.Ids);
        Assert.True(result.Ids.Count < result.Text.Length / 2);
    }

    [Fact]
    public async Task A_long_span_is_read_in_chunks_and_others_write_between_them()
    {
        var runner = new FakeModelRunner(slots: 2);
        using var engine = TestEngine.Over(runner, new EngineOptions { ChunkLength = 8 });
        using var gate = new LoopGate(runner);
        var text = new string('x', 60);
        var other = engine.RunAsync(new Prompt("other"), Greedy(40), Cancel);
        await gate.Reached;
        var forced = engine.RunAsync(Question, Under($$"""{"type":"array","prefixItems":[{"const":"{{text}}"},{"type":"boolean"}],"minItems":2,"maxItems":2}"""), Cancel);
        gate.Open();
        await Task.WhenAll(other, forced);

        var spans = Enumerable.Range(0, runner.Calls.Count).Where(i => runner.Calls[i] == "prefill 1:8").Skip(1).ToList();   // the first one is the prompt
        Assert.Equal((text.Length + 4) / 8, spans.Count);   // bracket, quotes, comma; the rest of it is too short for a span
        Assert.All(spans, i => Assert.StartsWith("decode 0", runner.Calls[i - 1], StringComparison.Ordinal));
        Assert.DoesNotContain(runner.Calls, static call => call.StartsWith("prefill 1:", StringComparison.Ordinal) && call.Length > "prefill 1:8".Length);
    }

    [Fact]
    public async Task What_is_read_does_not_depend_on_who_else_is_there()
    {
        const string schema = """{"type":"object","properties":{"name":{"type":"string","maxLength":5},"kind":{"const":"a person"},"tags":{"type":"array","items":{"enum":["red","green"]}}},"required":["name","kind","tags"]}""";
        using var alone = TestEngine.Over(new FakeModelRunner());
        using var crowded = TestEngine.Over(new FakeModelRunner());
        var expected = new List<string>();
        for (var seed = 0; seed < 12; seed++)
        {
            expected.Add((await alone.RunAsync(Question, Under(schema, 200) with { Sampling = Seeded(seed).Sampling }, Cancel)).Text);
        }

        var together = await Task.WhenAll(Enumerable.Range(0, 12).Select(seed => crowded.RunAsync(Question, Under(schema, 200) with { Sampling = Seeded(seed).Sampling }, Cancel)));

        Assert.Equal(expected, together.Select(static result => result.Text));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(7)]
    [InlineData(20)]
    public async Task The_most_tokens_hold_inside_a_span(int most)
    {
        using var engine = TestEngine.Over(new FakeModelRunner());

        var result = await engine.RunAsync(Question, Under("""{"const":"a long text without a choice"}""", most), Cancel);

        Assert.Equal("\"a long text without a choice\""[..most], result.Text);
        Assert.Equal(FinishReason.Length, result.Reason);
        Assert.Equal(most, result.Usage.GeneratedTokens);
    }

    [Fact]
    public async Task A_stop_text_inside_a_span_ends_the_answer_and_does_not_show()
    {
        var runner = new FakeModelRunner();
        using var engine = TestEngine.Over(runner);

        var result = await engine.RunAsync(Question, Under("""{"const":"read until END and no further"}""") with { StopSequences = ["END"] }, Cancel);

        Assert.Equal("\"read until ", result.Text);
        Assert.Equal(FinishReason.Stop, result.Reason);
        Assert.Equal("\"read until END".Length, result.Usage.GeneratedTokens);
        Assert.Equal(2, runner.Calls.Count);
    }

    [Theory]
    [InlineData(0f, "xxxxxa")]
    [InlineData(3f, "xxxxxb")]
    public async Task Forced_tokens_count_for_the_penalties(float presencePenalty, string expected)
    {
        // Both letters may follow; 'a' was forced before and is a little likelier.
        var runner = new FakeModelRunner { Filter = static (_, logits) => Favour(logits) };
        using var engine = TestEngine.Over(runner);
        var options = Under("""{"type":"array","prefixItems":[{"const":"axxxx"},{"enum":["xxxxxa","xxxxxb"]}],"minItems":2,"maxItems":2}""");

        var result = await engine.RunAsync(Question, options with { Sampling = SamplingOptions.Greedy with { PresencePenalty = presencePenalty } }, Cancel);

        Assert.Equal($"[\"axxxx\",\"{expected}\"]", result.Text);

        static void Favour(Span<float> logits)
        {
            logits.Clear();
            (logits['a' + 1], logits['b' + 1]) = (10, 9);
        }
    }

    [Fact]
    public async Task Cancelled_inside_a_span_it_ends_within_one_step()
    {
        var runner = new FakeModelRunner(slots: 1);
        using var engine = TestEngine.Over(runner, new EngineOptions { ChunkLength = 8 });
        using var source = new CancellationTokenSource();
        runner.BeforeStep = batch =>
        {
            if (runner.PrefillPositions == 8 + 16)
            {
                source.Cancel();
            }
        };

        var answer = engine.RunAsync(Question, Under($$"""{"type":"array","prefixItems":[{"const":"{{new string('x', 200)}}"},{"type":"boolean"}],"minItems":2}""", 400), source.Token);
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => answer);
        await engine.RunAsync(new Prompt("z"), Greedy(1), Cancel);

        Assert.Equal(8 + 24 + 1, runner.PrefillPositions);
        Assert.Equal(0, engine.LiveRequests);
    }

    [Fact]
    public async Task A_step_that_fails_inside_a_span_ends_that_answer_alone()
    {
        var runner = new FakeModelRunner(slots: 2);
        using var engine = TestEngine.Over(runner);
        runner.BeforeStep = static batch =>
        {
            if (batch.Phase == Phase.Prefill && batch.Rows[0].Positions > 20)
            {
                throw new ArithmeticException("broken");
            }
        };

        var good = engine.RunAsync(new Prompt("good"), Greedy(30), Cancel);
        await Assert.ThrowsAsync<InvalidOperationException>(() =>
            engine.RunAsync(Question, Under("""{"type":"array","prefixItems":[{"const":"forced forced forced"},{"type":"boolean"}],"minItems":2}"""), Cancel));

        Assert.Equal(30, (await good).Ids.Count);
        Assert.Equal(0, engine.LiveRequests);
    }

    [Fact]
    public async Task Every_forced_token_is_an_element_of_the_stream()
    {
        using var engine = TestEngine.Over(new FakeModelRunner());
        var pieces = new List<string>();

        await foreach (var token in engine.GenerateAsync(Question, Under("""{"const":"Grüße"}"""), Cancel))
        {
            pieces.Add(token.Text);
        }

        Assert.Equal(["\"", "G", "r", "", "ü", "", "ß", "e", "\""], pieces);
    }

    [Fact]
    public async Task A_call_that_the_model_began_is_finished_ahead_and_its_text_goes_on_freely()
    {
        const string answer = " Yes. ```json\n{\"name\":\"lamp_switch\",\"arguments\":{\"state\":\"on\"}}\n``` Done.";
        var steps = 0;
        var runner = new ScriptedModelRunner().Otherwise(answer);
        runner.BeforeStep = _ => steps++;
        using var engine = TestEngine.Over(runner);
        var parameters = JsonElement.Parse("""{"type":"object","properties":{"state":{"const":"on"}},"required":["state"],"additionalProperties":false}""");
        var call = Constraint.ToolCall([new ToolDeclaration("lamp_switch", parameters)], new ToolCallFrame("", "\n```"));

        var result = await engine.RunAsync(Question, Greedy(200) with { Constraint = new TriggeredConstraint("```json\n", "{\"name\":", call) }, Cancel);

        Assert.Equal(answer, result.Text);
        var chosen = " Yes. ```json\n{\"name\":".Length + " Done.".Length + 1;   // and the end of the text
        Assert.Equal(chosen, steps);   // the prompt's step gives the first of them; the last one is not read, what was forced is read in one step
    }

    [Fact]
    public async Task The_meter_tells_forced_tokens_from_chosen_ones()
    {
        var name = Guid.NewGuid().ToString();
        using var sums = new MeterSums(name);
        var runner = new FakeModelRunner();
        await using var engine = new RwkvEngine(runner, ByteTokenizer.Instance, TestEngine.Describe(runner) with { Name = name }, new EngineOptions());

        var result = await engine.RunAsync(Question, Under("""{"type":"array","prefixItems":[{"const":"forced"},{"enum":["a","b"]}],"minItems":2,"maxItems":2}"""), Cancel);

        Assert.Equal(result.Ids.Count, sums["rwkvsk.tokens.generated"]);
        Assert.Equal(result.Ids.Count - 1, sums["rwkvsk.tokens.forced"]);
        Assert.Equal(8, sums["rwkvsk.positions.read"]);   // of prompts
    }

    [Fact]
    public void A_copy_of_a_constraint_inside_a_span_is_at_the_same_place_and_goes_its_own_way()
    {
        var cursor = Constraint.FromJsonSchema("""{"type":"array","prefixItems":[{"const":"abc"},{"enum":["de","df"]}],"minItems":2,"maxItems":2}""").Start(ConstraintProbe.Bytes);
        var span = Forced(cursor);
        foreach (var id in span[..3])
        {
            cursor.Accept(id);
        }

        var copy = cursor.Clone();
        foreach (var id in Forced(copy))
        {
            copy.Accept(id);
        }

        Assert.Equal(span[3..], Forced(cursor));
        copy.Accept('e' + 1);
        Assert.Equal("\"]", ByteTokenizer.TextOf(Forced(copy)));
        Assert.Equal(span[3..], Forced(cursor));
    }

    [Fact]
    public void A_tokenizer_that_merges_keeps_back_what_may_still_merge()
    {
        var tokenizer = SmallBpe.Tokenizer;
        var vocabulary = new VocabularyTrie(tokenizer);
        var given = 0;
        foreach (var (before, after) in new[] { ("the other", "wise"), ("it '", "s"), ("a b  ", "c"), ("aa and the aa", " and"), ("the", "") })
        {
            // What follows is a choice, so the constraint gives ahead what stays as it is.
            var cursor = Constraint.FromJsonSchema($$"""{"enum":["{{before}}{{after}}","{{before}}!"]}""").Start(vocabulary);
            var ids = new List<int>();
            cursor.TryForced(ids);

            Assert.Equal(tokenizer.Encode($"\"{before}{after}\"").Take(ids.Count), ids);
            Assert.Equal(tokenizer.Encode($"\"{before}!\"").Take(ids.Count), ids);
            given += ids.Count;
        }

        Assert.True(given > 4);
    }

    private static int[] Forced(ConstraintCursor cursor)
    {
        var ids = new List<int>();
        Assert.True(cursor.TryForced(ids));
        return [.. ids];
    }

    private static GenerationOptions Under(string schema, int tokens = 200) => Greedy(tokens) with { Constraint = Constraint.FromJsonSchema(schema) };

    private static RwkvEngine Over(FakeModelRunner runner, ITokenizer tokenizer) => new(runner, tokenizer, TestEngine.Describe(runner), new EngineOptions());
}
