namespace RwkvSk.Engine.Sampling;

/// <summary>Where a descending order of weights would be cut, found by partitioning instead of sorting: expected linear time, no allocation.</summary>
internal static class LargestWeights
{
    /// <summary>The smallest weight among the largest ones that together reach <paramref name="mass"/>; of all of them when they do not reach it.</summary>
    /// <param name="weights">Reordered on return.</param>
    /// <param name="mass">Not negative; 0 gives the largest weight.</param>
    public static float CutByMass(Span<float> weights, double mass)
    {
        var least = 0f;
        while (!weights.IsEmpty)
        {
            var pivot = Partition(weights, out var above, out var equal);
            var massAbove = Sum(weights[..above]);
            if (above > 0 && massAbove >= mass)
            {
                weights = weights[..above];
                continue;
            }

            least = pivot;
            mass -= massAbove + ((double)pivot * equal);
            if (mass <= 0)
            {
                return pivot;
            }

            weights = weights[(above + equal)..];
        }

        return least;
    }

    /// <summary>The <paramref name="count"/>-th largest weight, and how many of the weights equal to it belong to the largest <paramref name="count"/>.</summary>
    /// <param name="weights">At least <paramref name="count"/>; reordered on return.</param>
    /// <param name="count">At least 1.</param>
    /// <param name="equalsKept">At least 1.</param>
    public static float CutByCount(Span<float> weights, int count, out int equalsKept)
    {
        while (true)
        {
            var pivot = Partition(weights, out var above, out var equal);
            if (count <= above)
            {
                weights = weights[..above];
            }
            else if (count <= above + equal)
            {
                equalsKept = count - above;
                return pivot;
            }
            else
            {
                count -= above + equal;
                weights = weights[(above + equal)..];
            }
        }
    }

    // Orders the weights as [larger | equal | smaller] around the median of three of them. Equal ones leave in one go: padding and ties are common.
    private static float Partition(Span<float> weights, out int above, out int equal)
    {
        var (a, b, c) = (weights[0], weights[weights.Length / 2], weights[^1]);
        var pivot = MathF.Max(MathF.Min(a, b), MathF.Min(MathF.Max(a, b), c));
        var (larger, next, smaller) = (0, 0, weights.Length);
        while (next < smaller)
        {
            var weight = weights[next];
            if (weight > pivot)
            {
                (weights[larger], weights[next]) = (weight, weights[larger]);
                larger++;
                next++;
            }
            else if (weight < pivot)
            {
                smaller--;
                (weights[smaller], weights[next]) = (weight, weights[smaller]);
            }
            else
            {
                next++;
            }
        }

        above = larger;
        equal = smaller - larger;
        return pivot;
    }

    private static double Sum(ReadOnlySpan<float> weights)
    {
        var sum = 0.0;
        foreach (var weight in weights)
        {
            sum += weight;
        }

        return sum;
    }
}
