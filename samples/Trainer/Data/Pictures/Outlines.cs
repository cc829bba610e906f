using SkiaSharp;

namespace RwkvSk.Trainer.Data;

/// <summary>The shapes' outlines in the box [-1, 1] x [-1, 1], y pointing down.</summary>
internal static class Outlines
{
    private const double Radian = Math.PI / 180;

    /// <summary>Draws one outline with the open details of <paramref name="style"/>; the caller scales, turns and moves it.</summary>
    public static SKPath Draw(Shape shape, RenderStyle style, Random random) => shape switch
    {
        Shape.Circle => Circle(),
        Shape.Square => Square(random),
        Shape.Triangle => Triangle(style, random),
        Shape.Star => Star(style, random),
        Shape.Cross => Cross(style, random),
        _ => Diamond(style.DiamondAspect.Draw(random)),
    };

    /// <summary>Degrees that a shape may be turned by before it is placed.</summary>
    public static double Turn(Shape shape, RenderStyle style, Random random) => shape switch
    {
        Shape.Square => random.Chance(0.25) ? random.Between(-8, 8) : 0,
        Shape.Triangle => random.Chance(0.2) ? random.Between(-12, 12) : 0,
        Shape.Star => random.Chance(0.5) ? random.Between(-15, 15) : 0,
        Shape.Cross => random.Chance(style.RareForms) ? 45 : random.Chance(0.15) ? random.Between(-8, 8) : 0,
        Shape.Diamond => random.Chance(0.15) ? random.Between(-6, 6) : 0,
        _ => 0,
    };

    private static SKPath Circle()
    {
        using var builder = new SKPathBuilder();
        builder.AddCircle(0, 0, 1);
        return builder.Detach();
    }

    private static SKPath Square(Random random)
    {
        using var builder = new SKPathBuilder();
        var extent = (float)random.Between(0.86, 1);
        var box = new SKRect(-extent, -extent, extent, extent);
        if (random.Chance(0.15))
        {
            var corner = (float)random.Between(0.05, 0.2);
            builder.AddRoundRect(box, corner, corner);
        }
        else
        {
            builder.AddRect(box);
        }

        return builder.Detach();
    }

    private static SKPath Triangle(RenderStyle style, Random random)
    {
        var form = random.NextDouble();
        if (form < style.RareForms)
        {
            return random.Chance(0.3) ? Polygon((-1, -0.9), (1, -0.9), (0, 1))
                : random.Chance(0.5) ? Polygon((-1, -1), (-1, 1), (1, 1))
                : Polygon((1, -1), (1, 1), (-1, 1));
        }

        return form < 0.45 ? Polygon((0, -1), (0.866, 0.5), (-0.866, 0.5))   // equilateral, centred on its centroid
            : form < 0.6 ? Polygon((0, -0.866), (1, 0.866), (-1, 0.866))    // equilateral, centred in its box
            : form < 0.85 ? Polygon((0, -1), (1, 1), (-1, 1))               // fills its box
            : Polygon((0, -1), (0.75, 0.9), (-0.75, 0.9));
    }

    private static SKPath Star(RenderStyle style, Random random)
    {
        var points = random.Chance(style.RareForms * 2) ? random.Pick([4, 6]) : 5;
        var inner = style.StarInner.Draw(random);
        var corners = new (double X, double Y)[points * 2];
        for (var i = 0; i < corners.Length; i++)
        {
            var radius = i % 2 == 0 ? 1 : inner;
            var angle = (-90 + (180.0 * i / points)) * Radian;
            corners[i] = (radius * Math.Cos(angle), radius * Math.Sin(angle));
        }

        return Polygon(corners);
    }

    private static SKPath Cross(RenderStyle style, Random random)
    {
        var a = style.CrossArm.Draw(random);
        return Polygon((-a, -1), (a, -1), (a, -a), (1, -a), (1, a), (a, a), (a, 1), (-a, 1), (-a, a), (-1, a), (-1, -a), (-a, -a));
    }

    private static SKPath Diamond(double aspect) => Polygon((0, -1), (aspect, 0), (0, 1), (-aspect, 0));

    private static SKPath Polygon(params ReadOnlySpan<(double X, double Y)> corners)
    {
        using var builder = new SKPathBuilder();
        builder.MoveTo((float)corners[0].X, (float)corners[0].Y);
        foreach (var (x, y) in corners[1..])
        {
            builder.LineTo((float)x, (float)y);
        }

        builder.Close();
        return builder.Detach();
    }
}
