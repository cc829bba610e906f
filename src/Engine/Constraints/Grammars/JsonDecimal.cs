using System.Globalization;
using System.Numerics;
using System.Text.Json;

namespace RwkvSk.Engine.Constraints.Grammars;

/// <summary>A decimal number without rounding: <paramref name="Unscaled"/> / 10^<paramref name="Scale"/>, with the smallest scale that holds it.</summary>
internal readonly record struct JsonDecimal(BigInteger Unscaled, int Scale) : IComparable<JsonDecimal>
{
    private const int MaximumExponent = 400;

    public static JsonDecimal Zero => new(BigInteger.Zero, 0);

    public JsonDecimal Negated => new(-Unscaled, Scale);

    /// <summary>10^<paramref name="exponent"/>.</summary>
    public static JsonDecimal PowerOfTen(int exponent) => new(BigInteger.Pow(10, exponent), 0);

    /// <summary>Reads a JSON number; false where its exponent is beyond any use as a bound.</summary>
    public static bool TryParse(JsonElement number, out JsonDecimal value)
    {
        var text = number.GetRawText();
        var e = text.AsSpan().IndexOfAny('e', 'E');
        var exponent = 0;
        value = default;
        if (e >= 0 && (!int.TryParse(text.AsSpan(e + 1), NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out exponent)
            || Math.Abs(exponent) > MaximumExponent))
        {
            return false;
        }

        var mantissa = e >= 0 ? text[..e] : text;
        var point = mantissa.IndexOf('.', StringComparison.Ordinal);
        var scale = (point < 0 ? 0 : mantissa.Length - point - 1) - exponent;
        value = Of(BigInteger.Parse(mantissa.Replace(".", "", StringComparison.Ordinal), CultureInfo.InvariantCulture), scale);
        return true;
    }

    /// <summary>This times 10^<paramref name="digits"/>; a whole number where <paramref name="digits"/> is at least <see cref="Scale"/>.</summary>
    public BigInteger AtScale(int digits) => Unscaled * BigInteger.Pow(10, digits - Scale);

    public int CompareTo(JsonDecimal other)
    {
        var digits = Math.Max(Scale, other.Scale);
        return AtScale(digits).CompareTo(other.AtScale(digits));
    }

    /// <summary>How many digits stand before the point.</summary>
    public int WholeMagnitudeDigits() => (Unscaled.Sign < 0 ? Negated : this).WholeDigits().Length;

    /// <summary>The digits before the point, of a number that is not negative.</summary>
    public string WholeDigits() => (Unscaled / BigInteger.Pow(10, Scale)).ToString(CultureInfo.InvariantCulture);

    /// <summary>The digits after the point, of a number that is not negative.</summary>
    public string FractionDigits() => Scale == 0
        ? ""
        : (Unscaled % BigInteger.Pow(10, Scale)).ToString(CultureInfo.InvariantCulture).PadLeft(Scale, '0');

    /// <summary>As JSON writes it, without an exponent.</summary>
    public override string ToString()
    {
        var magnitude = Unscaled.Sign < 0 ? Negated : this;
        var sign = Unscaled.Sign < 0 ? "-" : "";
        return Scale == 0 ? $"{sign}{magnitude.WholeDigits()}" : $"{sign}{magnitude.WholeDigits()}.{magnitude.FractionDigits()}";
    }

    /// <summary><paramref name="unscaled"/> / 10^<paramref name="scale"/> in its smallest form.</summary>
    public static JsonDecimal Of(BigInteger unscaled, int scale)
    {
        if (scale < 0)
        {
            return new(unscaled * BigInteger.Pow(10, -scale), 0);
        }

        while (scale > 0 && unscaled % 10 == 0)
        {
            (unscaled, scale) = (unscaled / 10, scale - 1);
        }

        return new(unscaled, scale);
    }
}
