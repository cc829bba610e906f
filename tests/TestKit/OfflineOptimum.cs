using RwkvSk.Engine.Scheduling;
using RwkvSk.Engine.States;

namespace RwkvSk.TestKit;

/// <summary>
/// What nobody can beat who knows all requests in advance: an upper bound of the positions that a cache of so many states can spare. A request goes on from one
/// boundary of its prompt, and that state has occupied a place since a request went past it last. How many such stays may overlap is the capacity; with a price
/// on each place and moment (Lagrange), every request chooses for itself, and the sum of what they gain and of what the places cost is a bound for any
/// prices. The prices are improved step by step, so the bound is nearly that of the linear program.
/// </summary>
internal static class OfflineOptimum
{
    private const int Steps = 3000;

    /// <summary>The bound, in positions.</summary>
    /// <param name="prompts">The requests in their order.</param>
    /// <param name="capacity">States that fit.</param>
    public static double Bound(IReadOnlyList<EncodedPrompt> prompts, int capacity)
    {
        var stays = Stays(prompts);
        var prices = new double[prompts.Count];   // of one place between request t and t + 1
        var sums = new double[prompts.Count + 1];
        var demand = new int[prompts.Count];
        var best = double.PositiveInfinity;
        for (var step = 0; step < Steps; step++)
        {
            for (var t = 0; t < prices.Length; t++)
            {
                sums[t + 1] = sums[t] + prices[t];
            }

            Array.Clear(demand);
            var value = capacity * sums[^1];
            for (var request = 0; request < stays.Count; request++)
            {
                Stay? chosen = null;
                var gain = 0.0;
                foreach (var stay in stays[request])
                {
                    var net = stay.Positions - (sums[request] - sums[stay.Since]);
                    (gain, chosen) = net > gain ? (net, stay) : (gain, chosen);
                }

                value += gain;
                for (var t = chosen?.Since ?? request; t < request; t++)
                {
                    demand[t]++;
                }
            }

            best = Math.Min(best, value);
            var excess = demand.Sum(d => (double)(d - capacity) * (d - capacity));
            if (excess == 0)
            {
                break;
            }

            var length = 0.01 * value / (excess * (1 + (step / 50.0)));
            for (var t = 0; t < prices.Length; t++)
            {
                prices[t] = Math.Max(0, prices[t] + (length * (demand[t] - capacity)));
            }
        }

        return best;
    }

    /// <summary>For each request, the boundaries it could go on from, and since when their states could have been there.</summary>
    private static List<List<Stay>> Stays(IReadOnlyList<EncodedPrompt> prompts)
    {
        var passed = new Dictionary<PrefixKey, int>();
        var all = new List<List<Stay>>();
        for (var request = 0; request < prompts.Count; request++)
        {
            var stays = new List<Stay>();
            var steps = prompts[request].Steps;
            for (var i = 0; i < steps.Length - 1; i++)   // the last step is always read: an answer needs its logits
            {
                if (passed.TryGetValue(steps[i].Boundary.Key, out var since))
                {
                    stays.Add(new Stay(since, steps[i].Boundary.Position));
                }

                passed[steps[i].Boundary.Key] = request;
            }

            all.Add(stays);
        }

        return all;
    }

    private sealed record Stay(int Since, long Positions);
}
