using RwkvSk.Engine.Kernels.Cuda.Parameters;
using RwkvSk.Engine.Sampling;
using RwkvSk.TestKit;
using Xunit;

namespace RwkvSk.Engine.Tests.Kernels.Cuda;

/// <summary>Tokens chosen on the device against the sampler's choices.</summary>
public unsafe class ChoiceKernelTests
{
    private const int Size = 1000;

    public static TheoryData<float, float, int> Ways => new()
    {
        { 0, 0.5f, 0 }, { 1, 0.5f, 0 }, { 1, 1, 0 }, { 0.7f, 0.9f, 5 }, { 2.5f, 1, 40 }, { 1.3f, 0, 0 }, { 1, 0.999f, 1 }, { 0.2f, 1, 0 }, { 5, 0.6f, 300 },
    };

    [Theory, MemberData(nameof(Ways))]
    public void They_are_those_of_the_sampler_with_the_same_seed(float temperature, float topP, int topK)
    {
        const int Rows = 6, Steps = 8;
        using var bench = new KernelBench(topK + 1);
        var logits = Logits(bench, Rows);
        var choices = Enumerable.Range(0, Rows).Select(i => new Choice { Temperature = temperature, TopP = topP, TopK = topK, Seed = (ulong)(77 + i) }).ToArray();
        var found = Run(bench, logits, choices, Steps, out _);
        for (var row = 0; row < Rows; row++)
        {
            var sampler = new Sampler(
                new SamplingOptions { Temperature = temperature, TopP = topP, TopK = topK, Seed = 77 + row },
                new SamplingVocabulary(ByteTokenizer.Instance, Size, [.. Enumerable.Range(0, Size)]));
            for (var step = 0; step < Steps; step++)
            {
                Assert.Equal(sampler.Sample(logits.AsSpan(row * Size, Size).ToArray()), found[(step * Rows) + row]);
            }
        }
    }

    /// <summary>Roundings may part the two; whole classes of tokens that one of them does not know, or a number drawn too often, would part them much more often.</summary>
    [Fact]
    public void Of_thousands_of_draws_hardly_one_is_another_than_the_samplers()
    {
        const int Rows = 20, Steps = 200;
        using var bench = new KernelBench(9);
        var logits = Logits(bench, Rows);
        var options = Enumerable.Range(0, Rows).Select(static i => new SamplingOptions { Temperature = 0.5f + (i * 0.1f), TopP = 1 - (i % 4 * 0.15f), TopK = i % 3 * 40, Seed = -i }).ToArray();
        var vocabulary = new SamplingVocabulary(ByteTokenizer.Instance, Size, [.. Enumerable.Range(0, Size)]);
        var samplers = options.Select(way => new Sampler(way, vocabulary)).ToArray();
        var choices = options.Select(static way => new Choice { Temperature = way.Temperature, TopP = way.TopP, TopK = way.TopK, Seed = (ulong)way.Seed! }).ToArray();
        var found = Run(bench, logits, choices, Steps, out _);
        var others = Enumerable.Range(0, Steps * Rows).Count(i => samplers[i % Rows].Sample(logits.AsSpan(i % Rows * Size, Size).ToArray()) != found[i]);
        TestContext.Current.TestOutputHelper?.WriteLine($"{others} of {Steps * Rows} draws are others than the sampler's");
        Assert.InRange(others, 0, 4);
    }

    [Fact]
    public void The_first_of_equal_logits_is_the_greedy_choice_and_all_ties_are_drawn_from()
    {
        using var bench = new KernelBench();
        var logits = Enumerable.Repeat(-3f, 2 * Size).ToArray();
        foreach (var token in new[] { 998, 513, 257, 300 })
        {
            (logits[token], logits[Size + token]) = (2, 2);
        }

        var found = Run(bench, logits, [new Choice { TopP = 1 }, new Choice { Temperature = 1, TopP = 0.1f, Seed = 3 }], 40, out _);
        Assert.All(Enumerable.Range(0, 40), step => Assert.Equal(257, found[2 * step]));
        Assert.Equal([257, 300, 513, 998], Enumerable.Range(0, 40).Select(step => found[(2 * step) + 1]).Distinct().Order());
    }

    [Fact]
    public void What_is_forbidden_is_not_chosen()
    {
        using var bench = new KernelBench();
        var logits = Logits(bench, 1);
        var best = Array.IndexOf(logits, logits.Max());
        var forbidden = new uint[(Size + 31) / 32];
        forbidden[best / 32] |= 1u << (best % 32);
        var expected = logits.ToArray();
        expected[best] = float.NegativeInfinity;
        Assert.Equal(Array.IndexOf(expected, expected.Max()), Run(bench, logits, [new Choice { TopP = 1 }], 1, out _, forbidden)[0]);
        Assert.All(Run(bench, logits, [new Choice { Temperature = 3, TopP = 1, Seed = 1 }], 60, out _, forbidden), token => Assert.NotEqual(best, token));
    }

    [Fact]
    public void Rows_without_a_choice_say_so_and_read_a_token_that_there_is()
    {
        using var bench = new KernelBench();
        var logits = Enumerable.Repeat(1f, 4 * Size).ToArray();
        logits[700] = float.NaN;
        logits.AsSpan(Size, Size).Fill(float.NegativeInfinity);
        (logits[(2 * Size) + 44], logits[(2 * Size) + 43]) = (float.PositiveInfinity, float.PositiveInfinity);
        var found = Run(bench, logits, Enumerable.Repeat(new Choice { Temperature = 1, TopP = 0.5f }, 4).ToArray(), 1, out var read);
        Assert.Equal([-1, -1, 43], found[..3]);
        Assert.InRange(found[3], 0, Size - 1);
        Assert.Equal([0, 0, 43, found[3]], read);
    }

    private static float[] Logits(KernelBench bench, int rows)
    {
        var logits = bench.Draw(rows * Size, -8, 8);
        for (var i = 0; i < logits.Length; i += 3)
        {
            logits[i] = MathF.Round(logits[i]);   // many ties
        }

        return logits;
    }

    private static int[] Run(KernelBench bench, float[] logits, Choice[] choices, int steps, out int[] read, uint[]? forbidden = null)
    {
        var rows = choices.Length;
        var (tokens, history) = (bench.Put(new int[rows]), bench.Put(new int[steps * rows]));
        var parameters = new Choose
        {
            Logits = bench.Put(logits).Pointer, Forbidden = forbidden is null ? 0 : bench.Put(forbidden).Pointer, Rows = bench.Put(choices).Pointer,
            Tokens = tokens.Pointer, History = history.Pointer, Size = Size,
        };
        for (var step = 0; step < steps; step++)
        {
            bench.Kernels.Choose(parameters, rows);
        }

        var (found, last) = (new int[steps * rows], new int[rows]);
        history.Buffer.Read<int>(found, history.Offset);
        tokens.Buffer.Read<int>(last, tokens.Offset);
        Assert.Empty(bench.Driver.Damage);
        read = last;
        return found;
    }
}
