using RwkvSk.Engine.Prompts;
using RwkvSk.TestKit;
using Xunit;
using static RwkvSk.Engine.Tests.Scheduling.Streams;

namespace RwkvSk.Engine.Tests.Scheduling;

public sealed class ScriptedAnswerTests
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task The_answer_that_fits_the_prompts_end_is_streamed_token_by_token()
    {
        using var engine = TestEngine.Over(new ScriptedModelRunner().When("red?\n\nAssistant:", " Yes.").Otherwise(" No."));

        var yes = await engine.RunAsync(Turns("User: Is it red?\n\n", "Assistant:"), cancellationToken: Cancel);
        var no = await engine.RunAsync(Turns("User: Is it blue?\n\n", "Assistant:"), cancellationToken: Cancel);

        Assert.Equal(" Yes.", yes.Text);
        Assert.Equal(" No.", no.Text);
        Assert.Equal(FinishReason.Stop, yes.Reason);
        Assert.Equal(6, yes.Usage.GeneratedTokens);   // five bytes and the end of text
    }

    [Fact]
    public async Task A_stop_sequence_over_token_borders_never_leaks()
    {
        using var engine = TestEngine.Over(new ScriptedModelRunner().Otherwise(" Fine.\n\nUse it.\n\nUser: more"));

        var result = await engine.RunAsync(new Prompt("Assistant:"), Greedy(100, "\n\nUser:"), Cancel);

        Assert.Equal(" Fine.\n\nUse it.", result.Text);
        Assert.Equal(FinishReason.Stop, result.Reason);
    }

    [Fact]
    public async Task Text_held_back_for_a_stop_comes_out_when_the_answer_ends_first()
    {
        using var engine = TestEngine.Over(new ScriptedModelRunner().Otherwise(" Fine.\n\nUs"));

        var ended = await engine.RunAsync(new Prompt("Assistant:"), Greedy(100, "\n\nUser:"), Cancel);
        var cut = await engine.RunAsync(new Prompt("Assistant:"), Greedy(8, "\n\nUser:"), Cancel);

        Assert.Equal(" Fine.\n\nUs", ended.Text);
        Assert.Equal(" Fine.\n\n", cut.Text);
        Assert.Equal(FinishReason.Length, cut.Reason);
    }

    [Fact]
    public async Task Characters_arrive_whole_and_joined_they_are_the_answer()
    {
        const string answer = " Grüße, 世界 🙂!";
        using var engine = TestEngine.Over(new ScriptedModelRunner().Otherwise(answer));

        var pieces = new List<string>();
        await foreach (var token in engine.GenerateAsync(new Prompt("Assistant:"), Greedy(100), Cancel))
        {
            pieces.Add(token.Text);
        }

        Assert.Equal(answer, string.Concat(pieces));
        Assert.DoesNotContain(pieces, static piece => piece.Contains('\uFFFD'));
        Assert.Contains("🙂", pieces);
    }

    [Fact]
    public async Task A_picture_is_part_of_what_the_script_sees()
    {
        var runner = new ScriptedModelRunner(positionsPerImage: 7).Answer(static text => text.Contains(ScriptedModelRunner.Picture) ? " I see." : " Blind.");
        using var engine = TestEngine.Over(runner);

        var result = await engine.RunAsync(new Prompt(new Turn(new TextSegment("User: "), new ImageSegment(new byte[] { 1, 2 }), new TextSegment(" what?\n\n")), new Turn("Assistant:")), cancellationToken: Cancel);

        Assert.Equal(" I see.", result.Text);
        Assert.Equal($"User: {ScriptedModelRunner.Picture} what?\n\nAssistant:", Assert.Single(runner.Prompts));
        Assert.Equal(6 + 7 + 8 + 10, result.Usage.PromptPositions);
    }

    [Fact]
    public async Task The_second_turn_reads_only_what_is_new()
    {
        var runner = new ScriptedModelRunner().Otherwise(" Hello.");
        using var engine = TestEngine.Over(runner);
        string[] first = ["System: Be kind.\n\n", "User: Hi\n\n"];
        string[] second = [.. first, "Assistant: Hello.\n\n", "User: And?\n\n"];

        await engine.RunAsync(Turns([.. first, "Assistant:"]), cancellationToken: Cancel);
        var result = await engine.RunAsync(Turns([.. second, "Assistant:"]), cancellationToken: Cancel);

        Assert.Equal(string.Concat(first).Length, result.Usage.ReusedPositions);
        Assert.Equal(string.Concat(second).Length + 10, result.Usage.PromptPositions);
        Assert.Equal(result.Usage.PromptPositions + 10, runner.PrefillPositions);   // the first opening was read besides
    }
}
