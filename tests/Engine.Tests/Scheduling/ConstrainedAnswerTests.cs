using RwkvSk.Engine.Constraints;
using RwkvSk.Engine.Constraints.Masks;
using RwkvSk.Engine.Prompts;
using RwkvSk.TestKit;
using Xunit;
using static RwkvSk.Engine.Tests.Scheduling.Streams;

namespace RwkvSk.Engine.Tests.Scheduling;

public sealed class ConstrainedAnswerTests
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public async Task A_model_that_knows_nothing_keeps_to_the_choices(int seed)
    {
        using var engine = TestEngine.Over(new FakeModelRunner());

        var result = await engine.RunAsync(new Prompt("q"), Seeded(seed, 100) with { Constraint = new ChoiceConstraint("yes", "no", "perhaps") }, Cancel);

        Assert.Contains(result.Text, new[] { "yes", "no", "perhaps" });
        Assert.Equal(FinishReason.Stop, result.Reason);
        Assert.Equal(result.Text.Length, result.Usage.GeneratedTokens);   // where nothing may follow, no token is spent on ending
    }

    [Fact]
    public async Task Where_the_answer_may_end_or_go_on_the_end_of_text_token_decides()
    {
        using var shorter = TestEngine.Over(new ScriptedModelRunner().Otherwise("12"));
        using var longer = TestEngine.Over(new ScriptedModelRunner().Otherwise("1234"));
        var options = Greedy(100) with { Constraint = new ChoiceConstraint("12", "1234") };

        Assert.Equal("12", (await shorter.RunAsync(new Prompt("q"), options, Cancel)).Text);
        Assert.Equal("1234", (await longer.RunAsync(new Prompt("q"), options, Cancel)).Text);
    }

    [Fact]
    public async Task The_first_token_of_a_stop_text_is_a_wish_to_end()
    {
        using var engine = TestEngine.Over(new ScriptedModelRunner().Otherwise("12\n\nUser: go on"));

        var result = await engine.RunAsync(new Prompt("q"), Greedy(100, "\n\nUser:") with { Constraint = new ChoiceConstraint("12", "1234") }, Cancel);

        Assert.Equal("12", result.Text);
        Assert.Equal(FinishReason.Stop, result.Reason);
    }

    [Fact]
    public async Task An_answer_that_is_not_whole_does_not_end_however_much_the_model_wants_to()
    {
        using var engine = TestEngine.Over(new ScriptedModelRunner().Otherwise(""));

        Assert.Equal("no", (await engine.RunAsync(new Prompt("q"), Greedy(100) with { Constraint = new ChoiceConstraint("no") }, Cancel)).Text);
    }

    [Fact]
    public async Task A_constraint_that_fails_ends_its_own_answer_only()
    {
        using var engine = TestEngine.Over(new ScriptedModelRunner().Otherwise("a long answer for everyone"));

        var good = engine.RunAsync(new Prompt("q"), Greedy(100), Cancel);
        await Assert.ThrowsAsync<ArithmeticException>(() => engine.RunAsync(new Prompt("q"), Greedy(100) with { Constraint = new BrokenConstraint() }, Cancel));

        Assert.Equal("a long answer for everyone", (await good).Text);
        Assert.Equal(0, engine.LiveRequests);
    }

    private sealed class BrokenConstraint : Constraint
    {
        internal override ConstraintCursor Start(VocabularyTrie vocabulary) => new Cursor();

        private sealed class Cursor : ConstraintCursor
        {
            private int _accepted;

            public override bool MayEnd => false;

            public override bool MustEnd => false;

            public override void Mask(Span<float> logits)
            {
                if (_accepted == 3)
                {
                    throw new ArithmeticException("the constraint is broken");
                }
            }

            public override bool Allows(int tokenId) => true;

            public override bool TryForced(List<int> ids) => false;

            public override void Accept(int tokenId) => _accepted++;

            public override ConstraintCursor Clone() => new Cursor();
        }
    }
}
