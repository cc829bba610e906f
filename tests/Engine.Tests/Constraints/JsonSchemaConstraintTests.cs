using System.Text.Json;
using RwkvSk.Engine.Constraints;
using Xunit;

namespace RwkvSk.Engine.Tests.Constraints;

public class JsonSchemaConstraintTests
{
    public static readonly TheoryData<string, string[], string[]> Cases = new()
    {
        { "true", ["1", "\"a\"", "[[1],{\"a\":null}]", "-0.5e-3"], ["", "01", "[1,]", "{\"a\"}", " 1", "[1, 2]"] },
        { """{"type":"null"}""", ["null"], ["nul", "1"] },
        { """{"type":["boolean","null"]}""", ["true", "false", "null"], ["0", "\"true\""] },
        { """{"type":"integer"}""", ["0", "-7", "123456789012345678"], ["-0", "01", "1.0", "1e3", "1234567890123456789"] },
        { """{"type":"number"}""", ["0", "-7.25", "1e5", "2E-10"], ["1.", ".5", "+1", "1e"] },
        { """{"type":"integer","minimum":-3,"maximum":12}""", ["-3", "-1", "0", "9", "10", "12"], ["-4", "13", "99", "-"] },
        { """{"type":"integer","exclusiveMinimum":99,"exclusiveMaximum":1002}""", ["100", "999", "1000", "1001"], ["99", "1002", "10", "1"] },
        { """{"type":"integer","multipleOf":7,"minimum":10}""", ["14", "21", "700"], ["7", "15", "10"] },
        { """{"type":"number","minimum":0.5,"maximum":1.25}""", ["0.5", "0.51", "1", "1.0", "1.25", "1.2499"], ["0.4", "0", "1.26", "1.2501", "2", "0."] },
        { """{"type":"number","exclusiveMinimum":0,"maximum":1}""", ["0.1", "1", "1.00", "0.0001"], ["0", "0.0", "-1", "1.001"] },
        { """{"type":"number","multipleOf":0.25,"minimum":-1,"maximum":1}""", ["-1", "-0.75", "0.5", "0.25", "0"], ["0.3", "0.125", "1.25"] },
        { """{"type":"number","minimum":-2.5,"exclusiveMaximum":-1}""", ["-2.5", "-2", "-1.5", "-1.01"], ["-1", "-1.0", "-2.6", "0", "-3"] },
        { """{"type":"string"}""", ["\"\"", "\"é你😀\"", "\"\\ud83d\\ude00\"", "\"\\u0041\\/\""], ["\"\\ud83d\"", "\"\\ude00\"", "\"\n\"", "\"\\x\""] },
        { """{"type":"string","minLength":2,"maxLength":3}""", ["\"ab\"", "\"😀😀😀\"", "\"\\n\\ud83d\\ude00\""], ["\"a\"", "\"abcd\"", "\"😀\""] },
        { """{"type":"string","pattern":"^a+b?$"}""", ["\"a\"", "\"aaab\""], ["\"\"", "\"b\"", "\"abb\"", "\"xa\""] },
        { """{"type":"string","pattern":"b\\d"}""", ["\"b1\"", "\"xxb2yy\"", "\"\\nb3\""], ["\"b\"", "\"a1\""] },
        { """{"type":"string","pattern":"^[^a]$"}""", ["\"\\\"\"", "\"\\\\\"", "\"\\u0001\"", "\"é\"", "\"😀\""], ["\"a\"", "\"\"", "\"bb\""] },
        { """{"type":"string","pattern":"^\\p{Lu}+$","maxLength":2}""", ["\"A\"", "\"ÉΩ\""], ["\"a\"", "\"ABC\"", "\"1\""] },
        { """{"type":"string","format":"date"}""", ["\"2024-02-29\"", "\"1999-12-31\""], ["\"2023-02-29\"", "\"2024-13-01\"", "\"1900-02-29\"", "\"0000-01-01\""] },
        { """{"type":"string","format":"uuid"}""", ["\"123e4567-e89b-12d3-a456-426614174000\""], ["\"123e4567\"", "\"\""] },
        { """{"enum":["a",1,null,{"b":[1.50,"x"]}]}""", ["\"a\"", "1", "null", "{\"b\":[1.5,\"x\"]}"], ["2", "\"b\"", "{}"] },
        { """{"type":"string","enum":["a",1],"maxLength":1}""", ["\"a\""], ["1"] },
        { """{"const":"a\"b\n"}""", ["\"a\\\"b\\n\""], ["\"a\""] },
        { """{"type":"array"}""", ["[]", "[1,\"a\",[]]"], ["[", "[,]"] },
        { """{"type":"array","items":{"type":"boolean"},"minItems":1,"maxItems":2}""", ["[true]", "[true,false]"], ["[]", "[true,true,true]", "[1]"] },
        { """{"type":"array","prefixItems":[{"const":1},{"const":2}]}""", ["[]", "[1]", "[1,2]"], ["[2]", "[1,2,3]"] },
        { """{"type":"array","prefixItems":[{"const":1}],"items":{"const":3},"minItems":2}""", ["[1,3]", "[1,3,3]"], ["[1]", "[3,3]"] },
        { """{"type":"object"}""", ["{}", "{\"a\":{\"b\":[]}}"], ["{\"a\":1,}", "{1:2}"] },
        { """{"type":"object","properties":{}}""", ["{}"], ["{\"a\":1}"] },
        {
            """{"type":"object","properties":{"a":{"const":1},"b":{"const":2},"c":{"const":3}},"required":["b"]}""",
            ["{\"b\":2}", "{\"a\":1,\"b\":2}", "{\"b\":2,\"c\":3}", "{\"a\":1,\"b\":2,\"c\":3}"],
            ["{}", "{\"a\":1}", "{\"c\":3,\"b\":2}", "{\"b\":2,\"d\":1}", "{,\"b\":2}"]
        },
        {
            """{"type":"object","properties":{"a":{"const":1}},"additionalProperties":{"type":"boolean"}}""",
            ["{}", "{\"a\":1}", "{\"a\":1,\"b\":true}", "{\"x\":true,\"y\":false}"],
            ["{\"a\":true}", "{\"b\":1}", "{\"b\":true,\"a\":1}"]
        },
        {
            """{"type":"object","patternProperties":{"^n_":{"const":1},"_s$":{"const":"s"}},"additionalProperties":false}""",
            ["{\"n_a\":1}", "{\"a_s\":\"s\"}", "{}"],
            ["{\"n_s\":1}", "{\"n_s\":\"s\"}", "{\"x\":1}"]
        },
        { """{"type":"object","properties":{"a":true,"b":true,"c":true},"minProperties":2,"maxProperties":2}""", ["{\"a\":1,\"c\":1}"], ["{\"a\":1}", "{}", "{\"a\":1,\"b\":1,\"c\":1}"] },
        { """{"type":"object","propertyNames":{"pattern":"^[a-c]$"},"additionalProperties":{"const":1}}""", ["{\"a\":1,\"c\":1}"], ["{\"d\":1}", "{\"ab\":1}"] },
        { """{"anyOf":[{"type":"integer"},{"type":"string","maxLength":1}]}""", ["1", "\"a\""], ["true", "\"ab\""] },
        { """{"oneOf":[{"type":"integer"},{"type":"null"}]}""", ["1", "null"], ["true"] },
        {
            """{"oneOf":[{"type":"object","properties":{"kind":{"const":"a"},"x":{"const":1}},"required":["kind","x"]},{"type":"object","properties":{"kind":{"const":"b"}},"required":["kind"]}]}""",
            ["{\"kind\":\"a\",\"x\":1}", "{\"kind\":\"b\"}"],
            ["{\"kind\":\"a\"}", "{\"kind\":\"b\",\"x\":1}"]
        },
        {
            """{"type":"object","properties":{"a":{"const":1},"b":{"const":2}},"oneOf":[{"required":["a"],"properties":{"b":false}},{"required":["b"],"properties":{"a":false}}]}""",
            ["{\"a\":1}", "{\"b\":2}"],
            ["{}", "{\"a\":1,\"b\":2}"]
        },
        {
            """{"allOf":[{"type":"object","properties":{"a":{"type":"integer"}},"required":["a"]},{"properties":{"a":{"minimum":5},"b":{"const":2}}}]}""",
            ["{\"a\":5}", "{\"a\":7,\"b\":2}"],
            ["{\"a\":4}", "{\"b\":2}", "{\"a\":5,\"c\":1}"]
        },
        { """{"properties":{"a":{"const":1},"b":{"const":2}},"type":"object","anyOf":[{"required":["a"]},{"required":["b"]}]}""", ["{\"a\":1}", "{\"b\":2}", "{\"a\":1,\"b\":2}"], ["{}"] },
        {
            """{"$ref":"#/$defs/node","$defs":{"node":{"type":"object","properties":{"v":{"type":"integer"},"next":{"anyOf":[{"$ref":"#/$defs/node"},{"type":"null"}]}},"required":["v","next"]}}}""",
            ["{\"v\":1,\"next\":null}", "{\"v\":1,\"next\":{\"v\":2,\"next\":{\"v\":3,\"next\":null}}}"],
            ["{\"v\":1}", "{\"v\":1,\"next\":{}}"]
        },
        { """{"type":"array","items":{"$ref":"#"}}""", ["[]", "[[],[[[]]]]"], ["[1]", "[[]"] },
        { """{"type":"object","properties":{"next":{"$ref":"#/properties/leaf"},"leaf":{"const":0}}}""", ["{\"next\":0}", "{\"leaf\":0}"], ["{\"next\":1}"] },
        { """{"definitions":{"a/b~c":{"const":1}},"$ref":"#/definitions/a~1b~0c"}""", ["1"], ["2"] },
        { """{"properties":{"x":{"type":"string"}},"anyOf":[{"type":"object","required":["x"]},{"anyOf":[{"type":"null"}]}]}""", ["{\"x\":\"\"}", "null"], ["{}", "1"] },
        { """{"type":"object","properties":{"a":false,"b":{"const":1}}}""", ["{}", "{\"b\":1}"], ["{\"a\":1}"] },
        { """{"$comment":"c","title":"t","description":"d","default":1,"examples":[],"condition":"x","type":"boolean"}""", ["true"], ["1"] },
    };

    [Theory]
    [MemberData(nameof(Cases))]
    public void What_the_schema_allows_can_be_written_and_nothing_else(string schema, string[] allowed, string[] refused)
    {
        var constraint = Constraint.FromJsonSchema(schema);
        var root = JsonDocument.Parse(schema).RootElement;
        Assert.All(allowed, text => Assert.True(constraint.Accepts(text), text));
        Assert.All(allowed, text => Assert.True(NaiveValidator.IsValid(root, text), $"the validator refuses {text}"));
        Assert.All(refused, text => Assert.False(constraint.Accepts(text), text));
    }

    [Theory]
    [MemberData(nameof(Cases))]
    public void Whatever_noise_writes_is_valid(string schema, string[] allowed, string[] refused)
    {
        Assert.NotEqual(allowed, refused);
        var constraint = Constraint.FromJsonSchema(schema);
        var root = JsonDocument.Parse(schema).RootElement;
        var writer = new RandomWriter(ListTokenizer.Mixed, seed: 11);
        foreach (var temperature in new[] { 0, 0.5, 1, 2 })
        {
            for (var i = 0; i < 5; i++)
            {
                var text = writer.Write(constraint, temperature);
                Assert.True(text is null || NaiveValidator.IsValid(root, text), text);
            }
        }
    }

    [Fact]
    public void A_name_that_is_not_declared_may_come_twice_and_all_its_values_are_valid()
    {
        var constraint = Constraint.FromJsonSchema("""{"type":"object","properties":{"id":{"type":"integer"}},"additionalProperties":{"type":"boolean"}}""");
        Assert.True(constraint.Accepts("""{"id":1,"a":true,"a":false}"""));
        Assert.False(constraint.Accepts("""{"id":1,"a":true,"a":1}"""));
        Assert.False(constraint.Accepts("""{"id":1,"id":2}"""));
        Assert.False(constraint.Accepts("""{"id":1,"a":true,"id":2}"""));
    }

    [Fact]
    public void A_spaced_layout_has_one_space_behind_colons_and_commas()
    {
        var schema = JsonDocument.Parse("""{"type":"object","properties":{"a":{"enum":[[1,2]]},"b":{"type":"array"}}}""").RootElement;
        var constraint = Constraint.FromJsonSchema(schema, JsonLayout.Spaced);
        Assert.True(constraint.Accepts("{\"a\": [1, 2], \"b\": [1, {\"c\": 2}]}"));
        Assert.False(constraint.Accepts("{\"a\":[1,2]}"));
    }

    [Fact]
    public void Free_JSON_is_nested_eight_deep_at_most()
    {
        Assert.True(Constraint.AnyJson.Accepts("[[[[[[[[1]]]]]]]]"));
        Assert.Null(Constraint.AnyJson.Read("[[[[[[[[["));
        Assert.True(Constraint.AnyJsonObject.Accepts("{\"a\":[1]}"));
        Assert.Null(Constraint.AnyJsonObject.Read("["));
    }
}
