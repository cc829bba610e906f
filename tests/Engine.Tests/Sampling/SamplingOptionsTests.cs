using RwkvSk.Engine.Sampling;
using Xunit;

namespace RwkvSk.Engine.Tests.Sampling;

public class SamplingOptionsTests
{
    [Fact]
    public void Defaults_are_the_documented_ones()
    {
        var options = new SamplingOptions();

        Assert.Equal((1f, 0.5f, 0), (options.Temperature, options.TopP, options.TopK));
        Assert.Equal((0f, 0f, 0.996f), (options.PresencePenalty, options.FrequencyPenalty, options.PenaltyDecay));
        Assert.Null(options.Seed);
        Assert.Equal(0, SamplingOptions.Greedy.Temperature);
    }
}
