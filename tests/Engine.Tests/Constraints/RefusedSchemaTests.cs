using RwkvSk.Engine.Constraints;
using Xunit;

namespace RwkvSk.Engine.Tests.Constraints;

public class RefusedSchemaTests
{
    [Theory]
    [InlineData("""{"type":"object","properties":{"a":{"not":{"type":"null"}}}}""", "#/properties/a/not", "what an answer must not be cannot be expressed")]
    [InlineData("""{"if":{"type":"null"},"then":{"const":1}}""", "#/if", "conditions cannot be expressed")]
    [InlineData("""{"type":"array","contains":{"const":1}}""", "#/contains", "what some item must be cannot be expressed")]
    [InlineData("""{"type":"array","uniqueItems":true}""", "#/uniqueItems", "that items differ cannot be expressed")]
    [InlineData("""{"dependentRequired":{"a":["b"]}}""", "#/dependentRequired", "dependencies between properties cannot be expressed")]
    [InlineData("""{"type":"object","unevaluatedProperties":false}""", "#/unevaluatedProperties", "unevaluated properties cannot be expressed")]
    [InlineData("""{"$dynamicRef":"#x"}""", "#/$dynamicRef", "dynamic references cannot be expressed")]
    [InlineData("""{"$ref":"#/$defs/x"}""", "#/$ref", "'#/$defs/x' leads nowhere")]
    [InlineData("""{"$ref":"http://example.org/s"}""", "#/$ref", "leads out of the schema")]
    [InlineData("""{"type":"strin"}""", "#/type", "\"strin\" is not a JSON type")]
    [InlineData("""{"items":{"type":"string","pattern":"(?=a)"}}""", "#/items/pattern", "the group at 0 is not regular")]
    [InlineData("""{"pattern":"(a)\\1"}""", "#/pattern", "back-references are not regular")]
    [InlineData("""{"pattern":"a("}""", "#/pattern", "')' is missing")]
    [InlineData("""{"pattern":"\\bword"}""", "#/pattern", "word boundaries are not supported")]
    [InlineData("""{"minLength":-1}""", "#/minLength", "a whole number that is not negative is expected")]
    [InlineData("""{"enum":5}""", "#/enum", "an array of values is expected")]
    [InlineData("""{"anyOf":{}}""", "#/anyOf", "an array of schemas is expected")]
    [InlineData("""{"properties":[]}""", "#/properties", "an object of schemas is expected")]
    [InlineData("""{"type":"object","required":"a"}""", "#/required", "an array of names is expected")]
    [InlineData("""{"multipleOf":0}""", "#/multipleOf", "a number above zero is expected")]
    [InlineData("""{"type":"integer","multipleOf":99999989}""", "#/multipleOf", "states")]
    [InlineData("""{"minimum":"1"}""", "#/minimum", "a number of at most 60 digits is expected")]
    [InlineData("""{"items":3}""", "#/items", "a schema is an object or a boolean")]
    [InlineData("""{"type":"object","minProperties":1}""", "#/minProperties", "properties may be written that are not declared")]
    [InlineData("""{"oneOf":[{"type":"integer"},{"type":"number"}]}""", "#/oneOf", "an answer could satisfy options 0 and 1 at once")]
    [InlineData("""{"oneOf":[{"properties":{"a":{"type":"string"}},"type":"object"},{"properties":{"b":{"type":"string"}},"type":"object"}]}""", "#/oneOf", "options 0 and 1")]
    public void What_cannot_be_kept_to_is_refused_by_its_path(string schema, string path, string reason)
    {
        var exception = Assert.Throws<ConstraintException>(() => Constraint.FromJsonSchema(schema));
        Assert.Equal(path, exception.Path);
        Assert.Contains(reason, exception.Reason, StringComparison.Ordinal);
        Assert.Equal($"{path}: {exception.Reason}", exception.Message);
    }

    [Theory]
    [InlineData("false", "#")]
    [InlineData("""{"type":"integer","minimum":11,"maximum":19,"multipleOf":10}""", "#")]
    [InlineData("""{"type":"integer","minimum":1.2,"maximum":1.8}""", "#")]
    [InlineData("""{"type":"number","minimum":2,"maximum":1}""", "#")]
    [InlineData("""{"type":"string","minLength":3,"maxLength":2}""", "#")]
    [InlineData("""{"type":"string","pattern":"^ab$","maxLength":1}""", "#")]
    [InlineData("""{"type":"string","allOf":[{"pattern":"^a"},{"pattern":"^b"}]}""", "#/allOf/0")]
    [InlineData("""{"type":"string","enum":[1,2]}""", "#")]
    [InlineData("""{"allOf":[{"type":"string"},{"type":"number"}]}""", "#")]
    [InlineData("""{"type":"object","properties":{"a":{"type":"integer","minimum":1,"exclusiveMaximum":1}},"required":["a"]}""", "#/properties/a")]
    [InlineData("""{"type":"object","properties":{"a":{"$ref":"#"}},"required":["a"]}""", "#")]
    [InlineData("""{"type":"array","items":{"$ref":"#"},"minItems":1}""", "#")]
    public void A_schema_without_values_is_refused_at_the_start(string schema, string path)
    {
        var exception = Assert.Throws<ConstraintException>(() => Constraint.FromJsonSchema(schema));
        Assert.Equal(path, exception.Path);
    }

    [Fact]
    public void A_property_without_values_is_left_out_where_it_may_be()
    {
        var constraint = Constraint.FromJsonSchema("""{"type":"object","properties":{"a":{"type":"integer","minimum":2,"maximum":1},"b":{"const":1}}}""");
        Assert.True(constraint.Accepts("{\"b\":1}"));
        Assert.Null(constraint.Read("{\"a"));
    }

    [Fact]
    public void Text_that_is_no_JSON_is_refused()
    {
        var exception = Assert.Throws<ConstraintException>(() => Constraint.FromJsonSchema("{"));
        Assert.StartsWith("the schema is not JSON", exception.Reason, StringComparison.Ordinal);
    }

    [Fact]
    public void A_vocabulary_that_cannot_spell_the_answer_is_refused()
    {
        var vocabulary = new RwkvSk.Engine.Constraints.Masks.VocabularyTrie(ListTokenizer.Of("t", "r", "u"));
        var exception = Assert.Throws<InvalidOperationException>(() => Constraint.FromJsonSchema("""{"const":true}""").Start(vocabulary));
        Assert.Contains("0x65", exception.Message, StringComparison.Ordinal);
    }
}
