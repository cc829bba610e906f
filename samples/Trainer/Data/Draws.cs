namespace RwkvSk.Trainer.Data;

/// <summary>The draws that the generators make from their one random source.</summary>
internal static class Draws
{
    public static T Pick<T>(this Random random, IReadOnlyList<T> choices) => choices[random.Next(choices.Count)];

    public static bool Chance(this Random random, double probability) => random.NextDouble() < probability;

    public static double Between(this Random random, double low, double high) => low + (random.NextDouble() * (high - low));

    /// <summary>Between two bounds, evenly on a logarithmic scale: as many below the geometric mean as above it.</summary>
    public static double LogBetween(this Random random, double low, double high) =>
        Math.Exp(random.Between(Math.Log(low), Math.Log(high)));

    /// <summary>A bell curve around zero, by the sum of four even draws; never beyond about 3.5 deviations.</summary>
    public static double Bell(this Random random, double deviation) =>
        (random.NextDouble() + random.NextDouble() + random.NextDouble() + random.NextDouble() - 2) * deviation * 1.7320508;

    public static List<T> Shuffled<T>(this Random random, IEnumerable<T> items)
    {
        var list = items.ToArray();
        random.Shuffle(list);
        return [.. list];
    }

    /// <summary>One of several choices, each as likely as its weight.</summary>
    public static T Weighted<T>(this Random random, IReadOnlyList<(double Weight, T Choice)> choices)
    {
        var point = random.NextDouble() * choices.Sum(c => c.Weight);
        foreach (var (weight, choice) in choices)
        {
            point -= weight;
            if (point < 0)
            {
                return choice;
            }
        }

        return choices[^1].Choice;
    }
}
