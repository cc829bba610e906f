using RwkvSk.Engine.Constraints.Masks;
using RwkvSk.Engine.Tokenization;
using RwkvSk.TestKit;
using RwkvSk.Trainer.Data;
using Xunit;

namespace RwkvSk.Samples.Tests.Data;

public class EvaluationSetTests(ITestOutputHelper output)
{
    [Fact]
    public void No_wording_is_on_both_sides()
    {
        Wording[] wordings =
        [
            PictureWordings.Describe, PictureWordings.Count, PictureWordings.Colour, PictureWordings.Shape, PictureWordings.Where, PictureWordings.Exists,
            PictureWordings.ExistsMany, PictureWordings.Check, PictureWordings.Size, PictureWordings.WhatIsAt, UnknownTopics.Wording, .. SmallTalk.Wordings,
        ];
        var training = wordings.SelectMany(w => w.Templates(Split.Training)).Concat(Frames.Table[Split.Training]).Concat(RequestWordings.Frames[Split.Training]).Select(Normal).ToHashSet();
        var heldOut = wordings.SelectMany(w => w.Templates(Split.HeldOut)).Concat(Frames.Table[Split.HeldOut]).Concat(RequestWordings.Frames[Split.HeldOut]).Select(Normal).ToHashSet();
        Assert.Empty(training.Intersect(heldOut));
        Assert.InRange(heldOut.Count / (double)(heldOut.Count + training.Count), 0.12, 0.25);   // a fifth of the tables; some are trained with more
    }

    [Fact]
    public void No_noun_or_verb_of_an_unseen_tool_is_used_in_training()
    {
        SplitTable<string>[] nouns =
        [
            Things.Devices, Things.Openings, Things.Records, Things.Facts, Things.Conditions, Things.Readings, Things.Goods, GenericPatterns.Nouns,
        ];
        Assert.Empty(nouns.SelectMany(t => t[Split.HeldOut]).Intersect(nouns.SelectMany(t => t[Split.Training])));
        Assert.Empty(GenericPatterns.Verbs[Split.HeldOut].Intersect(GenericPatterns.Verbs[Split.Training]));
        Assert.Empty(Names.Cities[Split.HeldOut].Intersect(Names.Cities[Split.Training]));
        Assert.Empty(Names.People[Split.HeldOut].Intersect(Names.People[Split.Training]));
    }

    [Fact]
    public void Every_expected_answer_is_judged_right_and_another_one_wrong()
    {
        var items = EvaluationSet.Create(5, 400);
        Assert.All(items, i => Assert.True(i.IsRight(" " + i.Expected + "\n"), i.Expected));
        Assert.All(items, i => Assert.False(i.IsRight("I cannot say."), i.Expected));
        Assert.All(items.Where(i => i.Check == EvaluationCheck.Call && i.Expected.Contains("\"arguments\":{\"", StringComparison.Ordinal)), i => Assert.False(i.IsRight(i.Expected.Replace("\"arguments\":{\"", "\"arguments\":{\"not_", StringComparison.Ordinal))));
        Assert.All(items, i => Assert.Equal(i.Turns.Count + 1, i.Prompt().Turns.Count));
        foreach (var group in items.GroupBy(i => i.Category).OrderBy(g => g.Key, StringComparer.Ordinal))
        {
            output.WriteLine($"{group.Key}: {group.Count()}");
            foreach (var item in group.Take(4))
            {
                var tools = item.Turns[0].Text.Contains("Tools:", StringComparison.Ordinal) ? item.Turns[0].Text + "\n" : string.Empty;
                output.WriteLine($"  {tools}  ... {item.Turns[^1].Text}\n    -> {item.Expected}");
            }
        }

        Assert.Equal(15, items.Select(i => i.Category).Distinct().Count());
    }

    [Fact]
    public void Every_expected_call_is_one_that_the_declared_tools_allow()
    {
        var tokenizer = new ByteTokenizer();
        var vocabulary = new VocabularyTrie(tokenizer);
        var calls = EvaluationSet.Create(5, 300).Where(i => i.Tools.Count > 0 && i.Expected.StartsWith("```", StringComparison.Ordinal)).ToList();
        Assert.True(calls.Count > 50, $"{calls.Count} calls");
        foreach (var item in calls)
        {
            var cursor = item.Constraint()!.Start(vocabulary);
            foreach (var id in tokenizer.Encode(" " + item.Expected))
            {
                Assert.True(cursor.Allows(id), $"{item.Turns[0].Text}\n{item.Expected}");
                cursor.Accept(id);
            }

            Assert.True(cursor.MayEnd, item.Expected);
        }
    }

    [Fact]
    public void Equal_seeds_give_equal_questions() =>
        Assert.Equal(EvaluationSet.Create(6, 40).Select(i => i.Expected + i.Turns[^1].Text), EvaluationSet.Create(6, 40).Select(i => i.Expected + i.Turns[^1].Text));

    private static string Normal(string template) => template.ToLowerInvariant().TrimEnd('.', '?', '!').Replace("{this}", "the", StringComparison.Ordinal).Replace("what's", "what is", StringComparison.Ordinal);
}
