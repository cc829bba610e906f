using RwkvSk.Engine.States;
using RwkvSk.TestKit;
using Xunit;

namespace RwkvSk.Engine.Tests.States;

/// <summary>The eviction beside what nobody can beat, on the agents' trace.</summary>
public sealed class EvictionTraceTests
{
    [Theory]
    [InlineData(20)]    // what 256 MiB hold of a 1.5B model's states
    [InlineData(41)]    // of a 0.4B model's
    [InlineData(1000)]
    public async Task Of_what_the_optimum_restores_on_an_agent_trace_at_least_97_in_100_are_restored(int states)
    {
        var trace = AgentTrace.Create();
        var optimum = OfflineOptimum.Bound(TraceReplay.Encode(trace), states);

        var restored = await TraceReplay.RestoredAsync(trace, states, EvictionPolicy.ReplayCost);

        TestContext.Current.TestOutputHelper?.WriteLine($"{trace.Count} requests, {states} states: {restored} of at most {optimum:F0}, {restored / optimum:P2}");
        Assert.InRange(restored / optimum, 0.97, 1);
    }

    [Theory]
    [InlineData(2)]
    [InlineData(4)]
    [InlineData(8)]
    public async Task Nobody_beats_the_bound(int states)
    {
        var trace = AgentTrace.Create(seed: 3);
        var optimum = OfflineOptimum.Bound(TraceReplay.Encode(trace), states);

        foreach (var policy in Enum.GetValues<EvictionPolicy>())
        {
            var restored = await TraceReplay.RestoredAsync(trace, states, policy);
            TestContext.Current.TestOutputHelper?.WriteLine($"{states} states, {policy}: {restored} of at most {optimum:F0}, {restored / optimum:P2}");
            Assert.InRange(restored, 1, optimum);
        }
    }
}
