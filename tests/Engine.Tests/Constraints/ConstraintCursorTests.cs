using System.Text;
using RwkvSk.Engine.Constraints;
using RwkvSk.Engine.Constraints.Masks;
using Xunit;

namespace RwkvSk.Engine.Tests.Constraints;

public class ConstraintCursorTests
{
    private const string Person = """{"type":"object","properties":{"name":{"type":"string","maxLength":3},"kind":{"const":"person"}},"required":["name","kind"]}""";

    [Fact]
    public void A_copy_goes_its_own_way()
    {
        var cursor = Constraint.FromJsonSchema("""{"enum":["ab","ac"]}""").Start(ConstraintProbe.Bytes);
        Accept(cursor, "\"a");
        var copy = cursor.Clone();
        Accept(copy, "b");
        Assert.False(copy.Allows('c' + 1));
        Assert.True(cursor.Allows('c' + 1) && cursor.Allows('b' + 1));
    }

    [Fact]
    public void What_must_come_is_given_ahead_in_the_tokens_of_a_greedy_reader()
    {
        var tokenizer = ListTokenizer.Mixed;
        var vocabulary = new VocabularyTrie(tokenizer);
        var cursor = Constraint.FromJsonSchema(Person).Start(vocabulary);
        Assert.Equal("{\"name\":\"", Forced(cursor, vocabulary));
        Accept(cursor, "abc", vocabulary);
        Assert.Equal("\",\"kind\":\"person\"}", Forced(cursor, vocabulary));
        Assert.True(cursor.MustEnd);
        Assert.False(cursor.TryForced([]));
    }

    [Fact]
    public void Bytes_that_a_longer_token_may_begin_with_are_left_to_the_model()
    {
        var vocabulary = new VocabularyTrie(ListTokenizer.Mixed);
        var cursor = Constraint.FromJsonSchema("""{"type":"object","properties":{"name":true},"required":["name"]}""").Start(vocabulary);
        Assert.Equal("{\"name", Forced(cursor, vocabulary));   // quote and colon may be the beginning of quote, colon, quote
        Accept(cursor, "\":", vocabulary);
        Assert.False(cursor.TryForced([]));
    }

    [Fact]
    public void Nothing_is_given_ahead_where_there_is_a_choice()
    {
        var ids = new List<int>();
        var cursor = Constraint.FromJsonSchema("""{"enum":[1,12]}""").Start(ConstraintProbe.Bytes);
        Assert.True(cursor.TryForced(ids));
        Assert.Equal(['1' + 1], ids);
        cursor.Accept(ids[0]);
        Assert.True(cursor.MayEnd && !cursor.MustEnd);
        Assert.False(cursor.TryForced(ids));
    }

    [Fact]
    public void Given_tokens_are_always_allowed_ones()
    {
        var vocabulary = new VocabularyTrie(ListTokenizer.Mixed);
        for (var seed = 0; seed < 60; seed++)
        {
            var generated = new SchemaGenerator(seed).Document();
            var cursor = Constraint.FromJsonSchema(generated.Schema.ToJsonString()).Start(vocabulary);
            foreach (var value in Encoding.UTF8.GetBytes(generated.Write(new Random(seed))))
            {
                var probe = cursor.Clone();
                var ids = new List<int>();
                probe.TryForced(ids);
                foreach (var id in ids)
                {
                    Assert.True(probe.Allows(id));
                    probe.Accept(id);
                }

                cursor.Accept(value + 1);
            }
        }
    }

    [Fact]
    public void A_token_that_is_not_allowed_is_refused()
    {
        var cursor = Constraint.AnyJsonObject.Start(ConstraintProbe.Bytes);
        Assert.False(cursor.Allows(0));
        Assert.False(cursor.Allows(100_000));
        var exception = Assert.Throws<InvalidOperationException>(() => cursor.Accept('[' + 1));
        Assert.Contains($"token {'[' + 1}", exception.Message, StringComparison.Ordinal);
        Accept(cursor, "{}");
        Assert.True(cursor.MustEnd);
    }

    [Fact]
    public void Many_answers_at_once_do_not_disturb_each_other()
    {
        var constraint = Constraint.FromJsonSchema(Person);
        var vocabulary = new VocabularyTrie(ListTokenizer.Mixed);
        Parallel.For(0, 64, i =>
        {
            var cursor = constraint.Start(vocabulary);
            Accept(cursor, $"{{\"name\":\"{i % 10}{i / 10}\",\"kind\":\"person\"}}", vocabulary);
            Assert.True(cursor.MustEnd);
        });
    }

    [Fact]
    public void Ambiguity_does_not_multiply_with_depth()
    {
        var constraint = Constraint.FromJsonSchema("""{"anyOf":[{"type":"array","items":{"$ref":"#"}},{"type":"array","items":{"$ref":"#"},"maxItems":3}]}""");
        var text = string.Concat(Enumerable.Repeat("[", 60)) + string.Concat(Enumerable.Repeat("]", 60));
        Assert.True(constraint.Accepts(text));
    }

    private static string Forced(ConstraintCursor cursor, VocabularyTrie vocabulary)
    {
        var ids = new List<int>();
        cursor.TryForced(ids);
        foreach (var id in ids)
        {
            cursor.Accept(id);
        }

        return string.Concat(ids.Select(id => Encoding.UTF8.GetString(vocabulary.BytesOf(id))));
    }

    private static void Accept(ConstraintCursor cursor, string text, VocabularyTrie? vocabulary = null)
    {
        foreach (var value in Encoding.UTF8.GetBytes(text))
        {
            Assert.Equal(1, (vocabulary ?? ConstraintProbe.Bytes).BytesOf(value + 1).Length);
            cursor.Accept(value + 1);
        }
    }
}
