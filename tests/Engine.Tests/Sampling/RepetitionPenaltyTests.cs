using System.Text;
using System.Text.Json;
using RwkvSk.Engine.Sampling;
using RwkvSk.TestKit;
using Xunit;

namespace RwkvSk.Engine.Tests.Sampling;

public class RepetitionPenaltyTests
{
    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void Penalised_logits_equal_the_reference(int number)
    {
        var facts = JsonDocument.Parse(File.ReadAllText(Golden.File("sampling", "sampling.json"))).RootElement.GetProperty("penalty")[number];
        var tensors = GoldenTensors.Read(Golden.File("sampling", "penalty.expected.safetensors"));
        var columns = tensors.Ints($"{number}.columns");
        var tokens = tensors.Ints($"{number}.tokens");
        var expected = tensors.Floats($"{number}.adjusted_logits");
        var given = tensors.Floats($"{number}.base_logits");
        var options = new SamplingOptions
        {
            PresencePenalty = facts.GetProperty("alpha_presence").GetSingle(),
            FrequencyPenalty = facts.GetProperty("alpha_frequency").GetSingle(),
            PenaltyDecay = facts.GetProperty("alpha_decay").GetSingle(),
        };

        // As in the World vocabulary: id 1 + b is byte b, the larger ids are letters.
        var vocabulary = new SamplingVocabulary(new TableTokenizer(401, id => id == 0 ? [] : id <= 256 ? [(byte)(id - 1)] : "xy"u8.ToArray()), 401);
        var penalty = new RepetitionPenalty(options, vocabulary);
        for (var step = 0; step < tokens.Length; step++)
        {
            var logits = new float[401];
            for (var i = 0; i < columns.Length; i++)
            {
                logits[columns[i]] = given[(step * columns.Length) + i];
            }

            penalty.Apply(logits);

            for (var i = 0; i < columns.Length; i++)
            {
                // Banned columns are another matter.
                var wanted = expected[(step * columns.Length) + i];
                if (!float.IsNegativeInfinity(wanted))
                {
                    Assert.Equal(wanted, logits[columns[i]], 1e-6f);
                }
            }

            penalty.Observe(tokens[step]);
        }
    }

    [Theory]
    [InlineData(" ", true)]
    [InlineData("\t", true)]
    [InlineData("7", true)]
    [InlineData("12", true)]
    [InlineData("345", true)]
    [InlineData("21", false)]
    [InlineData("  ", false)]
    [InlineData("a", false)]
    [InlineData("\n", false)]
    [InlineData(" 1", false)]
    public void Digits_and_blanks_in_their_order_are_exempt(string token, bool expected) =>
        Assert.Equal(expected, RepetitionPenalty.IsExempt(Encoding.UTF8.GetBytes(token)));

    [Fact]
    public void Presence_stays_and_frequency_fades()
    {
        var vocabulary = new SamplingVocabulary(TableTokenizer.OfWords(3), 3);
        var penalty = new RepetitionPenalty(new SamplingOptions { PresencePenalty = 2, FrequencyPenalty = 1, PenaltyDecay = 0.5f }, vocabulary);
        penalty.Observe(1);
        penalty.Observe(1);
        penalty.Observe(2);
        float[] logits = [0, 0, 0];

        penalty.Apply(logits);

        // Token 1: (1 * 0.5 + 1) * 0.5 occurrences are left.
        Assert.Equal([0, -2.75f, -3], logits);
    }

    [Fact]
    public void A_sampler_does_not_repeat_what_it_is_told_not_to()
    {
        var sampler = new Sampler(SamplingOptions.Greedy with { PresencePenalty = 5 }, new SamplingVocabulary(TableTokenizer.OfWords(4), 4));

        Assert.Equal([2, 1, 3, 0], Enumerable.Range(0, 4).Select(_ => sampler.Sample([0, 2, 3, 1])));
    }
}
