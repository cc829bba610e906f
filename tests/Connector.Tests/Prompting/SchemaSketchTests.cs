using System.Text.Json;
using RwkvSk.Connector.Prompting;
using Xunit;

namespace RwkvSk.Connector.Tests.Prompting;

public class SchemaSketchTests
{
    [Theory]
    [InlineData("""{"type":"object","properties":{"a":{"type":"string"},"b":{"type":"array","items":{"enum":["x","y"]}}},"required":["a"]}""", "Answer as JSON: {a: string, b?: (\"x\" | \"y\")[]}")]
    [InlineData("""{"type":"array","items":{"type":"object","properties":{"n":{"type":"integer"}}}}""", "Answer as JSON: {n?: integer}[]")]
    [InlineData("""{"type":"boolean"}""", "Answer as JSON: boolean")]
    [InlineData("""{}""", "Answer as JSON.")]
    [InlineData("""true""", "Answer as JSON.")]
    [InlineData("""{"$ref":"#/$defs/n","$defs":{"n":{"type":"object","properties":{"next":{"$ref":"#/$defs/n"}}}}}""", "Answer as JSON: {next?: {next?: {next?: {next?: object}}}}")]
    public void A_schema_is_told_in_a_few_words(string schema, string expected) =>
        Assert.Equal(expected, SchemaSketch.Instruction(JsonElement.Parse(schema)));

    [Fact]
    public void Without_a_schema_it_is_just_json() => Assert.Equal("Answer as JSON.", SchemaSketch.Instruction(null));
}
