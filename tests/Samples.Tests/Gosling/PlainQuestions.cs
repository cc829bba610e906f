namespace RwkvSk.Samples.Tests.Gosling;

/// <summary>A question about a picture and its only right answer.</summary>
internal sealed record PlainQuestion(string Kind, string Text, string Answer);

/// <summary>The questions of the model card, word for word, with answers made from the objects alone.</summary>
internal static class PlainQuestions
{
    private static readonly string[] Places =
        ["at the top left", "at the top center", "at the top right", "at the middle left", "in the center", "at the middle right", "at the bottom left", "at the bottom center", "at the bottom right"];

    /// <summary>Everything that has one right answer for these objects; an answer follows from the objects and not from another answer.</summary>
    public static IEnumerable<PlainQuestion> About(IReadOnlyList<PlainObject> objects)
    {
        yield return new("description", "Describe the picture.", Description(objects));
        yield return new("counts", "How many objects are there?", Count(objects.Count, "object"));
        foreach (var o in objects)
        {
            yield return new("counts", $"How many {o.Colour} objects are there?", Count(objects.Count(p => p.Colour == o.Colour), $"{o.Colour} object"));
            yield return new("counts", $"How many {Plural(o.Shape)} are there?", Count(objects.Count(p => p.Shape == o.Shape), o.Shape));
            if (objects.Count(p => p.Shape == o.Shape) == 1)
            {
                yield return new("colour", $"What color is the {o.Shape}?", $"It is {o.Colour}.");
            }

            if (objects.Count(p => p.Colour == o.Colour) == 1)
            {
                yield return new("shape", $"What shape is the {o.Colour} one?", $"It is a {o.Shape}.");
            }

            if (objects.Count(p => p.Colour == o.Colour && p.Shape == o.Shape) == 1)
            {
                var place = Places[o.Cell];
                yield return new("position", $"Where is the {o.Colour} {o.Shape}?", $"{char.ToUpperInvariant(place[0])}{place[1..]}.");
            }

            yield return new("yes/no", $"Is there {Article(o.Colour)} {o.Colour} {o.Shape}?", "Yes.");
        }

        foreach (var colour in PlainPainter.ColourNames.Where(c => objects.All(o => o.Colour != c)).Take(2))
        {
            yield return new("yes/no", $"Is there anything {colour}?", "No.");
            yield return new("counts", $"How many {colour} objects are there?", $"There are no {colour} objects.");
        }
    }

    private static string Description(IReadOnlyList<PlainObject> objects)
    {
        var phrases = objects.OrderBy(o => o.Cell).Select(o => $"a {(o.IsLarge ? "large" : "small")} {o.Colour} {o.Shape} {Places[o.Cell]}").ToList();
        var list = phrases.Count == 1 ? phrases[0] : $"{string.Join(", ", phrases.SkipLast(1))} and {phrases[^1]}";
        return $"There is {list}.";
    }

    private static string Count(int count, string thing) => count == 1 ? $"There is 1 {thing}." : $"There are {count} {Plural(thing)}.";

    private static string Plural(string word) => word.EndsWith("ss", StringComparison.Ordinal) ? word + "es" : word + "s";

    private static string Article(string word) => word[0] == 'o' ? "an" : "a";
}
