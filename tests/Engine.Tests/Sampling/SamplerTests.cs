using System.Text.Json;
using RwkvSk.Engine.Sampling;
using RwkvSk.TestKit;
using Xunit;

namespace RwkvSk.Engine.Tests.Sampling;

public class SamplerTests
{
    private static readonly JsonElement Facts = JsonDocument.Parse(File.ReadAllText(Golden.File("sampling", "sampling.json"))).RootElement;
    private static readonly GoldenTensors Tensors = GoldenTensors.Read(Golden.File("sampling", "sampling.expected.safetensors"));

    public static TheoryData<int> Cases { get; } =
        [.. Facts.GetProperty("cases").EnumerateArray().Where(test => !test.GetProperty("fragile").GetBoolean()).Select(test => test.GetProperty("i").GetInt32())];

    [Theory]
    [MemberData(nameof(Cases))]
    public void Probabilities_equal_the_reference(int number)
    {
        var test = Facts.GetProperty("cases")[number];
        var logits = Tensors.Floats("logits." + test.GetProperty("logits").GetString());
        var expected = Tensors.Floats($"pip.{number}");
        var options = new SamplingOptions
        {
            Temperature = test.GetProperty("temperature").GetSingle(),
            TopP = test.GetProperty("top_p").GetSingle(),
            TopK = test.GetProperty("top_k").GetInt32(),
        };
        if (options.Temperature == 0)
        {
            // The reference draws among equal maxima; here temperature 0 promises the first of them.
            var first = Array.FindIndex(expected, probability => probability > 0);
            expected = [.. expected.Select((_, i) => i == first ? 1f : 0f)];
        }

        new Sampler(options, Words(logits.Length)).ToProbabilities(logits);

        Tolerance.AssertClose(expected, logits, $"case {number}", Tolerance.Probabilities);
    }

    [Fact]
    public void Most_golden_cases_are_checked() => Assert.True(Cases.Count > 55);

    [Fact]
    public void Draws_follow_the_probabilities()
    {
        var logits = Tensors.Floats("logits.normal");
        var options = new SamplingOptions { Temperature = 1.5f, TopP = 0.7f, Seed = 42 };
        var probabilities = (float[])logits.Clone();
        new Sampler(options, Words(logits.Length)).ToProbabilities(probabilities);
        var counts = new int[logits.Length];
        var sampler = new Sampler(options, Words(logits.Length));
        const int Draws = 20_000;

        for (var i = 0; i < Draws; i++)
        {
            counts[sampler.Sample((float[])logits.Clone())]++;
        }

        for (var id = 0; id < counts.Length; id++)
        {
            var expected = Draws * (double)probabilities[id];
            Assert.InRange(counts[id], expected - (5 * Math.Sqrt(expected)), expected + (5 * Math.Sqrt(expected)));
        }
    }

    [Fact]
    public void Equal_seeds_give_equal_answers_and_other_seeds_others()
    {
        var random = new Random(1);
        float[][] rows = [.. Enumerable.Range(0, 50).Select(_ => Random(random, 300))];

        Assert.Equal(Run(7), Run(7));
        Assert.NotEqual(Run(7), Run(8));
        Assert.NotEqual(Run(null), Run(null));

        int[] Run(long? seed)
        {
            var sampler = new Sampler(new SamplingOptions { TopP = 1, Seed = seed }, Words(300));
            return [.. rows.Select(row => sampler.Sample((float[])row.Clone()))];
        }
    }

    [Theory]
    [InlineData(0f, 0.5f, 0)]
    [InlineData(1f, 0.5f, 1)]
    public void Greedy_takes_the_first_of_the_largest(float temperature, float topP, int topK)
    {
        var logits = new float[100];
        (logits[17], logits[40], logits[99]) = (3, 3, 3);

        var sampler = new Sampler(new SamplingOptions { Temperature = temperature, TopP = topP, TopK = topK }, Words(100));

        Assert.Equal(17, sampler.Sample(logits));
    }

    [Fact]
    public void Ids_without_bytes_and_ids_past_the_vocabulary_are_never_sampled()
    {
        // 0 has no bytes but ends the text; 3 has none at all; 6 and 7 only pad the model's embedding.
        var vocabulary = new SamplingVocabulary(new TableTokenizer(6, id => id is 0 or 3 ? [] : [(byte)('a' + id)]), 8, ends: 0);
        Assert.Equal([3, 6, 7], vocabulary.Forbidden.ToArray());
        var sampler = new Sampler(new SamplingOptions { TopP = 1, Seed = 3 }, vocabulary);
        var seen = new HashSet<int>();

        for (var i = 0; i < 300; i++)
        {
            seen.Add(sampler.Sample([0, 0, 0, 9, 0, 0, 9, 9]));
        }

        Assert.Equal([0, 1, 2, 4, 5], seen.Order());
        Assert.Equal(1, new Sampler(SamplingOptions.Greedy, vocabulary).Sample([0, 1, 0, 9, 0, 0, 9, 9]));
    }

    [Fact]
    public void A_tokenizer_with_more_ids_than_the_model_is_refused()
    {
        var error = Assert.Throws<ModelFormatException>(() => new SamplingVocabulary(TableTokenizer.OfWords(11), 10));

        Assert.Contains("10", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Rows_that_cannot_be_sampled_are_refused_with_a_reason()
    {
        var sampler = new Sampler(new SamplingOptions(), Words(20));

        Assert.Contains("negative infinity", Assert.Throws<InvalidOperationException>(() => sampler.Sample(Filled(float.NegativeInfinity))).Message, StringComparison.Ordinal);
        var broken = Filled(1);
        broken[13] = float.NaN;
        Assert.Contains("not a number", Assert.Throws<InvalidOperationException>(() => sampler.Sample(broken)).Message, StringComparison.Ordinal);
        Assert.Throws<ArgumentException>(() => sampler.Sample(new float[19]));

        float[] Filled(float value)
        {
            var row = new float[20];
            Array.Fill(row, value);
            return row;
        }
    }

    [Fact]
    public void A_forbidden_logit_is_never_drawn()
    {
        var random = new Random(5);
        var sampler = new Sampler(new SamplingOptions { TopP = 1, Temperature = 2, Seed = 1 }, Words(40));
        for (var i = 0; i < 500; i++)
        {
            var row = Random(random, 40);
            for (var id = 0; id < 40; id += 2)
            {
                row[id] = float.NegativeInfinity;
            }

            Assert.Equal(1, sampler.Sample(row) % 2);
        }
    }

    [Fact]
    public void The_cut_equals_the_one_of_a_full_sort()
    {
        var random = new Random(6);
        for (var round = 0; round < 400; round++)
        {
            var size = random.Next(1, 700);

            // On a grid: logits are either equal or far enough apart to keep their order as fp32 probabilities. The coarse grid is full of ties.
            var steps = round % 3 == 0 ? 1 : 100;
            var row = Array.ConvertAll(Random(random, size), value => MathF.Round(value * steps) / steps);

            var options = new SamplingOptions { TopP = round % 5 == 0 ? 1 : random.NextSingle(), TopK = random.Next(3) == 0 ? random.Next(size + 2) : 0 };
            var expected = Sorted(row, options);

            new Sampler(options, Words(size)).ToProbabilities(row);

            Tolerance.AssertClose(expected, row, $"top-p {options.TopP}, top-k {options.TopK}, V {size}", Tolerance.Probabilities);
        }
    }

    [Fact]
    public void Equal_logits_have_equal_probabilities_wherever_they_stand()
    {
        for (var size = 1; size < 40; size++)
        {
            var row = new float[size + 1];
            Array.Fill(row, -1.37f);
            row[0] = 2.2f;

            new Sampler(new SamplingOptions { TopP = 1 }, Words(row.Length)).ToProbabilities(row);

            Assert.Single(row.Skip(1).Distinct());
        }
    }

    [Fact]
    public void Sampling_a_whole_vocabulary_allocates_nothing()
    {
        const int Size = 65536;
        var row = Random(new Random(7), Size);
        var sampler = new Sampler(new SamplingOptions { TopP = 0.9f, TopK = 50, Temperature = 0.8f, PresencePenalty = 1, FrequencyPenalty = 0.1f, Seed = 1 }, Words(Size));
        var scratch = new float[Size];
        Sample(300);
        var before = GC.GetAllocatedBytesForCurrentThread();

        Sample(30);

        // A few hundred bytes are left for the list of seen tokens, which grows by doubling.
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 20_000);

        void Sample(int count)
        {
            for (var i = 0; i < count; i++)
            {
                row.CopyTo(scratch, 0);
                sampler.Sample(scratch);
            }
        }
    }

    [Theory]
    [InlineData(-0.1f, 0.5f, 0, 0.9f, "Temperature")]
    [InlineData(float.NaN, 0.5f, 0, 0.9f, "Temperature")]
    [InlineData(1f, 1.01f, 0, 0.9f, "TopP")]
    [InlineData(1f, float.NaN, 0, 0.9f, "TopP")]
    [InlineData(1f, 0.5f, -1, 0.9f, "TopK")]
    [InlineData(1f, 0.5f, 0, 1.5f, "PenaltyDecay")]
    public void Options_outside_of_their_range_are_refused_by_name(float temperature, float topP, int topK, float decay, string name)
    {
        var options = new SamplingOptions { Temperature = temperature, TopP = topP, TopK = topK, PenaltyDecay = decay };

        Assert.StartsWith(name, Assert.Throws<ArgumentOutOfRangeException>(() => new Sampler(options, Words(3))).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void The_generator_gives_the_published_numbers()
    {
        // SplitMix64's first outputs for the seed 1234567.
        ulong[] published = [6457827717110365317, 3203168211198807973, 9817491932198370423, 4593380528125082431, 16408922859458223821];
        var generator = new SeededGenerator(1234567);

        Assert.Equal(published.Select(value => (value >> 11) / (double)(1L << 53)), published.Select(_ => generator.NextDouble()));
    }

    // The same distribution by the textbook: sort everything.
    private static float[] Sorted(float[] logits, SamplingOptions options)
    {
        var max = logits.Max();
        var weights = logits.Select(logit => Math.Exp((double)logit - max)).ToArray();
        var total = weights.Sum();
        var order = Enumerable.Range(0, logits.Length).OrderByDescending(id => logits[id]).ThenBy(id => id).ToArray();
        var mass = 0.0;
        var cut = options.TopP >= 1 ? float.NegativeInfinity : logits[order.First(id => (mass += weights[id] / total) >= options.TopP || id == order[^1])];
        var kept = order.Where(id => logits[id] >= cut).Take(options.TopK > 0 ? options.TopK : int.MaxValue).ToHashSet();
        var keptTotal = kept.Sum(id => weights[id]);
        return [.. weights.Select((weight, id) => kept.Contains(id) ? (float)(weight / keptTotal) : 0)];
    }

    private static float[] Random(Random random, int size) => [.. Enumerable.Range(0, size).Select(_ => (random.NextSingle() * 12) - 6)];

    private static SamplingVocabulary Words(int size) => new(TableTokenizer.OfWords(size), size);
}
