using RwkvSk.Engine.Kernels.Cpu;
using RwkvSk.Engine.Scheduling;
using RwkvSk.TestKit;
using Xunit;

namespace RwkvSk.Engine.Tests.Kernels.Cpu;

/// <summary>What holds for the CPU's decoder whatever the weights: a position's numbers depend on its sequence alone, to the bit.</summary>
public class CpuDecoderLawTests
{
    private static readonly int[] Tokens = [.. Enumerable.Range(0, 61).Select(static i => (i * 37) % 250)];

    public static TheoryData<string, int> Cases
    {
        get
        {
            var cases = new TheoryData<string, int>();
            foreach (var version in new[] { "rwkv4", "rwkv5", "rwkv6", "rwkv7" })
            {
                foreach (var level in Widths.Tested)
                {
                    cases.Add(version, (int)level);
                }
            }

            return cases;
        }
    }

    [Theory, MemberData(nameof(Cases))]
    public void A_few_at_a_time_equals_one_at_a_time_bit_for_bit(string version, int level)
    {
        using var model = Load(version, level, slots: 1);
        var expected = model.Read(0, Tokens, 1).AsSpan(^model.Config.VocabularySize..).ToArray();
        var state = model.Rows(1, 0).ToArray();
        foreach (var chunk in new[] { 2, 3, 4, 7, 16 })
        {
            model.Reset(0);
            Assert.Equal(expected, model.Read(0, Tokens, chunk).AsSpan(^model.Config.VocabularySize..).ToArray());
            Assert.Equal(state, model.Rows(1, 0).ToArray());
        }
    }

    [Theory, MemberData(nameof(Cases))]
    public void A_batch_equals_each_alone_bit_for_bit(string version, int level)
    {
        using var model = Load(version, level, slots: 11);
        var alone = new List<float[]>();
        for (var slot = 0; slot < 11; slot++)
        {
            model.Read(slot, Tokens.AsSpan(slot, 9), 5);
            alone.Add(model.Decode((slot, 100 + slot)));
            model.Reset(slot);
            model.Read(slot, Tokens.AsSpan(slot, 9), 5);
        }

        for (var first = 0; first < 11;)
        {
            var count = Math.Min(first + 1, 11 - first);   // 1, 2, 4, 4: every path of the products
            var together = model.Decode([.. Enumerable.Range(first, count).Reverse().Select(static slot => (slot, 100 + slot))]);
            for (var i = 0; i < count; i++)
            {
                Assert.Equal(alone[first + count - 1 - i], together.AsSpan(i * model.Config.VocabularySize, model.Config.VocabularySize).ToArray());
            }

            first += count;
        }
    }

    [Theory]
    [InlineData(WeightPrecision.Int8, 0.9995), InlineData(WeightPrecision.Int4, 0.97)]
    public void Integer_weights_keep_the_laws_and_point_where_fp32_does(WeightPrecision precision, double leastCosine)
    {
        foreach (var version in new[] { "rwkv4", "rwkv5", "rwkv6", "rwkv7" })
        {
            using var exact = Load(version, (int)SimdLevels.Best, slots: 1);
            using var model = new DecoderOverStates(Golden.File(version, "small_fp32.safetensors"), SimdLevels.Best, slots: 5, precision: precision);
            var expected = exact.Read(0, Tokens, 1);
            var found = model.Read(0, Tokens, 1);
            var (dot, one, other) = (0.0, 0.0, 0.0);
            for (var i = 0; i < expected.Length; i++)
            {
                (dot, one, other) = (dot + ((double)expected[i] * found[i]), one + ((double)expected[i] * expected[i]), other + ((double)found[i] * found[i]));
            }

            Assert.True(dot / Math.Sqrt(one * other) > leastCosine, $"{version}: the logits' cosine is {dot / Math.Sqrt(one * other):f5}");

            var last = found.AsSpan(^model.Config.VocabularySize..).ToArray();
            Assert.Equal(last, model.Read(1, Tokens, 16).AsSpan(^model.Config.VocabularySize..).ToArray());
            for (var slot = 2; slot < 5; slot++)
            {
                model.Read(slot, Tokens, 3);
            }

            var together = model.Decode((0, 9), (1, 9), (2, 9), (3, 9), (4, 9));
            Assert.All(together.Chunk(model.Config.VocabularySize), row => Assert.Equal(together[..model.Config.VocabularySize], row));
        }
    }

    [Theory, MemberData(nameof(Cases))]
    public void Any_number_of_threads_gives_the_same_bits(string version, int level)
    {
        using var one = Load(version, level, slots: 1, threads: 1);
        var expected = one.Read(0, Tokens, 4);
        foreach (var threads in new[] { 2, 5 })
        {
            using var several = Load(version, level, slots: 1, threads);
            Assert.Equal(expected, several.Read(0, Tokens, 4));
        }
    }

    [Theory]
    [InlineData("rwkv4"), InlineData("rwkv5"), InlineData("rwkv6"), InlineData("rwkv7")]
    public void A_token_makes_no_garbage(string version)
    {
        using var model = Load(version, (int)SimdLevels.Best, slots: 4);
        var rows = Enumerable.Range(0, 4).Select(static slot => new BatchRow(slot, new[] { slot + 1 }, null, true)).ToArray();
        var logits = new float[4 * model.Config.VocabularySize];

        // What is made once, whenever it is first needed (a thread that waits for the first time on a busy machine), is not a token's; what a token makes is in every row of a hundred.
        Assert.Equal(0, Enumerable.Range(0, 5).Min(_ => AllocatedBy(100)));

        long AllocatedBy(int tokens)
        {
            var before = GC.GetAllocatedBytesForCurrentThread();
            for (var i = 0; i < tokens; i++)
            {
                model.Decoder.Decode(rows, logits);
            }

            return GC.GetAllocatedBytesForCurrentThread() - before;
        }
    }

    [Fact]
    public void A_token_without_an_embedding_is_refused_before_anything_is_read()
    {
        using var model = Load("rwkv7", (int)SimdLevels.Best, slots: 1);
        var logits = new float[model.Config.VocabularySize];
        foreach (var token in new[] { -1, model.Config.VocabularySize, int.MaxValue })
        {
            Assert.Throws<ArgumentOutOfRangeException>(() => model.Decoder.Prefill(new BatchRow(0, new[] { token }, null, true), logits));
        }
    }

    private static DecoderOverStates Load(string version, int level, int slots, int threads = 2) =>
        new(Golden.File(version, "small_fp32.safetensors"), (SimdLevel)level, slots, threads);
}
