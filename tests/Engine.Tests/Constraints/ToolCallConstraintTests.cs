using System.Text.Json;
using RwkvSk.Engine.Constraints;
using Xunit;

namespace RwkvSk.Engine.Tests.Constraints;

public class ToolCallConstraintTests
{
    private static readonly ToolDeclaration Lamp = Tool("lamp_set_color",
        """{"type":"object","condition":"Turns the lamp","properties":{"color":{"enum":["red","green"]},"level":{"type":"integer","minimum":0,"maximum":9}},"required":["color"]}""");

    private static readonly ToolDeclaration Clock = Tool("clock", """{"type":"object","properties":{}}""");

    [Fact]
    public void A_call_names_a_tool_and_keeps_to_its_schema()
    {
        var constraint = Constraint.ToolCall([Lamp, Clock]);
        Assert.True(constraint.Accepts(" ```json\n{\"name\":\"lamp_set_color\",\"arguments\":{\"color\":\"red\"}}\n```"));
        Assert.True(constraint.Accepts(" ```json\n{\"name\":\"lamp_set_color\",\"arguments\":{\"color\":\"green\",\"level\":7}}\n```"));
        Assert.True(constraint.Accepts(" ```json\n{\"name\":\"clock\",\"arguments\":{}}\n```"));
        Assert.Null(constraint.Read(" ```json\n{\"name\":\"lamp_set_color\",\"arguments\":{}"));
        Assert.Null(constraint.Read(" ```json\n{\"name\":\"clock\",\"arguments\":{\""));
        Assert.Null(constraint.Read(" ```json\n{\"name\":\"other"));
        Assert.True(constraint.Read(" ```json\n{\"name\":\"clock\",\"arguments\":{}}\n```")!.MustEnd);
    }

    [Fact]
    public void The_frame_and_the_layout_are_the_callers()
    {
        Assert.True(Constraint.ToolCall([Clock], ToolCallFrame.Bare).Accepts("{\"name\":\"clock\",\"arguments\":{}}"));
        Assert.True(Constraint.ToolCall([Clock], new ToolCallFrame("<call>", "</call>"), JsonLayout.Spaced).Accepts("<call>{\"name\": \"clock\", \"arguments\": {}}</call>"));
    }

    [Fact]
    public void Arguments_are_an_object_whatever_the_schema_leaves_open()
    {
        foreach (var tool in new[] { new ToolDeclaration("f"), Tool("f", "{}"), Tool("f", "true"), Tool("f", """{"$ref":"#/$defs/lost"}""") })
        {
            var constraint = Constraint.ToolCall([tool], ToolCallFrame.Bare);
            Assert.True(constraint.Accepts("{\"name\":\"f\",\"arguments\":{\"a\":[1]}}"));
            Assert.Null(constraint.Read("{\"name\":\"f\",\"arguments\":["));
        }
    }

    [Fact]
    public void A_lost_definition_stands_for_any_value()
    {
        var constraint = Constraint.ToolCall([Tool("f", """{"type":"object","properties":{"x":{"$ref":"#/$defs/lost"}},"required":["x"]}""")], ToolCallFrame.Bare);
        Assert.True(constraint.Accepts("{\"name\":\"f\",\"arguments\":{\"x\":[{\"y\":1}]}}"));
    }

    [Fact]
    public void A_refusal_names_the_tool()
    {
        var exception = Assert.Throws<ConstraintException>(() => Constraint.ToolCall([Clock, Tool("bad", """{"properties":{"x":{"not":{}}}}""")]));
        Assert.Equal("bad#/properties/x/not", exception.Path);
        Assert.Throws<ArgumentException>(() => Constraint.ToolCall([]));
        Assert.Throws<ArgumentException>(() => Constraint.ToolCall([Clock, Clock]));
    }

    [Fact]
    public void What_noise_calls_is_always_a_valid_call()
    {
        var writer = new RandomWriter(ListTokenizer.Mixed, seed: 4);
        var constraint = Constraint.ToolCall([Lamp, Clock]);
        var names = new HashSet<string>();
        for (var i = 0; i < 40; i++)
        {
            var text = writer.Write(constraint, i % 3)!;
            using var call = JsonDocument.Parse(text[" ```json\n".Length..^"\n```".Length]);
            var name = call.RootElement.GetProperty("name").GetString()!;
            names.Add(name);
            Assert.True(NaiveValidator.IsValid((name == "clock" ? Clock : Lamp).Parameters, call.RootElement.GetProperty("arguments").GetRawText()));
        }

        Assert.Equal(2, names.Count);
    }

    private static ToolDeclaration Tool(string name, string schema) => new(name, JsonDocument.Parse(schema).RootElement);
}
