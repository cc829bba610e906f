namespace RwkvSk.Trainer.Data;

/// <summary>Noun phrases that point at an object: "the red circle", "the one at the top left".</summary>
internal static class References
{
    /// <summary>What a reference may name of its object.</summary>
    public static ObjectFilter Draw(SceneObject o, Random random, bool colour = true, bool shape = true)
    {
        var filter = new ObjectFilter(
            colour && (!shape || random.Chance(0.75)) ? o.Colour : null,
            shape && (!colour || random.Chance(0.75)) ? o.Shape : null,
            random.Chance(0.12) ? o.Size : null);
        return filter is { Colour: null, Shape: null } ? filter with { Colour = colour ? o.Colour : null, Shape = shape ? o.Shape : null } : filter;
    }

    /// <summary>"the red circle"; without a shape "the red one", "the red object".</summary>
    public static string The(ObjectFilter filter, Random random) => "the " + Noun(filter, Thing(random));

    /// <summary>"the object at the top left".</summary>
    public static string TheOneAt(int cell, Random random) => $"the {Thing(random)} {Place(cell, random)}";

    /// <summary>"a red circle", "an orange star", "a red object", "anything red".</summary>
    public static string Any(ObjectFilter filter, Random random)
    {
        if (filter.Shape is null && random.Chance(0.6))
        {
            var words = string.Join(' ', new[] { filter.Size?.Name(), filter.Colour?.Name() }.Where(w => w is not null));
            return $"{random.Pick(["anything", "something", "anything", "any object that is", "something that is"])} {words}";
        }

        var noun = Noun(filter, random.Pick(["object", "one", "thing", "shape", "object"]));
        return random.Chance(0.1) ? "any " + noun : (noun[0] == 'o' ? "an " : "a ") + noun;
    }

    /// <summary>"red circles", "red objects", "red things".</summary>
    public static string Kinds(ObjectFilter filter, Random random) =>
        filter.Shape is not null
            ? SceneWords.Plural(filter)
            : string.Join(' ', new[] { filter.Size?.Name(), filter.Colour?.Name(), ThingPlural(filter, random) }.Where(w => w is not null));

    /// <summary>"at the top left", "in the top left corner", "in the middle".</summary>
    public static string Place(int cell, Random random)
    {
        if (cell == SceneWords.CenterCell)
        {
            return random.Pick(["in the center", "in the center", "in the centre", "in the middle", "at the center"]);
        }

        var place = SceneWords.Places[cell].Replace("center", random.Chance(0.75) ? "center" : "centre", StringComparison.Ordinal);
        return random.NextDouble() switch
        {
            < 0.7 => "at the " + place,
            < 0.8 => "in the " + place,
            < 0.9 when cell is 0 or 2 or 6 or 8 => $"in the {place} corner",
            < 0.95 => "on the " + place,
            _ => "at the " + place,
        };
    }

    private static string Noun(ObjectFilter filter, string otherwise) =>
        string.Join(' ', new[] { filter.Size?.Name(), filter.Colour?.Name(), filter.Shape?.Name() ?? otherwise }.Where(w => w is not null));

    private static string Thing(Random random) => random.Pick(["object", "one", "one", "object", "thing", "shape", "item", "figure"]);

    private static string ThingPlural(ObjectFilter filter, Random random) =>
        random.Pick<string>(filter.Colour is null && filter.Size is null
            ? ["objects", "objects", "objects", "things", "shapes", "items", "figures"]
            : ["objects", "objects", "objects", "things", "shapes", "ones", "items", "figures"]);
}
