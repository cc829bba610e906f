using System.Text.Json;
using RwkvSk.Connector.Prompting;
using Xunit;

namespace RwkvSk.Connector.Tests.Prompting;

public class ToolSignatureTests
{
    [Theory]
    [InlineData("""{"type":"string"}""", "string")]
    [InlineData("""{"type":"integer"}""", "integer")]
    [InlineData("""{"type":["integer","null"]}""", "integer")]
    [InlineData("""{"type":"array","items":{"type":"string"}}""", "array")]
    [InlineData("""{"enum":["a","b",null]}""", "\"a\" | \"b\"")]
    [InlineData("""{"enum":[1,2]}""", "1 | 2")]
    [InlineData("""{"const":"on"}""", "\"on\"")]
    [InlineData("""{"anyOf":[{"type":"string"},{"type":"number"},{"type":"null"}]}""", "string | number")]
    [InlineData("""{"$ref":"#/$defs/Color"}""", "\"rot\" | \"grün\"")]
    [InlineData("""{"$ref":"#/$defs/Lost"}""", "any")]
    [InlineData("""{"properties":{}}""", "object")]
    [InlineData("true", "any")]
    public void A_schema_has_a_short_type(string schema, string expected)
    {
        var root = JsonElement.Parse("""{"$defs":{"Color":{"enum":["rot","grün"]}}}""");
        Assert.Equal(expected, ToolSignature.TypeName(JsonElement.Parse(schema), root));
    }

    [Fact]
    public void A_tool_without_parameters_or_description_is_its_name() =>
        Assert.Equal("now()", ToolSignature.Line(new("now", "", JsonElement.Parse("""{"type":"object","condition":"Gets the time","properties":{}}"""))));

    [Fact]
    public void A_description_is_one_line_of_at_most_120_characters()
    {
        var line = ToolSignature.Line(new("f", new string('x', 119) + "😀y\nmore", JsonElement.Parse("{}")));
        Assert.Equal("f(): " + new string('x', 119), line);
    }

    [Fact]
    public void Root_keywords_of_a_schema_never_reach_the_prompt()
    {
        var text = ToolCallFormat.Tools([new("f", "Does it.", JsonElement.Parse("""{"condition":"SECRET","properties":{"a":{"type":"string"}}}"""))]);
        Assert.Equal("Tools:\n- f(a?: string): Does it.\nReturn a JSON function call when a tool fits.", text);
    }
}
