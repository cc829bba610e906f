namespace RwkvSk.Trainer.Data;

/// <summary>An interval that a detail is drawn from.</summary>
internal readonly record struct Interval(double Low, double High)
{
    public double Draw(Random random) => random.Between(Low, High);
}

/// <summary>How a painter works: every detail that the description of the pictures leaves open.</summary>
internal sealed record RenderStyle
{
    public required Palette Palette { get; init; }

    /// <summary>Extent of a small and of a large object as a share of its cell.</summary>
    public required Interval Small { get; init; }

    /// <inheritdoc cref="Small"/>
    public required Interval Large { get; init; }

    /// <summary>Inner over outer radius of a star.</summary>
    public required Interval StarInner { get; init; }

    /// <summary>Width of a cross's arm over its whole extent.</summary>
    public required Interval CrossArm { get; init; }

    /// <summary>Width over height of a diamond.</summary>
    public required Interval DiamondAspect { get; init; }

    /// <summary>How often an object is stretched with its cell instead of keeping its own proportions.</summary>
    public required double Stretched { get; init; }

    /// <summary>How often a shape shows one of its rarer forms: a right triangle, a star of 4 or 6 points, a cross turned like an X.</summary>
    public required double RareForms { get; init; }

    /// <summary>How often a picture has outlines.</summary>
    public required double Outlined { get; init; }

    /// <summary>How often a picture has been a JPEG.</summary>
    public required double Jpeg { get; init; }

    /// <summary>How often a picture is slightly noisy.</summary>
    public required double Noisy { get; init; }

    /// <summary>Wide, so that any painter's habits lie inside.</summary>
    public static RenderStyle Training { get; } = new()
    {
        Palette = Palette.Training,
        Small = new(0.27, 0.42),
        Large = new(0.62, 0.88),
        StarInner = new(0.35, 0.55),
        CrossArm = new(0.22, 0.42),
        DiamondAspect = new(0.65, 1),
        Stretched = 0.3,
        RareForms = 0.1,
        Outlined = 0.3,
        Jpeg = 0.5,
        Noisy = 0.1,
    };

    /// <summary>Another painter: narrower habits and colours of its own, within the same description.</summary>
    public static RenderStyle Evaluation { get; } = new()
    {
        Palette = Palette.Evaluation,
        Small = new(0.3, 0.37),
        Large = new(0.7, 0.8),
        StarInner = new(0.38, 0.42),
        CrossArm = new(0.3, 0.36),
        DiamondAspect = new(0.8, 1),
        Stretched = 0.1,
        RareForms = 0,
        Outlined = 0.4,
        Jpeg = 0.4,
        Noisy = 0,
    };
}
