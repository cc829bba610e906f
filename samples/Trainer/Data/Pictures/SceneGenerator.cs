namespace RwkvSk.Trainer.Data;

/// <summary>Draws what a picture shows: 1 to 4 objects in cells of a 3 x 3 grid, colours and shapes repeating often enough to be counted.</summary>
internal static class SceneGenerator
{
    private const int SmallestSide = 64;
    private const int LargestSide = 400;
    private const double WidestAspect = 2.5;

    private static readonly (double Weight, int Count)[] Counts = [(0.16, 1), (0.24, 2), (0.3, 3), (0.3, 4)];

    /// <summary>A scene of 1 to 4 objects.</summary>
    public static Scene Next(Random random) => WithCount(random, random.Weighted(Counts));

    /// <summary>A scene of 0 to 9 objects, for teaching the vision tower alone: more labels per picture.</summary>
    public static Scene Dense(Random random) => WithCount(random, random.Next(0, 10));

    private static Scene WithCount(Random random, int count)
    {
        var (width, height) = Size(random);
        var cells = random.Shuffled(Enumerable.Range(0, 9)).Take(count).Order();
        var (shapes, colours) = Choices(random);
        var objects = cells.Select(cell => new SceneObject(
            cell, random.Pick(shapes), random.Pick(colours), random.Chance(0.5) ? ObjectSize.Large : ObjectSize.Small)).ToList();
        return new(width, height, Palette.Background(random), objects);
    }

    /// <summary>Most scenes draw from everything; some from few shapes or few colours, so that there is something to count.</summary>
    private static (IReadOnlyList<Shape> Shapes, IReadOnlyList<Colour> Colours) Choices(Random random)
    {
        var kind = random.NextDouble();
        return (
            kind is < 0.2 or > 0.9 ? random.Shuffled(SceneWords.Shapes).GetRange(0, random.Next(1, 3)) : SceneWords.Shapes,
            kind is > 0.2 and < 0.4 or > 0.9 ? random.Shuffled(SceneWords.Colours).GetRange(0, random.Next(1, 3)) : SceneWords.Colours);
    }

    private static (int Width, int Height) Size(Random random)
    {
        // The smallest pictures hold objects of a few pixels: a few of them are enough.
        var side = random.LogBetween(SmallestSide * 1.2, LargestSide);
        var aspect = random.NextDouble() switch
        {
            < 0.3 => 1,
            < 0.6 => random.LogBetween(1 / 1.6, 1.6),
            _ => random.LogBetween(1 / WidestAspect, WidestAspect),
        };
        var width = Math.Clamp(side * Math.Sqrt(aspect), SmallestSide, LargestSide);
        return ((int)width, (int)Math.Clamp(width / aspect, SmallestSide, LargestSide));
    }
}
