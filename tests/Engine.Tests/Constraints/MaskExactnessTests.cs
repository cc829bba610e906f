using System.Text;
using System.Text.Json;
using RwkvSk.Engine.Constraints;
using RwkvSk.Engine.Constraints.Masks;
using Xunit;

namespace RwkvSk.Engine.Tests.Constraints;

/// <summary>Every mask against exhaustive search: all texts over a small alphabet are tried, so all that is valid is known.</summary>
public class MaskExactnessTests
{
    public static readonly TheoryData<string, string, int> Cases = new()
    {
        // schema, alphabet, length of the longest valid document over it
        { """{"type":"integer","minimum":-2,"maximum":21}""", "-0123", 6 },
        { """{"type":"integer","multipleOf":3,"minimum":0,"maximum":333}""", "0369", 5 },
        { """{"type":"number","multipleOf":0.5,"minimum":-0.5,"maximum":10}""", "-015.", 6 },
        { """{"type":"string","maxLength":3}""", "\"ab", 6 },
        { """{"type":"string","minLength":1,"maxLength":2,"pattern":"^a|b$"}""", "\"abé", 5 },
        { """{"enum":["a","ab","b\"",1,12]}""", "\"ab\\12", 6 },
        { """{"type":"array","items":{"enum":[1,11]},"maxItems":2}""", "[],1", 8 },
        { """{"type":"array","items":{"type":"boolean"},"minItems":1,"maxItems":1}""", "[]true", 7 },
        { """{"type":"array","prefixItems":[{"const":1},{"type":"array","maxItems":0}]}""", "[],1", 7 },
        { """{"type":"object","properties":{"a":{"const":1},"b":{"const":2}},"additionalProperties":false}""", "{}\"ab:12,", 14 },
        { """{"anyOf":[{"type":"array","items":{"const":1},"maxItems":1},{"type":"array","items":{"const":2},"maxItems":2,"minItems":1}]}""", "[],12", 6 },
        { """{"anyOf":[{"const":"aa"},{"type":"string","maxLength":1},{"const":1}]}""", "\"a1", 6 },
        { """{"type":"array","items":{"$ref":"#"},"maxItems":1}""", "[]", 14 },
    };

    [Theory]
    [MemberData(nameof(Cases))]
    public void A_token_is_allowed_exactly_where_some_continuation_exists(string schema, string alphabet, int longest)
    {
        var root = JsonDocument.Parse(schema).RootElement;
        var valid = AllTexts(alphabet, longest).Where(text => IsCanonical(text) && NaiveValidator.IsValid(root, text)).ToHashSet(StringComparer.Ordinal);
        Assert.NotEmpty(valid);
        var prefixes = valid.SelectMany(static text => Enumerable.Range(0, text.Length + 1).Select(n => text[..n])).ToHashSet(StringComparer.Ordinal);

        string[] tokens = [.. AllTexts(alphabet, 3).Where(static t => t.Length > 0)];
        var tokenizer = ListTokenizer.Of([.. Enumerable.Range(0, 128).Select(static i => ((char)i).ToString()), .. tokens, "é"]);
        var bytes = AddBytes(tokenizer);
        var vocabulary = new VocabularyTrie(bytes);
        var ids = tokens.ToDictionary(static token => token, token => IdOf(bytes, token));
        var constraint = Constraint.FromJsonSchema(schema);

        // Where documents go on past the search, only beginnings that can be closed within it are told for sure.
        var told = valid.All(v => v.Length < longest) ? int.MaxValue : longest / 2;
        var checkedMasks = 0;
        foreach (var prefix in prefixes.Where(p => p.Length < told))
        {
            var cursor = Read(constraint, vocabulary, prefix);
            Assert.Equal(valid.Contains(prefix), cursor.MayEnd);
            foreach (var token in tokens)
            {
                var id = ids[token];
                var expected = prefixes.Contains(prefix + token);
                if (expected != cursor.Allows(id) && (prefix + token).Length <= told)
                {
                    Assert.Fail($"'{token}' behind '{prefix}' is {(expected ? "refused" : "allowed")}");
                }
            }

            checkedMasks++;
        }

        Assert.True(checkedMasks > 1);
    }

    private static IEnumerable<string> AllTexts(string alphabet, int longest)
    {
        var level = new List<string> { "" };
        for (var length = 0; length <= longest; length++)
        {
            foreach (var text in level)
            {
                yield return text;
            }

            level = [.. level.SelectMany(text => alphabet.Select(symbol => text + symbol)).Where(text => longest <= 3 || IsHopeful(text))];
        }
    }

    /// <summary>Keeps the search small: what begins no JSON text, or has a string longer than any valid one, is not continued.</summary>
    private static bool IsHopeful(string text)
    {
        var parts = text.Split('"');
        if (parts.Where(static (_, i) => i % 2 == 1).Any(static content => content.Length > 3) || (text[0] != '"' && parts.Where(static (_, i) => i % 2 == 1).Any(static content => content.Length > 1)))
        {
            return false;
        }

        try
        {
            var reader = new Utf8JsonReader(Encoding.UTF8.GetBytes(text), isFinalBlock: false, state: default);
            while (reader.Read())
            {
            }

            return true;
        }
        catch (JsonException)
        {
            return false;
        }
    }

    /// <summary>Members in the order they are declared in, no zero with a sign, no more decimals than the multiple has.</summary>
    private static bool IsCanonical(string text)
    {
        try
        {
            using var document = JsonDocument.Parse(text);
            var root = document.RootElement;
            return root.ValueKind switch
            {
                JsonValueKind.Object => root.EnumerateObject().Select(static m => m.Name).ToArray() is var names
                    && names.SequenceEqual(names.Distinct().Order(StringComparer.Ordinal)),
                JsonValueKind.Number => !(text[0] == '-' && root.GetDecimal() == 0) && text.IndexOf('.', StringComparison.Ordinal) is var point
                    && (point < 0 || text.Length - point == 2),
                _ => true,
            };
        }
        catch (JsonException)
        {
            return false;
        }
    }

    private static ListTokenizer AddBytes(ListTokenizer tokenizer) =>
        new([.. Enumerable.Range(1, tokenizer.VocabularySize - 1).Select(id => tokenizer.BytesOf(id).ToArray()), .. Enumerable.Range(128, 128).Select(static i => new[] { (byte)i })]);

    private static ConstraintCursor Read(Constraint constraint, VocabularyTrie vocabulary, string prefix)
    {
        var cursor = constraint.Start(vocabulary);
        foreach (var value in Encoding.UTF8.GetBytes(prefix))
        {
            cursor.Accept(vocabulary.Tokens[vocabulary.Child(0, value)]);
        }

        return cursor;
    }

    private static int IdOf(ListTokenizer tokenizer, string token)
    {
        var bytes = Encoding.UTF8.GetBytes(token);
        return Enumerable.Range(0, tokenizer.VocabularySize).First(i => tokenizer.BytesOf(i).SequenceEqual(bytes));
    }
}
