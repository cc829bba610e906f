using RwkvSk.Engine.Kernels.Cuda.Parameters;
using RwkvSk.Engine.Sampling;
using RwkvSk.Engine.Scheduling;
using RwkvSk.Engine.Tests.Sampling;
using RwkvSk.TestKit;
using RwkvSk.TestKit.Cuda;
using Xunit;

namespace RwkvSk.Engine.Tests.Kernels.Cuda;

/// <summary>Steps in which the device chooses some rows' tokens.</summary>
public sealed unsafe class CudaDecoderChoiceTests
{
    private static readonly SamplingOptions[] Ways =
        [new() { Seed = 4, Temperature = 0 }, new() { Seed = 5, TopP = 0.8f }, new() { Seed = -6, TopP = 1, Temperature = 1.5f, TopK = 20 }, new() { Seed = 7, TopP = 0 }];

    public CudaDecoderChoiceTests() => Assert.SkipUnless(KernelShim.SkipReason.Length == 0, KernelShim.SkipReason);

    [Theory, InlineData("rwkv6"), InlineData("rwkv7")]
    public void Rows_with_a_choice_get_the_samplers_token_and_those_beside_them_their_logits(string version)
    {
        const int Rows = 7;   // choices at 0, 2, 3, 6; logits at 1, 4; nothing at 5
        using var model = Load(version, slots: 2 * Rows);
        var size = model.Config.VocabularySize;
        model.Decoder.Forbid([0, 9, 11]);
        var vocabulary = new SamplingVocabulary(new TableTokenizer(size, static id => id is 0 or 9 or 11 ? [] : [120]), size);
        int?[] choiceAt = [0, null, 1, 2, null, null, 3];
        var (samplers, device) = (Ways.Select(way => new Sampler(way, vocabulary)).ToArray(), Ways.Select(way => new Sampler(way, vocabulary)).ToArray());
        var tokens = Enumerable.Range(1, Rows).ToArray();
        for (var step = 0; step < 10; step++)
        {
            var expected = model.Decode([.. tokens.Select(static (token, i) => (Rows + i, token))]);
            var rows = tokens.Select((token, i) => new BatchRow(i, new[] { token }, null, i is 1 or 4, choiceAt[i] is { } way ? device[way].Choice : null)).ToArray();
            var (logits, chosen) = (new float[2 * size], new ChosenToken[Rows]);
            model.Decoder.Decode(rows, logits, chosen);
            Assert.Equal([.. expected[size..(2 * size)], .. expected[(4 * size)..(5 * size)]], logits);
            for (var i = 0; i < Rows; i++)
            {
                if (choiceAt[i] is { } way)
                {
                    tokens[i] = samplers[way].Sample(expected.AsSpan(i * size, size));
                    Assert.Equal(tokens[i], device[way].Accept(chosen[i]));
                    Assert.Equal(samplers[way].Choice, device[way].Choice);   // as many numbers are used up
                }
            }
        }
    }

    [Fact]
    public void What_comes_to_the_host_is_counted_in_bytes_for_a_choice_and_in_logits_for_those_who_want_them()
    {
        using var model = Load("rwkv7", slots: 4);
        var logits = model.Config.VocabularySize * sizeof(float);
        const int Chosen = 4 * (sizeof(int) + 32);
        Assert.Equal(32, sizeof(Choice));
        Assert.Equal(Chosen, Copied("cccc"));
        Assert.Equal(Chosen + logits, Copied("cclc"));
        Assert.Equal(Chosen + (2 * logits), Copied("lcl"));
        Assert.Equal(Chosen + (3 * logits), Copied("clll"));
        Assert.Equal(Chosen, Copied("c.."));

        long Copied(string rows)
        {
            var before = model.Driver.BytesToHost;
            var batch = rows.Select((kind, i) => new BatchRow(i, new[] { i }, null, kind == 'l', kind == 'c' ? new TokenChoice(1, 0.5f, 0, 1, 0) : null)).ToArray();
            model.Decoder.Decode(batch, new float[rows.Count(static kind => kind == 'l') * model.Config.VocabularySize], new ChosenToken[rows.Length]);
            return model.Driver.BytesToHost - before;
        }
    }

    [Fact]
    public void A_row_without_a_number_to_choose_by_says_so_and_the_others_have_their_tokens()
    {
        using var model = Load("rwkv7", slots: 3);
        var rows = model.Rows(0, 1);
        Array.Fill(rows, float.NaN);
        model.Write(0, 1, rows);
        var alone = new ChosenToken[1];
        model.Decoder.Decode([Row(2)], [], alone);
        var chosen = new ChosenToken[2];
        model.Decoder.Decode([Row(1), Row(0)], [], chosen);
        Assert.Equal([new ChosenToken(ChosenToken.None, 4), alone[0]], chosen);
        Assert.Equal(5ul, alone[0].Drawn);

        static BatchRow Row(int slot) => new(slot, new[] { 1 }, null, false, new TokenChoice(1, 1, 0, 3, 4));
    }

    private static CudaDecoderOverStates Load(string version, int slots) => new(Golden.File(version, "small_fp32.safetensors"), slots);
}
