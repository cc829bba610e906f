using RwkvSk.Engine.Weights;

namespace RwkvSk.TestKit;

/// <summary>The layers of RWKV-4, 5.2 and 6.</summary>
internal static partial class TinyModel
{
    private static IEnumerable<SafetensorsTensor> OlderTimeMix(Random random, string att, int version)
    {
        var mix = version == 6 ? "time_maa_" : "time_mix_";
        foreach (var of in version switch { 4 => "kvr", 5 => "kvrg", _ => "xwkvrg" })
        {
            yield return Channels(random, $"{att}.{mix}{of}", 0, 1);
        }

        foreach (var name in version == 4 ? new[] { "receptance", "key", "value", "output" } : ["receptance", "key", "value", "gate", "output"])
        {
            yield return Matrix(random, $"{att}.{name}.weight", Width, Width);
        }

        if (version == 4)
        {
            yield return Random(random, $"{att}.time_decay", [Width], 2);
            yield return Random(random, $"{att}.time_first", [Width], 1);
            yield break;
        }

        foreach (var tensor in Norm($"{att}.ln_x", Width))
        {
            yield return tensor;
        }

        yield return Random(random, $"{att}.time_faaaa", [Width / HeadSize, HeadSize], 0.5f);
        if (version == 5)
        {
            yield return Random(random, $"{att}.time_decay", [Width / HeadSize, HeadSize], 2);
            yield break;
        }

        yield return Channels(random, $"{att}.time_decay", -4, 0);
        yield return Matrix(random, $"{att}.time_decay_w1", Width, LowRank, gain: 0.5f);
        yield return Matrix(random, $"{att}.time_decay_w2", LowRank, Width);
        yield return Matrix(random, $"{att}.time_maa_w1", Width, 5 * LowRank, gain: 0.5f);
        yield return Random(random, $"{att}.time_maa_w2", [5, LowRank, Width], 0.3f);
    }

    private static IEnumerable<SafetensorsTensor> OlderChannelMix(Random random, string ffn, int version)
    {
        var mix = version == 6 ? "time_maa_" : "time_mix_";
        yield return Channels(random, $"{ffn}.{mix}k", 0, 1);
        yield return Channels(random, $"{ffn}.{mix}r", 0, 1);
        yield return Matrix(random, $"{ffn}.receptance.weight", Width, Width);
    }
}
