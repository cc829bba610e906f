using System.Diagnostics;
using RwkvSk.Engine;
using RwkvSk.Engine.Prompts;
using RwkvSk.Engine.Sampling;

namespace RwkvSk.TestKit;

/// <summary>What a soak saw.</summary>
/// <param name="Tokens">Tokens generated.</param>
/// <param name="Answers">Answers that ran to their end.</param>
/// <param name="Cancelled">Answers that were given up on the way.</param>
/// <param name="Different">Answers that were not what the same request gives alone; must be 0.</param>
/// <param name="ResidentBytes">Resident memory over the run, evenly spaced.</param>
internal sealed record SoakResult(long Tokens, int Answers, int Cancelled, int Different, IReadOnlyList<long> ResidentBytes)
{
    /// <summary>Mean of the last quarter of the run over that of the first, less 1.</summary>
    public double Growth
    {
        get
        {
            var quarter = ResidentBytes.Count / 4;
            return quarter == 0 ? 0 : (ResidentBytes.Skip(3 * quarter).Average() / ResidentBytes.Take(quarter).Average()) - 1;
        }
    }
}

/// <summary>
/// Many conversations through one engine at once, some given up half way, and every answer compared with what the same request gives when it is alone. What is asked, how it is sampled and
/// where it is given up is seeded; how the conversations interleave is not, and must not matter.
/// </summary>
internal sealed class Soak(RwkvEngine engine, int conversations, int seed)
{
    private const int Questions = 48, MostTokens = 48, Samples = 64;

    private readonly List<long> _resident = [];
    private long _tokens;
    private int _answers, _cancelled, _different;

    /// <summary>Runs until so many tokens are generated.</summary>
    public async Task<SoakResult> RunAsync(long tokens, CancellationToken cancellationToken = default)
    {
        var alone = new int[Questions][];
        for (var i = 0; i < Questions; i++)
        {
            alone[i] = await AnswerAsync(i, int.MaxValue, cancellationToken);
        }

        await Task.WhenAll(Enumerable.Range(0, conversations).Select(i => Task.Run(() => ConverseAsync(new Random(seed + i), alone, tokens, cancellationToken), cancellationToken)));
        return new SoakResult(_tokens, _answers, _cancelled, _different, _resident);
    }

    private async Task ConverseAsync(Random random, int[][] alone, long tokens, CancellationToken cancellationToken)
    {
        while (Interlocked.Read(ref _tokens) < tokens)
        {
            var question = random.Next(Questions);
            var isGivenUp = random.Next(3) == 0;
            var most = isGivenUp ? random.Next(MostTokens / 2) : int.MaxValue;
            var answer = await AnswerAsync(question, most, cancellationToken);
            var expected = alone[question];
            Interlocked.Increment(ref isGivenUp ? ref _cancelled : ref _answers);
            if (!answer.AsSpan().SequenceEqual(expected.AsSpan(0, Math.Min(answer.Length, expected.Length))) || (!isGivenUp && answer.Length != expected.Length))
            {
                Interlocked.Increment(ref _different);
            }

            Count(answer.Length, tokens);
        }
    }

    private async Task<int[]> AnswerAsync(int question, int most, CancellationToken cancellationToken)
    {
        var ids = new List<int>();
        if (most == 0)
        {
            // Given up before anything comes back: the request is in the queue or just being read.
            using var hasty = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
            var waiting = engine.GenerateAsync(Ask(question), Options(question), hasty.Token).GetAsyncEnumerator(hasty.Token);
            var first = waiting.MoveNextAsync();
            await hasty.CancelAsync();
            try
            {
                await first;
            }
            catch (OperationCanceledException)
            {
                cancellationToken.ThrowIfCancellationRequested();
            }

            await waiting.DisposeAsync();
            return [];
        }

        await foreach (var token in engine.GenerateAsync(Ask(question), Options(question), cancellationToken))
        {
            ids.Add(token.Id);
            if (ids.Count == most)
            {
                break;
            }
        }

        return [.. ids];
    }

    // Several lengths, several beginnings in common.
    private static Prompt Ask(int question) => new(
        new Turn($"System: {new string((char)('a' + (question % 3)), 20 * (question % 3))}.\n\n"), new Turn($"User: question {question}{new string('?', question)}\n\n"), new Turn("Assistant:"));

    private static GenerationOptions Options(int question) => new()
    {
        MaximumTokens = 8 + (question * 7 % (MostTokens - 8)),
        Sampling = question % 2 == 0 ? SamplingOptions.Greedy : new SamplingOptions { Temperature = 1, TopP = 0.9f, Seed = question },
        CacheScope = question % 5 == 0 ? "another" : null,
    };

    private void Count(int generated, long tokens)
    {
        var total = Interlocked.Add(ref _tokens, generated);
        lock (_resident)
        {
            if (_resident.Count < Samples && total >= tokens * _resident.Count / Samples)
            {
                using var process = Process.GetCurrentProcess();
                _resident.Add(process.WorkingSet64);
            }
        }
    }
}
