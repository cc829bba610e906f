using System.Text;
using RwkvSk.Engine.Prompts;
using RwkvSk.Engine.Sampling;

namespace RwkvSk.Engine.Tests.Scheduling;

/// <summary>Shorthands for running whole answers.</summary>
internal static class Streams
{
    public static GenerationOptions Greedy(int tokens = 12, params string[] stops) =>
        new() { Sampling = SamplingOptions.Greedy, MaximumTokens = tokens, StopSequences = stops };

    public static GenerationOptions Seeded(long seed, int tokens = 12) =>
        new() { Sampling = new SamplingOptions { Seed = seed, TopP = 1 }, MaximumTokens = tokens };

    public static Prompt Turns(params string[] texts) => new([.. texts.Select(static text => new Turn(text))]);

    public static async Task<Result> RunAsync(this RwkvEngine engine, Prompt prompt, GenerationOptions? options = null, CancellationToken cancellationToken = default) =>
        await CollectAsync(engine.GenerateAsync(prompt, options ?? Greedy(), cancellationToken));

    public static async Task<Result> CollectAsync(IAsyncEnumerable<GeneratedToken> stream)
    {
        var text = new StringBuilder();
        var ids = new List<int>();
        var last = default(GeneratedToken);
        await foreach (var token in stream)
        {
            Xunit.Assert.Null(last?.FinishReason);
            text.Append(token.Text);
            ids.Add(token.Id);
            last = token;
        }

        Xunit.Assert.NotNull(last?.FinishReason);
        Xunit.Assert.NotNull(last.Usage);
        return new Result(text.ToString(), ids, last.FinishReason.Value, last.Usage);
    }

    internal sealed record Result(string Text, List<int> Ids, FinishReason Reason, GenerationUsage Usage);
}
