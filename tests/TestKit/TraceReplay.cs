using RwkvSk.Engine;
using RwkvSk.Engine.Prompts;
using RwkvSk.Engine.Sampling;
using RwkvSk.Engine.Scheduling;
using RwkvSk.Engine.States;

namespace RwkvSk.TestKit;

/// <summary>Plays recorded requests through a real engine over a model that costs nothing.</summary>
internal static class TraceReplay
{
    /// <summary>Positions per prefill step.</summary>
    public const int ChunkLength = 256;

    /// <summary>The requests as the engine cuts them.</summary>
    public static IReadOnlyList<EncodedPrompt> Encode(IReadOnlyList<Prompt> trace)
    {
        using var runner = new FakeModelRunner();
        var encoder = new PromptEncoder(runner, ByteTokenizer.Instance, "fake", ChunkLength);
        return [.. trace.Select(prompt => encoder.Encode(prompt))];
    }

    /// <summary>Positions that a memory of so many states spares, one request after the other.</summary>
    public static async Task<long> RestoredAsync(IReadOnlyList<Prompt> trace, int states, EvictionPolicy policy)
    {
        var runner = new FakeModelRunner { IsRecording = false };
        var bytes = states * (runner.Layout.Bytes + PrefixCache.EntryOverhead);
        await using var engine = TestEngine.Over(runner, new EngineOptions { ChunkLength = ChunkLength, PrefixCacheBytes = bytes, Eviction = policy });
        long restored = 0;
        foreach (var prompt in trace)
        {
            await foreach (var token in engine.GenerateAsync(prompt, new GenerationOptions { Sampling = SamplingOptions.Greedy, MaximumTokens = 1 }))
            {
                restored += token.Usage?.ReusedPositions ?? 0;
            }
        }

        return restored;
    }
}
