namespace RwkvSk.Trainer.Data;

/// <summary>Hue (degrees), saturation and value (0..1) of an 8-bit colour, and back.</summary>
internal static class Hsv
{
    public static (double H, double S, double V) Of(Rgb colour)
    {
        double r = colour.R / 255.0, g = colour.G / 255.0, b = colour.B / 255.0;
        var max = Math.Max(r, Math.Max(g, b));
        var delta = max - Math.Min(r, Math.Min(g, b));
        var hue = delta == 0 ? 0
            : max == r ? 60 * (((g - b) / delta) + 6)
            : max == g ? 60 * (((b - r) / delta) + 2)
            : 60 * (((r - g) / delta) + 4);
        return (hue % 360, max == 0 ? 0 : delta / max, max);
    }

    public static Rgb ToRgb(double h, double s, double v)
    {
        return new(Channel(5), Channel(3), Channel(1));

        byte Channel(int offset)
        {
            var k = ((offset + (h / 60)) % 6 + 6) % 6;
            return (byte)Math.Round(255 * (v - (v * s * Math.Clamp(Math.Min(k, 4 - k), 0, 1))));
        }
    }
}
