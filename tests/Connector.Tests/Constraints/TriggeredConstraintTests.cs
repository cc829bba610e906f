using System.Text;
using System.Text.Json;
using RwkvSk.Engine.Constraints;
using RwkvSk.Engine.Constraints.Masks;
using RwkvSk.TestKit;
using Xunit;

namespace RwkvSk.Connector.Tests.Constraints;

/// <summary>What holds begun calls to their schemas.</summary>
public class TriggeredConstraintTests
{
    private static readonly Constraint Calls = new TriggeredConstraint("```json\n", "{\"name\":", Constraint.ToolCall(
        [
            new ToolDeclaration("lamp", JsonElement.Parse("""{"type":"object","properties":{"on":{"type":"boolean"}},"required":["on"]}""")),
            new ToolDeclaration("now", JsonElement.Parse("""{"type":"object","properties":{}}""")),
        ],
        new ToolCallFrame("", "\n```")));

    [Theory]
    [InlineData("Any text, even ``` and ```json and {\"name\":3}")]
    [InlineData("```json\n{\"a\":1}\n```")]
    [InlineData("```json\n{\"nam")]
    [InlineData("```json\n {\"name\":\"x\"}")]
    public void Text_is_free(string text)
    {
        var cursor = After(text);
        Assert.True(cursor.IsOpen);
        Assert.True(cursor.MayEnd);
        Assert.False(cursor.MustEnd);
        Assert.All(Enumerable.Range(0, ByteTokenizer.Size), id => Assert.True(cursor.Allows(id)));
    }

    [Theory]
    [InlineData("```json\n{\"name\":", "\"")]
    [InlineData("Look: ```json\n{\"name\":\"", "ln")]
    [InlineData("```json\n{}\n``` ```json\n{\"name\":\"lamp\",\"arguments\":{\"on\":", "ft")]
    [InlineData("```json\n{\"name\":\"now\",\"arguments\":{}}", "\n")]
    public void A_begun_call_is_held_to_what_may_be_called(string text, string next)
    {
        var cursor = After(text);
        Assert.False(cursor.IsOpen);
        Assert.False(cursor.MayEnd);
        var logits = new float[ByteTokenizer.Size];
        cursor.Mask(logits);
        Assert.Equal(next, ByteTokenizer.TextOf(Enumerable.Range(1, ByteTokenizer.Size - 1).Where(id => logits[id] == 0)));
    }

    [Fact]
    public void Behind_a_call_the_text_is_free_again_and_the_next_call_is_not()
    {
        const string Call = "```json\n{\"name\":\"now\",\"arguments\":{}}\n```";
        Assert.True(After(Call).IsOpen);
        Assert.False(After(Call + "\n```json\n{\"name\":").IsOpen);
    }

    [Fact]
    public void A_copy_goes_its_own_way()
    {
        var cursor = After("```json\n{\"name\":\"");
        var copy = cursor.Clone();
        cursor.Accept('l' + 1);
        Assert.True(copy.Allows('n' + 1));
        Assert.False(cursor.Allows('n' + 1));
    }

    private static ConstraintCursor After(string text)
    {
        var cursor = Calls.Start(new VocabularyTrie(ByteTokenizer.Instance));
        foreach (var value in Encoding.UTF8.GetBytes(text))
        {
            Assert.True(cursor.Allows(value + 1));
            cursor.Accept(value + 1);
        }

        return cursor;
    }
}
