using System.Text.Json;
using RwkvSk.Connector.Prompting;
using Xunit;

namespace RwkvSk.Connector.Tests.Prompting;

public class ToolCallFormatTests
{
    private static readonly ToolDeclaration Tool = new("f", "", JsonElement.Parse(
        """{"properties":{"s":{"type":"string"},"i":{"type":"integer"},"b":{"type":"boolean"},"l":{"type":"array"},"o":{"type":"object"},"n":{"type":"number"}}}"""));

    [Fact]
    public void Arguments_are_compact_and_in_declared_order() =>
        Assert.Equal(
            """{"name":"f","arguments":{"s":"ö <1>","i":2,"extra":[1,2]}}""",
            ToolCallFormat.CallJson(new("f", [new("extra", JsonElement.Parse("[1, 2]")), new("i", 2), new("s", "ö <1>")]), [Tool]));

    /// <summary>Semantic Kernel makes every argument a string; a rendered history must not change by that.</summary>
    [Fact]
    public void A_call_reads_the_same_whether_its_arguments_are_typed_or_strings()
    {
        var typed = JsonElement.Parse("""{"s":"5","i":5,"b":true,"l":[1,{"a":2}],"o":{"x":"y"},"n":1.50}""").EnumerateObject()
            .Select(static p => KeyValuePair.Create(p.Name, (object?)p.Value)).ToList();
        var strings = typed.Select(static p => KeyValuePair.Create(p.Key, (object?)p.Value!.ToString())).ToList();

        var expected = """{"name":"f","arguments":{"s":"5","i":5,"b":true,"l":[1,{"a":2}],"o":{"x":"y"},"n":1.50}}""";
        Assert.Equal(expected, ToolCallFormat.CallJson(new("f", typed), [Tool]));
        Assert.Equal(expected, ToolCallFormat.CallJson(new("f", strings), [Tool]));
    }

    [Fact]
    public void A_string_that_is_no_value_of_the_declared_type_stays_a_string() =>
        Assert.Equal("""{"name":"f","arguments":{"i":"five","b":"maybe"}}""", ToolCallFormat.CallJson(new("f", [new("i", "five"), new("b", "maybe")]), [Tool]));

    [Fact]
    public void Results_are_strings_or_compact_json()
    {
        Assert.Equal("plain", ToolCallFormat.Result("plain"));
        Assert.Equal("plain", ToolCallFormat.Result(JsonElement.Parse("\"plain\"")));
        Assert.Equal("", ToolCallFormat.Result(null));
        Assert.Equal("21.5", ToolCallFormat.Result(21.5));
        Assert.Equal("""{"stadt":"Köln","t":21}""", ToolCallFormat.Result(new { stadt = "Köln", t = 21 }));
        Assert.Equal("""{"a":[1,2]}""", ToolCallFormat.Result(JsonElement.Parse("{ \"a\" : [1, 2] }")));
        Assert.Equal("Error: Exception while invoking function. no lamp", ToolCallFormat.Result(new InvalidOperationException("no lamp")));
    }
}
