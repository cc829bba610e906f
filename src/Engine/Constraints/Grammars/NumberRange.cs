namespace RwkvSk.Engine.Constraints.Grammars;

/// <summary>One end of a range; <paramref name="Exclusive"/> where the value itself is outside.</summary>
internal readonly record struct NumberBound(JsonDecimal Value, bool Exclusive)
{
    /// <summary>The same bound seen from the other side of zero. A method, so that printing the record does not print it.</summary>
    public NumberBound Negate() => new(Value.Negated, Exclusive);
}

/// <summary>Which numbers are meant.</summary>
/// <param name="Lower">null: no lower bound is given.</param>
/// <param name="Upper">null: no upper bound is given.</param>
/// <param name="Multiple">A positive number that every value is a whole multiple of; null: any.</param>
/// <param name="WholeOnly">Only integers.</param>
internal sealed record NumberRange(NumberBound? Lower, NumberBound? Upper, JsonDecimal? Multiple, bool WholeOnly)
{
    /// <summary>Nothing but being a number is asked.</summary>
    public bool IsFree => Lower is null && Upper is null && Multiple is null && !WholeOnly;

    /// <summary>Whether <paramref name="value"/> is one of them.</summary>
    public bool Contains(JsonDecimal value)
    {
        if ((WholeOnly && value.Scale > 0)
            || (Lower is { } lower && value.CompareTo(lower.Value) is var above && (above < 0 || (above == 0 && lower.Exclusive)))
            || (Upper is { } upper && value.CompareTo(upper.Value) is var below && (below > 0 || (below == 0 && upper.Exclusive))))
        {
            return false;
        }

        var scale = Math.Max(value.Scale, Multiple?.Scale ?? 0);
        return Multiple is not { } multiple || value.AtScale(scale) % multiple.AtScale(scale) == 0;
    }

    /// <summary>This with a lower bound that is at least as tight as both.</summary>
    public NumberRange WithLower(NumberBound bound)
    {
        var order = Lower is { } known ? bound.Value.CompareTo(known.Value) : 1;
        return order > 0 || (order == 0 && bound.Exclusive) ? this with { Lower = bound } : this;
    }

    /// <summary>This with an upper bound that is at least as tight as both.</summary>
    public NumberRange WithUpper(NumberBound bound)
    {
        var order = Upper is { } known ? bound.Value.CompareTo(known.Value) : -1;
        return order < 0 || (order == 0 && bound.Exclusive) ? this with { Upper = bound } : this;
    }
}
