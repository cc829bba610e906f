namespace RwkvSk.Trainer.Data;

/// <summary>Asks about a scene, in the wordings of one side of the hold-out, and answers.</summary>
internal sealed class SceneQuestions(Split split)
{
    private static readonly (double Weight, QuestionKind Kind)[] Mix =
    [
        (0.17, QuestionKind.Count), (0.12, QuestionKind.Colour), (0.12, QuestionKind.Shape), (0.18, QuestionKind.Where), (0.15, QuestionKind.YesNo),
        (0.06, QuestionKind.Check), (0.04, QuestionKind.Size), (0.06, QuestionKind.WhatIsAt), (0.08, QuestionKind.Describe), (0.02, QuestionKind.Unanswerable),
    ];

    /// <summary>A question of any kind that the scene can answer.</summary>
    public QuestionAndAnswer Next(Scene scene, Random random)
    {
        while (true)
        {
            if (Ask(random.Weighted(Mix), scene, random) is { } question)
            {
                return question;
            }
        }
    }

    /// <summary>A question of one kind, or null when this scene (or this draw) has none with a single right answer.</summary>
    public QuestionAndAnswer? Ask(QuestionKind kind, Scene scene, Random random) => kind switch
    {
        QuestionKind.Describe => new(kind, PictureWordings.Describe.Ask(random, split), SceneWords.Describe(scene)),
        QuestionKind.Count => Count(scene, random),
        QuestionKind.Colour => Colour(scene, random),
        QuestionKind.Shape => Shape(scene, random),
        QuestionKind.Where => Where(scene, random),
        QuestionKind.YesNo => YesNo(scene, random),
        QuestionKind.Check => Check(scene, random),
        QuestionKind.Size => Size(scene, random),
        QuestionKind.WhatIsAt => WhatIsAt(scene, random),
        _ => Unanswerable(scene, random),
    };

    private QuestionAndAnswer Count(Scene scene, Random random)
    {
        var filter = random.NextDouble() switch
        {
            < 0.28 => new ObjectFilter(),
            < 0.55 => new ObjectFilter(Colour: LikelyColour(scene, random)),
            < 0.8 => new ObjectFilter(Shape: LikelyShape(scene, random)),
            < 0.95 => new ObjectFilter(LikelyColour(scene, random), LikelyShape(scene, random)),
            _ => new ObjectFilter(Size: random.Pick([ObjectSize.Small, ObjectSize.Large])),
        };
        return new(
            QuestionKind.Count,
            PictureWordings.Count.Ask(random, split, ("kinds", References.Kinds(filter, random))),
            SceneWords.Count(filter, scene.Matching(filter).Count));
    }

    private QuestionAndAnswer? Colour(Scene scene, Random random)
    {
        var target = random.Pick(scene.Objects);
        var filter = References.Draw(target, random, colour: false);
        return Reference(scene, target, filter, random) is { } reference
            ? new(QuestionKind.Colour, PictureWordings.Colour.Ask(random, split, ("ref", reference)), $"It is {target.Colour.Name()}.")
            : null;
    }

    private QuestionAndAnswer? Shape(Scene scene, Random random)
    {
        var target = random.Pick(scene.Objects);
        var filter = References.Draw(target, random, shape: false);
        return Reference(scene, target, filter, random) is { } reference
            ? new(QuestionKind.Shape, PictureWordings.Shape.Ask(random, split, ("ref", reference)), $"It is a {target.Shape.Name()}.")
            : null;
    }

    private QuestionAndAnswer? Where(Scene scene, Random random)
    {
        var target = random.Pick(scene.Objects);
        var filter = References.Draw(target, random);
        if (scene.Matching(filter).Count != 1)
        {
            return null;
        }

        var place = SceneWords.AtPlace(target.Cell);
        return new(
            QuestionKind.Where,
            PictureWordings.Where.Ask(random, split, ("ref", References.The(filter, random))),
            $"{char.ToUpperInvariant(place[0])}{place[1..]}.");
    }

    private QuestionAndAnswer YesNo(Scene scene, Random random)
    {
        var (filter, _) = Claimed(scene, random);
        var answer = scene.Matching(filter).Count > 0;
        var question = random.Chance(0.2)
            ? PictureWordings.ExistsMany.Ask(random, split, ("kinds", References.Kinds(filter, random)))
            : PictureWordings.Exists.Ask(random, split, ("a", References.Any(filter, random)));
        return new(QuestionKind.YesNo, question, answer ? "Yes." : "No.");
    }

    /// <summary>A colour, a shape or both: half the time something that is there, else something like it that is not.</summary>
    private static (ObjectFilter Filter, SceneObject Near) Claimed(Scene scene, Random random)
    {
        var near = random.Pick(scene.Objects);
        var filter = random.NextDouble() switch
        {
            < 0.3 => new ObjectFilter(Colour: near.Colour),
            < 0.5 => new ObjectFilter(Shape: near.Shape),
            < 0.97 => new ObjectFilter(near.Colour, near.Shape),
            _ => new ObjectFilter(Size: near.Size),
        };
        if (random.Chance(0.5))
        {
            return (filter, near);
        }

        // Nearly right is the hard case: a colour of one object with the shape of another.
        var other = random.Pick(scene.Objects);
        if (filter is { Colour: not null, Shape: not null })
        {
            filter = random.Chance(0.5) ? filter with { Colour = other.Colour } : filter with { Shape = other.Shape };
            if (scene.Matching(filter).Count == 0)
            {
                return (filter, near);
            }

            filter = random.Chance(0.5) ? filter with { Colour = random.Pick(SceneWords.Colours) } : filter with { Shape = random.Pick(SceneWords.Shapes) };
            return (filter, near);
        }

        return (filter with
        {
            Colour = filter.Colour is null ? null : Absent(SceneWords.Colours, scene.Objects.Select(o => o.Colour), random),
            Shape = filter.Shape is null ? null : Absent(SceneWords.Shapes, scene.Objects.Select(o => o.Shape), random),
            Size = filter.Size is null ? null : random.Pick([ObjectSize.Small, ObjectSize.Large]),
        }, near);
    }

    private QuestionAndAnswer? Check(Scene scene, Random random)
    {
        var target = random.Pick(scene.Objects);
        var kind = random.Next(4);
        var filter = References.Draw(target, random, colour: kind != 0, shape: kind != 1);
        if (scene.Matching(filter).Count != 1 || (kind == 2 && filter.Size is not null))
        {
            return null;
        }

        var right = random.Chance(0.5);
        var other = random.Pick(scene.Objects);
        var colour = right ? target.Colour : random.Chance(0.5) ? other.Colour : random.Pick(SceneWords.Colours);
        var shape = right ? target.Shape : random.Chance(0.5) ? other.Shape : random.Pick(SceneWords.Shapes);
        var size = right ? target.Size : random.Pick([ObjectSize.Small, ObjectSize.Large]);
        var cell = right ? target.Cell : random.Chance(0.3) ? other.Cell : random.Next(9);
        var (claim, holds) = kind switch
        {
            0 => (colour.Name(), colour == target.Colour),
            1 => ("a " + shape.Name(), shape == target.Shape),
            2 => (random.Pick([size.Name(), size == ObjectSize.Large ? "big" : "small"]), size == target.Size),
            _ => (References.Place(cell, random), cell == target.Cell),
        };
        return new(
            QuestionKind.Check,
            PictureWordings.Check.Ask(random, split, ("ref", References.The(filter, random)), ("claim", claim)),
            holds ? "Yes." : "No.");
    }

    private QuestionAndAnswer? Size(Scene scene, Random random)
    {
        var target = random.Pick(scene.Objects);
        var filter = References.Draw(target, random) with { Size = null };
        return Reference(scene, target, filter, random) is { } reference
            ? new(QuestionKind.Size, PictureWordings.Size.Ask(random, split, ("ref", reference)), $"It is {target.Size.Name()}.")
            : null;
    }

    private QuestionAndAnswer WhatIsAt(Scene scene, Random random)
    {
        var cell = random.Chance(0.75) ? random.Pick(scene.Objects).Cell : random.Next(9);
        var answer = scene.At(cell) is { } found ? $"A{SceneWords.Phrase(found)[1..]}." : "Nothing.";
        return new(QuestionKind.WhatIsAt, PictureWordings.WhatIsAt.Ask(random, split, ("place", References.Place(cell, random))), answer);
    }

    /// <summary>Asks for the one where there is none or more than one; the answer says so.</summary>
    private QuestionAndAnswer? Unanswerable(Scene scene, Random random)
    {
        var kind = random.Next(3);
        var filter = kind switch
        {
            0 => new ObjectFilter(Shape: LikelyShape(scene, random)),
            1 => new ObjectFilter(Colour: LikelyColour(scene, random)),
            _ => new ObjectFilter(LikelyColour(scene, random), LikelyShape(scene, random)),
        };
        var count = scene.Matching(filter).Count;
        if (count == 1)
        {
            return null;
        }

        var wording = kind switch
        {
            0 => PictureWordings.Colour,
            1 => PictureWordings.Shape,
            _ => PictureWordings.Where,
        };
        return new(
            QuestionKind.Unanswerable,
            wording.Ask(random, split, ("ref", References.The(filter, random))),
            count == 0 ? $"There is no {SceneWords.Singular(filter)}." : SceneWords.Count(filter, count));
    }

    private static string? Reference(Scene scene, SceneObject target, ObjectFilter filter, Random random) =>
        random.Chance(0.12) ? References.TheOneAt(target.Cell, random)
        : scene.Matching(filter).Count == 1 ? References.The(filter, random)
        : null;

    private static Colour LikelyColour(Scene scene, Random random) =>
        random.Chance(0.7) ? random.Pick(scene.Objects).Colour : random.Pick(SceneWords.Colours);

    private static Shape LikelyShape(Scene scene, Random random) =>
        random.Chance(0.7) ? random.Pick(scene.Objects).Shape : random.Pick(SceneWords.Shapes);

    private static T Absent<T>(IReadOnlyList<T> all, IEnumerable<T> present, Random random) => random.Pick([.. all.Except(present)]);
}
