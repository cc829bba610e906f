using System.Globalization;
using System.Text;
using System.Text.Json.Nodes;

namespace RwkvSk.Engine.Tests.Constraints;

/// <summary>A schema and a writer of valid documents in the spelling that answers have.</summary>
internal sealed record GeneratedSchema(JsonNode Schema, Func<Random, string> Write);

/// <summary>
/// Makes schemas out of every keyword that can be expressed, each with a writer that knows what is valid without reading the schema. Equal seeds
/// make equal schemas.
/// </summary>
internal sealed class SchemaGenerator(int seed)
{
    private static readonly string[] Names = ["id", "name", "a", "b", "kind", "value", "é", "a b", "q\"q", "x/y", "n~m", "", "next", "items"];

    private static readonly string[] Texts =
        ["", "a", "ab", "red", "green", "ünïcode", "你好", "😀", "quote\"", "back\\slash", "line\nbreak", "tab\t", "\u0001", "true", "1", "long text with blanks"];

    private static readonly (string Pattern, Func<Random, string> Write)[] Patterns =
    [
        ("^[a-z]{2,4}$", static r => Repeat(r, 2, 4, static r => ((char)('a' + r.Next(26))).ToString())),
        ("^\\d{3}-\\d{2}$", static r => $"{r.Next(100, 1000)}-{r.Next(10, 100)}"),
        ("^(foo|bar)+$", static r => Repeat(r, 1, 4, static r => r.Next(2) == 0 ? "foo" : "bar")),
        ("^[^\\x00-\\x1f]*!$", static r => Repeat(r, 0, 3, static r => Texts[r.Next(10)]) + "!"),
        ("^\\w+@\\w+\\.(com|org)$", static r => $"u{r.Next(100)}@h_{r.Next(9)}.{(r.Next(2) == 0 ? "com" : "org")}"),
        ("^$|^-?[1-9]\\d*$", static r => r.Next(3) == 0 ? "" : r.Next(1, 5000).ToString(CultureInfo.InvariantCulture)),
        ("b", static r => Texts[r.Next(Texts.Length)] + "b" + Texts[r.Next(Texts.Length)]),
        ("^\\p{L}{1,3}$", static r => Repeat(r, 1, 3, static r => new[] { "a", "Z", "é", "你", "ж" }[r.Next(5)])),
        ("^.{2}$", static r => Repeat(r, 2, 2, static r => new[] { "a", " ", "é", "\"", "\\", "\t" }[r.Next(6)])),
        ("^(a(b(c)?)?)?$", static r => "abc"[..r.Next(4)]),
    ];

    private readonly Random _random = new(seed);
    private readonly JsonObject _definitions = [];
    private readonly Dictionary<string, Func<Random, int, string>> _recursive = [];

    /// <summary>A whole document.</summary>
    public GeneratedSchema Document()
    {
        var (schema, write) = Any(3);
        if (_definitions.Count > 0 && schema is JsonObject root)
        {
            root["$defs"] = _definitions;
        }

        return new(schema, write);
    }

    private GeneratedSchema Any(int depth) => _random.Next(depth > 0 ? 17 : 8) switch
    {
        0 => Plain(),
        1 => Integer(),
        2 => Number(),
        3 => Text(),
        4 => PatternedText(),
        5 => Formatted(),
        6 or 7 => Listed(),
        8 or 9 => Array(depth),
        10 => Tuple(depth),
        11 or 12 => Object(depth),
        13 => Map(depth),
        14 => Either(depth),
        15 => Merged(depth),
        _ => Recursive(depth),
    };

    private GeneratedSchema Plain() => _random.Next(4) switch
    {
        0 => new(Json("""{"type":"boolean"}"""), static r => r.Next(2) == 0 ? "true" : "false"),
        1 => new(Json("""{"type":"null"}"""), static _ => "null"),
        2 => new(Json("""{"type":["null","boolean"],"description":"x"}"""), static r => r.Next(2) == 0 ? "null" : "true"),
        _ => new(Json("""{"title":"anything"}"""), static r => new[] { "1", "\"x\"", "[1,[2]]", "{\"a\":{\"b\":null}}", "-1.5e3", "{}" }[r.Next(6)]),
    };

    private GeneratedSchema Integer()
    {
        var schema = Json("""{"type":"integer"}""");
        var step = _random.Next(3) == 0 ? _random.Next(2, 30) : 1;
        var low = _random.Next(-5000, 5000) / step;
        var high = low + _random.Next(0, 3000);
        if (step > 1)
        {
            schema["multipleOf"] = step;
        }

        if (_random.Next(4) > 0)
        {
            Bound(schema, "inimum", low * step, step, -1);
        }

        if (_random.Next(4) > 0)
        {
            Bound(schema, "aximum", high * step, step, 1);
        }

        return new(schema, r => (r.Next(low, high + 1) * step).ToString(CultureInfo.InvariantCulture));
    }

    private void Bound(JsonObject schema, string name, int value, int step, int outwards)
    {
        var isExclusive = _random.Next(3) == 0;
        schema[isExclusive ? $"exclusiveM{name}" : $"m{name}"] = isExclusive ? value + (outwards * _random.Next(1, step + 1)) : value;
    }

    private GeneratedSchema Number()
    {
        var schema = Json("""{"type":"number"}""");
        switch (_random.Next(3))
        {
            case 0:
                return new(schema, static r => new[] { "0", "-1.5", "2e10", "1E-7", "123456.789", "-0.001" }[r.Next(6)]);
            case 1:
                var (low, cents) = (_random.Next(-1000, 1000), _random.Next(1, 5000));
                schema["minimum"] = low / 100m;
                schema["maximum"] = (low + cents) / 100m;
                return new(schema, r => ((low + r.Next(cents + 1)) / 100m).ToString(CultureInfo.InvariantCulture));
            default:
                schema["multipleOf"] = 0.25m;
                schema["exclusiveMinimum"] = -10;
                schema["exclusiveMaximum"] = 10;
                return new(schema, static r => (r.Next(-39, 40) * 0.25m).ToString(CultureInfo.InvariantCulture));
        }
    }

    private GeneratedSchema Text()
    {
        var schema = Json("""{"type":"string"}""");
        var low = _random.Next(4);
        var high = low + _random.Next(6);
        if (_random.Next(2) == 0)
        {
            schema["minLength"] = low;
        }

        if (_random.Next(2) == 0)
        {
            schema["maxLength"] = high;
        }

        return new(schema, r => Quote(Repeat(r, low, high, static r => new[] { "a", "é", "😀", "\"", "\\", "\n", " ", "你", "\u0007" }[r.Next(9)])));
    }

    private GeneratedSchema PatternedText()
    {
        var (pattern, write) = Patterns[_random.Next(Patterns.Length)];
        var schema = new JsonObject { ["type"] = "string", ["pattern"] = pattern };
        if (_random.Next(4) == 0)
        {
            schema["maxLength"] = 60;
        }

        return new(schema, r => Quote(write(r)));
    }

    private GeneratedSchema Formatted() => _random.Next(5) switch
    {
        0 => new(Json("""{"type":"string","format":"date"}"""), static r => Quote(new DateTime(1, 1, 1).AddDays(r.Next(3_600_000)).ToString("yyyy-MM-dd", CultureInfo.InvariantCulture))),
        1 => new(Json("""{"type":"string","format":"date-time"}"""), static r => Quote(new DateTime(1970, 1, 1).AddSeconds(r.Next()).ToString("yyyy-MM-ddTHH:mm:ssZ", CultureInfo.InvariantCulture))),
        2 => new(Json("""{"type":"string","format":"uuid"}"""), static r => Quote(GuidOf(r))),
        3 => new(Json("""{"type":"string","format":"ipv4"}"""), static r => Quote($"{r.Next(256)}.{r.Next(256)}.{r.Next(256)}.{r.Next(256)}")),
        _ => new(Json("""{"type":"string","format":"email"}"""), static r => Quote($"me.{r.Next(999)}@example-{r.Next(9)}.org")),
    };

    private GeneratedSchema Listed()
    {
        if (_random.Next(3) == 0)
        {
            var text = Texts[_random.Next(Texts.Length)];
            return new(new JsonObject { ["const"] = text }, _ => Quote(text));
        }

        string[] values = [.. Enumerable.Range(0, _random.Next(1, 8)).Select(_ => _random.Next(5) switch
        {
            0 => _random.Next(-50, 50).ToString(CultureInfo.InvariantCulture),
            1 => new[] { "null", "true", "false" }[_random.Next(3)],
            2 => new[] { "[]", "{}", "[1,\"a\"]", "{\"k\":[null]}" }[_random.Next(4)],
            _ => Quote(Texts[_random.Next(Texts.Length)]),
        }).Distinct()];
        return new(new JsonObject { ["enum"] = new JsonArray([.. values.Select(static v => JsonNode.Parse(v))]) }, r => values[r.Next(values.Length)]);
    }

    private GeneratedSchema Array(int depth)
    {
        var item = Any(depth - 1);
        var low = _random.Next(3);
        var high = low + _random.Next(4);
        var schema = new JsonObject { ["type"] = "array", ["items"] = item.Schema };
        if (_random.Next(2) == 0)
        {
            schema["minItems"] = low;
        }

        if (_random.Next(2) == 0)
        {
            schema["maxItems"] = high;
        }

        return new(schema, r => $"[{string.Join(',', Enumerable.Range(0, r.Next(low, high + 1)).Select(_ => item.Write(r)))}]");
    }

    private GeneratedSchema Tuple(int depth)
    {
        GeneratedSchema[] leading = [.. Enumerable.Range(0, _random.Next(1, 4)).Select(_ => Any(depth - 1))];
        var schema = new JsonObject { ["type"] = "array", ["prefixItems"] = new JsonArray([.. leading.Select(static s => s.Schema)]) };
        schema["minItems"] = leading.Length;
        if (_random.Next(2) == 0)
        {
            return new(schema, r => $"[{string.Join(',', leading.Select(s => s.Write(r)))}]");
        }

        var rest = Any(0);
        schema["items"] = rest.Schema;
        return new(schema, r => $"[{string.Join(',', leading.Concat(Enumerable.Repeat(rest, r.Next(3))).Select(s => s.Write(r)))}]");
    }

    private GeneratedSchema Object(int depth)
    {
        string[] names = [.. Names.OrderBy(_ => _random.Next()).Take(_random.Next(0, 6))];
        var members = names.ToDictionary(static n => n, _ => Any(depth - 1));
        var required = names.Where(_ => _random.Next(2) == 0).ToHashSet();
        var schema = new JsonObject { ["type"] = "object", ["properties"] = new JsonObject(members.Select(static m => KeyValuePair.Create(m.Key, (JsonNode?)m.Value.Schema))) };
        if (required.Count > 0)
        {
            schema["required"] = new JsonArray([.. required.Select(static n => (JsonNode)n)]);
        }

        if (_random.Next(2) == 0)
        {
            schema["additionalProperties"] = false;
        }

        return new(schema, r => Members(names.Where(n => required.Contains(n) || r.Next(2) == 0).Select(n => (n, members[n].Write(r)))));
    }

    private GeneratedSchema Map(int depth)
    {
        var (known, other) = (Any(depth - 1), Any(depth - 1));
        var schema = new JsonObject { ["type"] = "object", ["additionalProperties"] = other.Schema };
        var isPatterned = _random.Next(3) == 0;
        if (isPatterned)
        {
            schema["additionalProperties"] = false;
            schema["patternProperties"] = new JsonObject { ["^p_[a-z]*$"] = other.Schema.DeepClone() };
        }

        if (_random.Next(2) == 0)
        {
            schema["properties"] = new JsonObject { ["known"] = known.Schema };
            return new(schema, r => Members(Enumerable.Range(0, r.Next(3)).Select(i => ($"p_{(char)('a' + i)}", other.Write(r))).Prepend(("known", known.Write(r)))));
        }

        return new(schema, r => Members(Enumerable.Range(0, r.Next(4)).Select(i => ($"p_{(char)('a' + i)}", other.Write(r)))));
    }

    private GeneratedSchema Either(int depth)
    {
        if (_random.Next(3) == 0)
        {
            var (text, number) = (Text(), Integer());
            return new(new JsonObject { ["oneOf"] = new JsonArray(text.Schema, number.Schema, Json("""{"type":"null"}""")) },
                r => r.Next(3) switch { 0 => text.Write(r), 1 => number.Write(r), _ => "null" });
        }

        GeneratedSchema[] options = [.. Enumerable.Range(0, _random.Next(1, 4)).Select(_ => Any(depth - 1))];
        return new(new JsonObject { ["anyOf"] = new JsonArray([.. options.Select(static o => o.Schema)]) }, r => options[r.Next(options.Length)].Write(r));
    }

    private GeneratedSchema Merged(int depth)
    {
        var (first, second) = (Any(depth - 1), Any(depth - 1));
        var schema = Json("""{"allOf":[{"type":"object","required":["one"]},{"type":"object"}]}""");
        schema["allOf"]![0]!["properties"] = new JsonObject { ["one"] = first.Schema };
        schema["allOf"]![1]!["properties"] = new JsonObject { ["two"] = second.Schema };
        return new(schema, r => Members([("one", first.Write(r)), .. Enumerable.Range(0, r.Next(2)).Select(_ => ("two", second.Write(r)))]));
    }

    private GeneratedSchema Recursive(int depth)
    {
        var name = $"node{_definitions.Count}";
        var reference = new JsonObject { ["$ref"] = $"#/$defs/{name}" };
        if (_random.Next(2) == 0 && _recursive.Count > 0)
        {
            var (known, write) = _recursive.First();
            return new(new JsonObject { ["$ref"] = $"#/$defs/{known}" }, r => write(r, 2));
        }

        _definitions[name] = new JsonObject();
        var value = Any(Math.Min(depth - 1, 1));
        var definition = Json("""{"type":"object","required":["v","c"]}""");
        definition["properties"] = new JsonObject
        {
            ["v"] = value.Schema,
            ["c"] = new JsonObject { ["type"] = "array", ["items"] = reference.DeepClone(), ["maxItems"] = 2 },
        };
        _definitions[name] = definition;
        _recursive[name] = Node;
        return new(reference, r => Node(r, 3));

        string Node(Random r, int levels) =>
            $"{{\"v\":{value.Write(r)},\"c\":[{string.Join(',', Enumerable.Range(0, levels > 0 ? r.Next(3) : 0).Select(_ => Node(r, levels - 1)))}]}}";
    }

    private static string Members(IEnumerable<(string Name, string Value)> members) =>
        $"{{{string.Join(',', members.Select(static m => $"{Quote(m.Name)}:{m.Value}"))}}}";

    private static string GuidOf(Random random)
    {
        var bytes = new byte[16];
        random.NextBytes(bytes);
        return new Guid(bytes).ToString();
    }

    private static string Repeat(Random random, int low, int high, Func<Random, string> one)
    {
        var text = new StringBuilder();
        for (var i = random.Next(low, high + 1); i > 0; i--)
        {
            text.Append(one(random));
        }

        return text.ToString();
    }

    /// <summary>Nothing is escaped that need not be.</summary>
    private static string Quote(string text) => $"\"{string.Concat(text.Select(static c => c switch
    {
        '"' => "\\\"",
        '\\' => "\\\\",
        '\n' => "\\n",
        '\t' => "\\t",
        < ' ' => $"\\u{(int)c:x4}",
        _ => c.ToString(),
    }))}\"";

    private static JsonObject Json(string text) => JsonNode.Parse(text)!.AsObject();
}
