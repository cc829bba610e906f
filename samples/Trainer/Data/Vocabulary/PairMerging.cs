namespace RwkvSk.Trainer.Data;

/// <summary>Finds frequent letter groups by merging the most frequent pair of neighbours again and again.</summary>
internal sealed class PairMerging
{
    private readonly List<(List<string> Parts, double Weight)> _words;

    /// <param name="words">Words with their counts. Counts are damped, so that many rare words outweigh one frequent one.</param>
    public PairMerging(IEnumerable<KeyValuePair<string, int>> words) =>
        _words = [.. words.OrderBy(w => w.Key, StringComparer.Ordinal).Select(w => (w.Key.Select(c => c.ToString()).ToList(), Math.Sqrt(w.Value)))];

    /// <summary>The merged groups, most useful first; ends when no pair is left.</summary>
    public IEnumerable<string> Groups()
    {
        while (MostFrequentPair() is { } pair)
        {
            foreach (var (parts, _) in _words)
            {
                Merge(parts, pair);
            }

            yield return pair.Left + pair.Right;
        }
    }

    private (string Left, string Right)? MostFrequentPair()
    {
        var pairs = new Dictionary<(string, string), double>();
        foreach (var (parts, weight) in _words)
        {
            for (var i = 1; i < parts.Count; i++)
            {
                var pair = (parts[i - 1], parts[i]);
                pairs[pair] = pairs.GetValueOrDefault(pair) + weight;
            }
        }

        return pairs.Count == 0 ? null
            : pairs.OrderByDescending(p => p.Value).ThenBy(p => p.Key.Item1 + p.Key.Item2, StringComparer.Ordinal).First().Key;
    }

    private static void Merge(List<string> parts, (string Left, string Right) pair)
    {
        for (var i = parts.Count - 1; i > 0; i--)
        {
            if (parts[i - 1] == pair.Left && parts[i] == pair.Right)
            {
                parts[i - 1] += parts[i];
                parts.RemoveAt(i);
            }
        }
    }
}
