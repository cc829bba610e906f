using RwkvSk.Engine.Constraints;
using RwkvSk.Engine.Constraints.Masks;
using RwkvSk.Engine.Prompts;
using RwkvSk.Engine.Scheduling;
using RwkvSk.Engine.Tests.Scheduling;
using RwkvSk.TestKit;
using Xunit;

namespace RwkvSk.Engine.Tests.Constraints;

public class ThoughtConstraintTests
{
    private const string Closing = "</think>";

    [Fact]
    public async Task A_thought_over_its_budget_is_closed_in_the_same_sequence()
    {
        // The script goes by position: what is forced takes the place of nine of its bytes.
        var steps = new List<Phase>();
        var runner = new ScriptedModelRunner().Otherwise($"{new string('h', 20)}_________Four.");
        runner.BeforeStep = batch => steps.Add(batch.Phase);
        using var engine = TestEngine.Over(runner);

        var result = await engine.RunAsync(new Prompt("Assistant: <think>"), Streams.Greedy(100) with { Constraint = new ThoughtConstraint(20, Closing, null) }, TestContext.Current.CancellationToken);

        Assert.Equal($"{new string('h', 20)}\n</think>Four.", result.Text);
        Assert.Equal(FinishReason.Stop, result.Reason);
        Assert.Equal(20 + 9 + 5 + 1, result.Usage.GeneratedTokens);
        Assert.Single(runner.Prompts);
        Assert.Equal(2, steps.Count(static phase => phase is Phase.Prefill));   // the prompt, and what closes the thought
    }

    [Fact]
    public async Task A_thought_that_the_model_closes_itself_is_left_alone()
    {
        using var engine = TestEngine.Over(new ScriptedModelRunner().Otherwise($"hm{Closing} Four, and so on, at length."));

        var result = await engine.RunAsync(new Prompt("<think>"), Streams.Greedy(100) with { Constraint = new ThoughtConstraint(12, Closing, null) }, TestContext.Current.CancellationToken);

        Assert.Equal($"hm{Closing} Four, and so on, at length.", result.Text);
    }

    [Theory]
    [InlineData(4)]
    [InlineData(100)]
    public void Behind_the_thought_the_answers_constraint_holds(int budget)
    {
        var cursor = new ThoughtConstraint(budget, Closing, Constraint.FromJsonSchema("""{"const":1}""")).Start(ConstraintProbe.Bytes);
        foreach (var value in budget == 4 ? "hmmm"u8 : "hmmm</think>"u8)
        {
            Assert.True(cursor.IsOpen && cursor.MayEnd && cursor.Allows(value + 1));
            cursor.Accept(value + 1);
        }

        var ids = new List<int>();
        Assert.True(cursor.TryForced(ids));
        Assert.Equal(budget == 4 ? "\n</think>" : "1", ByteTokenizer.TextOf(ids));
        var copy = cursor.Clone();
        ids.ForEach(copy.Accept);
        Assert.Equal(budget == 100, copy.MustEnd);
        Assert.False(cursor.MustEnd);
    }

    [Fact]
    public void What_closes_a_thought_may_be_spread_over_tokens_or_share_one()
    {
        var tokenizer = ListTokenizer.Of([.. Enumerable.Range(1, 127).Select(static i => ((char)i).ToString()), "</", "think", ">\n", "hm</think>"]);
        foreach (var pieces in (string[][])[["a", "</", "think", ">\n"], ["hm</think>"], ["<", "</", "think", ">"]])
        {
            var cursor = new ThoughtConstraint(50, Closing, Constraint.FromJsonSchema("""{"const":1}""")).Start(new VocabularyTrie(tokenizer));
            foreach (var piece in pieces)
            {
                Assert.True(cursor.IsOpen);
                cursor.Accept(Enumerable.Range(0, tokenizer.VocabularySize).Single(id => tokenizer.BytesOf(id).SequenceEqual(System.Text.Encoding.UTF8.GetBytes(piece))));
            }

            Assert.False(cursor.IsOpen);
        }
    }
}
