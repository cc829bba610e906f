using System.CommandLine;
using RwkvSk.Benchmarks.Harness;
using RwkvSk.Engine.States;
using RwkvSk.TestKit;

namespace RwkvSk.Benchmarks.Suites;

/// <summary>Which positions of two agents' afternoon each eviction spares, beside what nobody can beat who knew all requests in advance.</summary>
internal static class TraceSuite
{
    public static Suite Create() => new(new Command("trace", "Evictions beside the offline optimum, on the agents' trace."), static (_, _, report) => Run(report));

    private static void Run(Report report)
    {
        var trace = AgentTrace.Create();
        var encoded = TraceReplay.Encode(trace);
        var values = new List<Value> { new("requests", trace.Count, ""), new("positions asked for", encoded.Sum(static prompt => prompt.Positions), "") };
        foreach (var states in new[] { 2, 4, 8, 12, 20, 41, 1000 })
        {
            var optimum = OfflineOptimum.Bound(encoded, states);
            values.Add(new($"room for {states} states: the optimum spares at most", optimum, "positions"));
            foreach (var policy in Enum.GetValues<EvictionPolicy>())
            {
                values.Add(new($"room for {states} states: {policy}", 100 * TraceReplay.RestoredAsync(trace, states, policy).GetAwaiter().GetResult() / optimum, "% of it"));
            }
        }

        report.Add("evictions on the agents' trace", values);
    }
}
