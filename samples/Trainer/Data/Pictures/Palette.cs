namespace RwkvSk.Trainer.Data;

/// <summary>A colour name's anchors and the hues (degrees) it may not leave when it is jittered.</summary>
internal sealed record ColourRange(double LowHue, double HighHue, double LowValue, IReadOnlyList<Rgb> Anchors);

/// <summary>Where the object colours come from: common anchors with jitter in HSV, neighbours kept apart.</summary>
internal sealed class Palette
{
    private readonly IReadOnlyList<ColourRange> _ranges;
    private readonly double _jitter;

    private Palette(double jitter, params IReadOnlyList<ColourRange> ranges) => (_jitter, _ranges) = (jitter, ranges);

    /// <summary>Many anchors and a wide jitter, in the order of <see cref="Colour"/>.</summary>
    public static Palette Training { get; } = new(
        1,
        new(-14, 10, 0.55, [new(255, 0, 0), new(220, 20, 60), new(229, 57, 53), new(200, 30, 30), new(231, 76, 60), new(244, 67, 54)]),
        new(84, 160, 0.38, [new(0, 128, 0), new(0, 255, 0), new(67, 160, 71), new(46, 139, 87), new(50, 205, 50), new(46, 204, 113), new(34, 139, 34)]),
        new(200, 247, 0.5, [new(0, 0, 255), new(30, 144, 255), new(30, 136, 229), new(25, 60, 180), new(65, 105, 225), new(52, 152, 219)]),
        new(46, 65, 0.8, [new(255, 255, 0), new(255, 215, 0), new(253, 216, 53), new(240, 220, 60), new(255, 235, 59), new(241, 196, 15)]),
        new(262, 312, 0.42, [new(128, 0, 128), new(142, 36, 170), new(138, 43, 226), new(160, 80, 200), new(95, 20, 150), new(155, 89, 182)]),
        new(18, 40, 0.84, [new(255, 165, 0), new(255, 140, 0), new(251, 140, 0), new(245, 124, 0), new(230, 126, 34), new(255, 152, 0)]));

    /// <summary>One anchor each that training does not have, hardly jittered: another painter's choice.</summary>
    public static Palette Evaluation { get; } = new(
        0.4,
        new(-14, 10, 0.5, [new(210, 40, 40), new(240, 30, 40)]),
        new(84, 160, 0.38, [new(20, 150, 60), new(0, 170, 0)]),
        new(200, 247, 0.5, [new(40, 80, 215), new(20, 100, 240)]),
        new(46, 65, 0.8, [new(250, 225, 30), new(245, 205, 40)]),
        new(262, 312, 0.42, [new(130, 45, 165), new(150, 60, 190)]),
        new(18, 40, 0.84, [new(250, 145, 25), new(255, 130, 30)]));

    /// <summary>A shade of <paramref name="colour"/>.</summary>
    public Rgb Draw(Colour colour, Random random)
    {
        var range = _ranges[(int)colour];
        var (h, s, v) = Hsv.Of(random.Pick(range.Anchors));
        h = h > 330 ? h - 360 : h;
        h = Math.Clamp(h + (random.Bell(4) * _jitter), range.LowHue, range.HighHue);
        s = Math.Clamp(s * (1 + (random.Between(-0.2, 0.1) * _jitter)), 0.45, 1);
        v = Math.Clamp(v * (1 + (random.Between(-0.15, 0.12) * _jitter)), range.LowValue, 1);
        return Hsv.ToRgb(h, s, v);
    }

    /// <summary>White, black, a grey or a light tint.</summary>
    public static Rgb Background(Random random)
    {
        var kind = random.NextDouble();
        if (kind < 0.3)
        {
            return new(255, 255, 255);
        }

        if (kind < 0.42)
        {
            var black = (byte)(random.Chance(0.6) ? 0 : random.Next(1, 36));
            return new(black, black, black);
        }

        if (kind < 0.68)
        {
            var grey = (byte)random.Next(50, 246);
            return new(grey, grey, grey);
        }

        return Hsv.ToRgb(random.Between(0, 360), random.Between(0.03, 0.24), random.Between(0.88, 1));
    }
}
