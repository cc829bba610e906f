using System.Globalization;

namespace RwkvSk.Trainer.Data;

/// <summary>An argument as it is said and as it stands in the call.</summary>
internal sealed record ArgumentValue(string Spoken, string Json);

/// <summary>Draws arguments: from words that are said, or from what a picture shows.</summary>
internal sealed class ValueSource(Split split)
{
    private static readonly string[] OtherColours = ["pink", "white", "black", "brown", "gray", "cyan", "gold", "silver"];
    private static readonly string[] Days = ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday", "today", "tomorrow"];

    /// <summary>One value; with a scene, half of those that a picture can answer come from it.</summary>
    public ArgumentValue Draw(ParameterForm form, Random random, Scene? scene)
    {
        if (scene is not null && random.Chance(0.6) && FromScene(form.Kind, random, scene) is { } seen)
        {
            return seen;
        }

        return form.Kind switch
        {
            ValueKind.Colour => Plain(random.Chance(0.75) ? random.Pick(SceneWords.Colours).Name() : random.Pick(OtherColours)),
            ValueKind.Shape => Plain(random.Pick(SceneWords.Shapes).Name()),
            ValueKind.Place => Plain(random.Pick(SceneWords.Places)),
            ValueKind.Size => Plain(random.Pick(["large", "small", "large", "small", "medium", "tiny"])),
            ValueKind.Count => Raw(random.Next(0, 10)),
            ValueKind.Integer => Raw(Integer(random)),
            ValueKind.Number => random.Chance(0.75)
                ? Raw(Integer(random))
                : Same(random.Between(0, 100).ToString(random.Chance(0.7) ? "0.0" : "0.00", CultureInfo.InvariantCulture).TrimEnd('0').TrimEnd('.')),
            ValueKind.Switch => random.Chance(0.5) ? new("on", "true") : new("off", "false"),
            ValueKind.Word => Quotable(Word(random), random, 0.3),
            ValueKind.Phrase => Quotable(Phrase(random), random, 0.6),
            ValueKind.Person => Plain(Person(random)),
            ValueKind.City => Plain(random.Chance(0.75) ? random.Pick(Names.Cities[split]) : Invented.Name(random)),
            ValueKind.Day => Plain(random.Pick(Days)),
            ValueKind.Time => Plain($"{random.Next(0, 24)}:{random.Next(0, 60):00}"),
            ValueKind.Code => Plain(Code(random)),
            ValueKind.Choice => Plain(random.Pick(form.Choices)),
            ValueKind.Items => List(Enumerable.Range(0, random.Next(2, 5)).Select(_ => Word(random)).Distinct().Select(Plain)),
            ValueKind.Integers => List(Enumerable.Range(0, random.Next(2, 5)).Select(_ => Raw(random.Next(0, 100)))),
            _ => Plain($"{random.Pick(SceneWords.Colours).Name()} {random.Pick(SceneWords.Shapes).Name()}"),
        };
    }

    /// <summary>"the color of the star", "how many stars there are": what only the picture can tell; null where it cannot.</summary>
    private static ArgumentValue? FromScene(ValueKind kind, Random random, Scene scene)
    {
        if (kind is ValueKind.Count or ValueKind.Integer)
        {
            var counted = random.NextDouble() switch
            {
                < 0.3 => new ObjectFilter(),
                < 0.6 => new ObjectFilter(Colour: random.Pick(scene.Objects).Colour),
                < 0.9 => new ObjectFilter(Shape: random.Pick(scene.Objects).Shape),
                _ => new ObjectFilter(Shape: random.Pick(SceneWords.Shapes)),
            };
            return new(
                random.Pick(["the number of ", "the count of ", "the number of ", "as many as there are ", "how many you see of the "]) + References.Kinds(counted, random),
                scene.Matching(counted).Count.ToString(CultureInfo.InvariantCulture));
        }

        if (kind is not (ValueKind.Colour or ValueKind.Shape or ValueKind.Place or ValueKind.Size))
        {
            return null;
        }

        var target = random.Pick(scene.Objects);
        var filter = References.Draw(target, random, colour: kind != ValueKind.Colour, shape: kind != ValueKind.Shape);
        if (scene.Matching(filter).Count != 1 || (kind == ValueKind.Size && filter.Size is not null))
        {
            return null;
        }

        var it = kind != ValueKind.Place && random.Chance(0.1) ? References.TheOneAt(target.Cell, random) : References.The(filter, random);
        return kind switch
        {
            ValueKind.Colour => new(Phrased(it, random, "color", ["the same color as {it}", "the color you see on {it}", "the color that {it} has", "what color {it} is", "whatever color {it} has"]), Json(target.Colour.Name())),
            ValueKind.Shape => new(Phrased(it, random, "shape", ["the form of {it}", "the shape that {it} has", "the same shape as {it}"]), Json(target.Shape.Name())),
            ValueKind.Size => new(Phrased(it, random, "size", ["the size that {it} has", "the same size as {it}"]), Json(target.Size.Name())),
            _ => new(Phrased(it, random, random.Pick(["place", "position", "location"]), ["the place where {it} is", "where {it} is", "the spot of {it}"]), Json(SceneWords.Places[target.Cell])),
        };
    }

    /// <summary>"the color of the star" mostly, in either spelling; else one of the other ways to say it.</summary>
    private static string Phrased(string it, Random random, string property, string[] otherwise)
    {
        var text = random.Chance(0.65) ? $"the {property} of {it}" : random.Pick(otherwise).Replace("{it}", it, StringComparison.Ordinal);
        return random.Chance(0.3) ? text.Replace("color", "colour", StringComparison.Ordinal) : text;
    }

    public static string Json(string text) => $"\"{text}\"";

    private string Word(Random random) => random.Chance(0.45) ? Invented.Word(random) : random.Pick(Things.Words[split]);

    private string Phrase(Random random) =>
        string.Join(' ', Enumerable.Range(0, random.Next(2, 6)).Select(_ => random.Chance(split == Split.Training ? 0.3 : 0.2) ? Invented.Word(random) : random.Pick(Things.Words[split])));

    private string Person(Random random) =>
        (random.Chance(0.75) ? random.Pick(Names.People[split]) : Invented.Name(random)) + (random.Chance(0.1) ? " " + Invented.Name(random) : string.Empty);

    private static string Code(Random random)
    {
        var letters = string.Concat(Enumerable.Range(0, random.Next(1, 4)).Select(_ => (char)('a' + random.Next(26))));
        letters = random.Chance(0.6) ? letters.ToUpperInvariant() : letters;
        return letters + random.Pick([string.Empty, "-", string.Empty]) + random.Next(1, 1000).ToString(CultureInfo.InvariantCulture);
    }

    private static int Integer(Random random) => (int)random.LogBetween(1, random.Chance(0.2) ? 5000 : 101);

    private static ArgumentValue Raw(int number) => Same(number.ToString(CultureInfo.InvariantCulture));

    private static ArgumentValue Same(string number) => new(number, number);

    private static ArgumentValue Plain(string text) => new(text, Json(text));

    private static ArgumentValue Quotable(string text, Random random, double quoted) =>
        !random.Chance(quoted) ? Plain(text) : random.Chance(0.8) ? new($"\"{text}\"", Json(text)) : new($"'{text}'", Json(text));

    private static ArgumentValue List(IEnumerable<ArgumentValue> values)
    {
        var all = values.ToList();
        return new(SceneWords.JoinWithAnd([.. all.Select(v => v.Spoken)]), $"[{string.Join(',', all.Select(v => v.Json))}]");
    }
}
