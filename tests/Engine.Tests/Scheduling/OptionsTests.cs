using RwkvSk.Engine.Prompts;
using RwkvSk.Engine.Sampling;
using RwkvSk.TestKit;
using Xunit;

namespace RwkvSk.Engine.Tests.Scheduling;

/// <summary>What makes no sense is refused where it is handed over, before anything is queued.</summary>
public sealed class OptionsTests
{
    public static TheoryData<string, GenerationOptions> Refused => new()
    {
        { "MaximumTokens", new GenerationOptions { MaximumTokens = 0 } },
        { "stop sequence", new GenerationOptions { StopSequences = ["\n\n", ""] } },
        { "temperature", new GenerationOptions { Sampling = new SamplingOptions { Temperature = -1 } } },
        { "top", new GenerationOptions { Sampling = new SamplingOptions { TopP = 2 } } },
    };

    [Theory, MemberData(nameof(Refused))]
    public void A_generation_option_without_sense_is_refused_by_name(string name, GenerationOptions options)
    {
        using var engine = TestEngine.Over(new FakeModelRunner());

        var error = Assert.ThrowsAny<ArgumentException>(() => engine.GenerateAsync(new Prompt("a"), options, TestContext.Current.CancellationToken));

        Assert.Contains(name, error.Message, StringComparison.OrdinalIgnoreCase);
    }

    [Fact]
    public void An_engine_option_without_sense_is_refused_by_name()
    {
        foreach (var (name, options) in new (string, EngineOptions)[]
        {
            ("MaxRunning", new() { MaxRunning = 0 }),
            ("MaxWaiting", new() { MaxWaiting = -1 }),
            ("MaxWait", new() { MaxWait = TimeSpan.Zero }),
            ("ChunkLength", new() { ChunkLength = 0 }),
            ("PrefixCacheBytes", new() { PrefixCacheBytes = -1 }),
            ("ImageCacheBytes", new() { ImageCacheBytes = -1 }),
        })
        {
            Assert.Equal(name, Assert.Throws<ArgumentOutOfRangeException>(() => TestEngine.Over(new FakeModelRunner(), options)).ParamName);
        }
    }

    [Fact]
    public void A_model_without_a_vocabulary_says_so()
    {
        var runner = new FakeModelRunner();
        using var engine = new RwkvEngine(runner, null, TestEngine.Describe(runner), new EngineOptions());

        Assert.Contains("without a vocabulary", Assert.Throws<NotSupportedException>(() => engine.CountTokens("a")).Message, StringComparison.Ordinal);
        Assert.Throws<NotSupportedException>(() => engine.GenerateAsync(new Prompt("a"), null, TestContext.Current.CancellationToken));
    }

    [Fact]
    public void Tokens_are_counted()
    {
        using var engine = TestEngine.Over(new FakeModelRunner());

        Assert.Equal(7, engine.CountTokens("Grüße"));
        Assert.Equal(0, engine.CountTokens(""));
    }
}
