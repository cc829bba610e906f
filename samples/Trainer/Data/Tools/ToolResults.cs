using System.Globalization;

namespace RwkvSk.Trainer.Data;

/// <summary>What a function gave back, as the model reads it, and what it says then.</summary>
internal sealed record ToolResult(string Output, string Answer);

/// <summary>Draws results: sentences to repeat, values to put into a sentence, failures to report.</summary>
internal static class ToolResults
{
    private static readonly string[] Keys =
        ["temperature", "unit", "status", "count", "price", "name", "city", "color", "level", "time", "speed", "wind", "score", "total", "owner", "state", "value", "distance", "age", "title", "humidity", "id", "day", "mode", "size"];

    private static readonly string[] Adjectives =
        ["sunny", "cloudy", "ready", "busy", "empty", "full", "open", "closed", "green", "warm", "cold", "rainy", "active", "broken", "fast", "slow", "high", "low", "new", "old", "light rain", "out of stock", "almost full"];

    private static readonly string[] Units = ["C", "km", "percent", "EUR", "minutes", "kg", "m", "degrees", "V", "hPa", "dollars", "years"];

    private static readonly string[] Failures =
        ["The {noun} is not reachable.", "not found", "timeout", "no permission", "{word} does not exist.", "The {noun} is broken.", "connection lost", "invalid value", "The {word} is missing.", "Unknown {noun}.", "not allowed", "The {noun} is busy."];

    private static readonly string[] Sentences =
    [
        "The {noun} is {value} now.", "The {noun} was set to {value}.", "Set to {value}.", "OK, {value} it is.", "The {noun} is ready.", "Saved {value}.", "{Value} was added.", "The {noun} shows {value}.",
        "Everything is {word}.", "The {noun} is now {value}.", "Your {noun} is on its way.", "I changed the {noun}.", "{Name} got it.", "The {noun} has been updated.", "Stored under {code}.", "Finished in {n} seconds.",
        "It will be {word} at {n}.", "The {noun} says {word} {word}.", "{Name} is {word} today.", "There are {n} {noun}s now.", "The {noun} with the number {n} is {word}.", "The {word} {noun} belongs to {Name}.",
        "{Name} answered: {word} {word}.", "Done with {value}.", "It is {n} degrees in {Name}.", "The {noun} costs {n} EUR.",
    ];

    /// <summary>One result of a call to <paramref name="tool"/>.</summary>
    public static ToolResult Draw(ToolCase tool, ToolCall call, Random random)
    {
        var noun = tool.Noun.Length > 0 ? tool.Noun : "tool";
        if (random.Chance(0.07))
        {
            var message = Sentence(random.Pick(Failures), noun, call, random);
            return new($"Error: {message}", $"That did not work: {message}");
        }

        return tool.Pattern.Result == ResultKind.Value ? Value(noun, call, random) : Action(noun, call, random);
    }

    /// <summary>For a result that says nothing: "ok", true, null, empty.</summary>
    public static string Nothing(Random random) => random.Pick(["ok", "true", "null", string.Empty, "OK", "ok", "done", "success"]);

    private static ToolResult Action(string noun, ToolCall call, Random random)
    {
        if (random.Chance(0.35))
        {
            return new(Nothing(random), "Done.");
        }

        return random.Chance(0.8) ? Repeated(noun, call, random) : Value(noun, call, random);
    }

    private static ToolResult Repeated(string noun, ToolCall call, Random random)
    {
        var sentence = Sentence(random.Pick(Sentences), noun, call, random);
        sentence = random.Chance(0.1) ? sentence.TrimEnd('.') : sentence;
        return new(sentence, sentence);
    }

    private static ToolResult Value(string noun, ToolCall call, Random random)
    {
        switch (random.NextDouble())
        {
            case < 0.02:
                return Bare("false");
            case < 0.25:
                return Bare(Number(random));
            case < 0.4:
                return Bare(random.Chance(0.6) ? random.Pick(Adjectives) : Invented.Word(random));
            case < 0.48:
                return Bare($"{Number(random)} {random.Pick(Units)}");
            case < 0.72:
                return Object(random);
            case < 0.78:
                var items = Enumerable.Range(0, random.Next(2, 4)).Select(_ => random.Chance(0.5) ? Invented.Word(random) : random.Pick(Adjectives)).ToList();
                return new($"[{string.Join(',', items.Select(ValueSource.Json))}]", $"The result is {SceneWords.JoinWithAnd(items)}.");
            default:
                return Repeated(noun, call, random);
        }
    }

    private static ToolResult Bare(string value) => new(value, $"The result is {value}.");

    private static ToolResult Object(Random random)
    {
        var count = random.Weighted([(0.3, 1), (0.5, 2), (0.2, 3)]);
        var keys = random.Shuffled(Keys).Take(count).Select(k => random.Chance(0.15) ? Invented.Word(random) : k);
        var pairs = keys.Select(key => (Key: key, Value: Member(random))).ToList();
        return new(
            $"{{{string.Join(',', pairs.Select(p => $"\"{p.Key}\":{p.Value.Json}"))}}}",
            $"The {SceneWords.JoinWithAnd([.. pairs.Select((p, i) => $"{(i == 0 ? string.Empty : "the ")}{p.Key} is {p.Value.Spoken}")])}.");
    }

    private static ArgumentValue Member(Random random)
    {
        var kind = random.NextDouble();
        if (kind < 0.5)
        {
            var raw = kind < 0.45 ? Number(random) : random.Pick(["true", "false"]);
            return new(raw, raw);
        }

        var text = kind < 0.7 ? random.Pick(Units) : kind < 0.85 ? random.Pick(Adjectives) : Invented.Name(random);
        return new(text, ValueSource.Json(text));
    }

    private static string Sentence(string template, string noun, ToolCall call, Random random)
    {
        var values = call.Arguments.Select(a => a.Json.Trim('"')).Where(v => v[0] is not ('[' or '{')).ToList();
        var value = values.Count > 0 ? random.Pick(values) : Invented.Word(random);
        var text = template.Replace("{noun}s", Inflection.Plural(noun), StringComparison.Ordinal);
        text = Synonyms.Fill(
            text,
            random,
            ("noun", noun),
            ("value", value),
            ("Value", value),
            ("word", random.Chance(0.5) ? Invented.Word(random) : random.Pick(Adjectives)),
            ("Name", Invented.Name(random)),
            ("code", $"{(char)('A' + random.Next(26))}{random.Next(1, 500)}"),
            ("n", Number(random)));
        return text;
    }

    private static string Number(Random random) => random.Chance(0.75)
        ? ((int)random.LogBetween(1, 1000)).ToString(CultureInfo.InvariantCulture)
        : random.Between(0, 100).ToString("0.0", CultureInfo.InvariantCulture);
}
