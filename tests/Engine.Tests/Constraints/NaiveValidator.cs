using System.Globalization;
using System.Net;
using System.Text;
using System.Text.Json;
using System.Text.RegularExpressions;

namespace RwkvSk.Engine.Tests.Constraints;

/// <summary>JSON Schema by the letter, as simply as it can be written, with nothing from the code it judges. Slow, and knows only local references.</summary>
internal static class NaiveValidator
{
    public static bool IsValid(JsonElement root, string text)
    {
        try
        {
            using var document = JsonDocument.Parse(text);
            return IsValid(root, root, document.RootElement);
        }
        catch (JsonException)
        {
            return false;
        }
    }

    public static bool IsValid(JsonElement root, JsonElement schema, JsonElement value)
    {
        if (schema.ValueKind is JsonValueKind.True or JsonValueKind.False)
        {
            return schema.ValueKind is JsonValueKind.True;
        }

        foreach (var keyword in schema.EnumerateObject())
        {
            var (name, k) = (keyword.Name, keyword.Value);
            var holds = name switch
            {
                "$ref" => IsValid(root, Resolve(root, k.GetString()!), value),
                "allOf" => k.EnumerateArray().All(s => IsValid(root, s, value)),
                "anyOf" => k.EnumerateArray().Any(s => IsValid(root, s, value)),
                "oneOf" => k.EnumerateArray().Count(s => IsValid(root, s, value)) == 1,
                "type" => k.ValueKind is JsonValueKind.Array ? k.EnumerateArray().Any(t => IsType(t.GetString()!, value)) : IsType(k.GetString()!, value),
                "enum" => k.EnumerateArray().Any(v => JsonElement.DeepEquals(v, value)),
                "const" => JsonElement.DeepEquals(k, value),
                _ => value.ValueKind switch
                {
                    JsonValueKind.Number => Number(name, k, value),
                    JsonValueKind.String => Text(name, k, value.GetString()!),
                    JsonValueKind.Array => Items(root, schema, name, k, value),
                    JsonValueKind.Object => Members(root, schema, name, k, value),
                    _ => true,
                },
            };
            if (!holds)
            {
                return false;
            }
        }

        return true;
    }

    private static JsonElement Resolve(JsonElement root, string reference)
    {
        foreach (var escaped in reference.Split('/').Skip(1))
        {
            var part = escaped.Replace("~1", "/", StringComparison.Ordinal).Replace("~0", "~", StringComparison.Ordinal);
            root = root.ValueKind is JsonValueKind.Array ? root[int.Parse(part, CultureInfo.InvariantCulture)] : root.GetProperty(part);
        }

        return root;
    }

    private static bool IsType(string type, JsonElement value) => type switch
    {
        "null" => value.ValueKind is JsonValueKind.Null,
        "boolean" => value.ValueKind is JsonValueKind.True or JsonValueKind.False,
        "number" => value.ValueKind is JsonValueKind.Number,
        "integer" => value.ValueKind is JsonValueKind.Number && Exact(value) % 1 == 0,
        "string" => value.ValueKind is JsonValueKind.String,
        "array" => value.ValueKind is JsonValueKind.Array,
        "object" => value.ValueKind is JsonValueKind.Object,
        _ => throw new NotSupportedException(type),
    };

    /// <summary>28 digits, which is more than any test needs; larger and tinier numbers only ever meet the keyword "type".</summary>
    private static decimal Exact(JsonElement value) =>
        value.TryGetDecimal(out var exact) ? exact : decimal.Truncate(value.GetDouble() is > -1 and < 1 ? 0.5m : 1m);

    private static bool Number(string name, JsonElement k, JsonElement value) => name switch
    {
        "minimum" => Exact(value) >= k.GetDecimal(),
        "maximum" => Exact(value) <= k.GetDecimal(),
        "exclusiveMinimum" => Exact(value) > k.GetDecimal(),
        "exclusiveMaximum" => Exact(value) < k.GetDecimal(),
        "multipleOf" => Exact(value) % k.GetDecimal() == 0,
        _ => true,
    };

    private static bool Text(string name, JsonElement k, string text) => name switch
    {
        "minLength" => text.EnumerateRunes().Count() >= k.GetInt32(),
        "maxLength" => text.EnumerateRunes().Count() <= k.GetInt32(),
        "pattern" => Regex.IsMatch(WithoutSurrogates(text), Regex.Replace(k.GetString()!, @"\$$", @"\z"), RegexOptions.CultureInvariant),
        "format" => Format(k.GetString()!, text),
        _ => true,
    };

    /// <summary>.NET's regular expressions see halves of large characters; a small one of the same category stands in for each.</summary>
    private static string WithoutSurrogates(string text) => string.Concat(text.EnumerateRunes().Select(static rune => rune.IsBmp
        ? rune.ToString()
        : Rune.GetUnicodeCategory(rune) switch { UnicodeCategory.UppercaseLetter => "Ж", UnicodeCategory.LowercaseLetter => "ж", _ => "☃" }));

    private static bool Format(string format, string text) => format switch
    {
        "date" => DateOnly.TryParseExact(text, "yyyy-MM-dd", CultureInfo.InvariantCulture, DateTimeStyles.None, out _),
        "time" => DateTimeOffset.TryParse($"2000-01-02T{text}", CultureInfo.InvariantCulture, out _) && text.Contains(':', StringComparison.Ordinal),
        "date-time" => text.Contains('T', StringComparison.Ordinal)
            && (DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture, out _) || text[..4] is "0001" or "9999"),
        "uuid" => Guid.TryParseExact(text, "D", out _),
        "ipv4" => IPAddress.TryParse(text, out var ip) && ip.ToString() == text,
        "ipv6" => IPAddress.TryParse(text, out _) && text.Contains(':', StringComparison.Ordinal),
        "email" => System.Net.Mail.MailAddress.TryCreate(text, out var address) && address.Address == text,
        "uri" => Uri.TryCreate(text, UriKind.Absolute, out _),
        "hostname" => Uri.CheckHostName(text) is UriHostNameType.Dns or UriHostNameType.IPv4,
        "duration" => TryDuration(text),
        _ => true,
    };

    private static bool TryDuration(string text)
    {
        try
        {
            System.Xml.XmlConvert.ToTimeSpan(text);
            return true;
        }
        catch (FormatException)
        {
            return text.EndsWith('W');
        }
    }

    private static bool Items(JsonElement root, JsonElement schema, string name, JsonElement k, JsonElement value)
    {
        var leading = schema.TryGetProperty("prefixItems", out var prefix) ? prefix.GetArrayLength() : 0;
        return name switch
        {
            "minItems" => value.GetArrayLength() >= k.GetInt32(),
            "maxItems" => value.GetArrayLength() <= k.GetInt32(),
            "prefixItems" => value.EnumerateArray().Zip(k.EnumerateArray()).All(pair => IsValid(root, pair.Second, pair.First)),
            "items" => value.EnumerateArray().Skip(leading).All(item => IsValid(root, k, item)),
            _ => true,
        };
    }

    private static bool Members(JsonElement root, JsonElement schema, string name, JsonElement k, JsonElement value) => name switch
    {
        "required" => k.EnumerateArray().All(r => value.TryGetProperty(r.GetString()!, out _)),
        "minProperties" => value.EnumerateObject().Select(static m => m.Name).Distinct().Count() >= k.GetInt32(),
        "maxProperties" => value.EnumerateObject().Select(static m => m.Name).Distinct().Count() <= k.GetInt32(),
        "properties" => value.EnumerateObject().All(m => !k.TryGetProperty(m.Name, out var s) || IsValid(root, s, m.Value)),
        "patternProperties" => value.EnumerateObject().All(m => k.EnumerateObject().All(p => !Regex.IsMatch(m.Name, p.Name) || IsValid(root, p.Value, m.Value))),
        "additionalProperties" => value.EnumerateObject().All(m => IsSpokenOf(schema, m.Name) || IsValid(root, k, m.Value)),
        "propertyNames" => value.EnumerateObject().All(m => IsValid(root, k, JsonSerializer.SerializeToElement(m.Name))),
        _ => true,
    };

    private static bool IsSpokenOf(JsonElement schema, string name) =>
        (schema.TryGetProperty("properties", out var properties) && properties.TryGetProperty(name, out _))
        || (schema.TryGetProperty("patternProperties", out var patterns) && patterns.EnumerateObject().Any(p => Regex.IsMatch(name, p.Name)));
}
