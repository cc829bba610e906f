using RwkvSk.Engine.Weights;

namespace RwkvSk.Cli.Generation;

/// <summary>
/// A checkpoint of a published model's names and shapes with random weights: for measuring, for it says nothing sensible. Rows of matrices are of about unit length,
/// and what a block adds is small beside what it adds to, so activations neither die nor explode however deep the model is.
/// </summary>
internal sealed class RandomModel(PublishedSize size, int vocabularySize, WeightType type, long seed)
{
    private readonly int _width = size.Width;

    // What the blocks add has together about the variance of what they begin with.
    private readonly float _blockGain = 1 / MathF.Sqrt(2 * size.LayerCount);

    /// <summary>All tensors; the numbers come when they are written.</summary>
    public IEnumerable<SafetensorsTensor> Tensors()
    {
        yield return Bell("emb.weight", [vocabularySize, _width], 1);
        yield return Matrix("head.weight", vocabularySize, _width, gain: 2);
        foreach (var tensor in Norm("ln_out").Concat(Norm("blocks.0.ln0")))
        {
            yield return tensor;
        }

        for (var i = 0; i < size.LayerCount; i++)
        {
            var (att, ffn) = ($"blocks.{i}.att", $"blocks.{i}.ffn");
            foreach (var tensor in Norm($"blocks.{i}.ln1").Concat(Norm($"blocks.{i}.ln2")).Concat(size.Version switch
            {
                4 => [.. TimeMix4(att), .. Gated(ffn, "time_mix_")],
                6 => [.. TimeMix6(att), .. Gated(ffn, "time_maa_")],
                _ => [.. TimeMix7(att, i), Channels($"{ffn}.x_k", 0, 1), .. Pair(ffn)],
            }))
            {
                yield return tensor;
            }
        }
    }

    private IEnumerable<SafetensorsTensor> TimeMix7(string att, int layer)
    {
        var ranks = size.Ranks;
        (string Name, float Low, float High)[] channels =
        [
            ("x_r", 0, 1), ("x_w", 0, 1), ("x_k", 0, 1), ("x_v", 0, 1), ("x_a", 0, 1), ("x_g", 0, 1), ("w0", -6, -0.5f), ("a0", -1, 1), ("k_k", 0.5f, 1), ("k_a", 0.5f, 1.5f),
        ];
        (string Name, int Rank)[] pairs = [("w", ranks.Decay), ("a", ranks.Rate), ("g", ranks.Gate)];
        if (layer > 0)
        {
            (channels, pairs) = ([.. channels, ("v0", -1, 1)], [.. pairs, ("v", ranks.Residual)]);
        }

        return
        [
            .. channels.Select(c => Channels($"{att}.{c.Name}", c.Low, c.High)),
            .. pairs.SelectMany(p => new[] { Bell($"{att}.{p.Name}1", [_width, p.Rank], 1 / MathF.Sqrt(_width)), Bell($"{att}.{p.Name}2", [p.Rank, _width], 1 / MathF.Sqrt(p.Rank)) }),
            Bell($"{att}.r_k", [_width / PublishedSize.HeadSize, PublishedSize.HeadSize], 0.1f),
            .. Projections(att, "receptance", "key", "value"), .. Norm($"{att}.ln_x"),
        ];
    }

    private IEnumerable<SafetensorsTensor> TimeMix6(string att)
    {
        const int MixRank = 32, DecayRank = 64;
        return
        [
            .. new[] { "x", "w", "k", "v", "r", "g" }.Select(name => Channels($"{att}.time_maa_{name}", 0, 1)),
            Bell($"{att}.time_maa_w1", [_width, 5 * MixRank], 1 / MathF.Sqrt(_width)), Bell($"{att}.time_maa_w2", [5, MixRank, _width], 0.1f / MathF.Sqrt(MixRank)),
            Channels($"{att}.time_decay", -6, 1), Bell($"{att}.time_decay_w1", [_width, DecayRank], 1 / MathF.Sqrt(_width)), Bell($"{att}.time_decay_w2", [DecayRank, _width], 0.5f / MathF.Sqrt(DecayRank)),
            Bell($"{att}.time_faaaa", [_width / PublishedSize.HeadSize, PublishedSize.HeadSize], 0.5f),
            .. Projections(att, "receptance", "key", "value", "gate"), .. Norm($"{att}.ln_x"),
        ];
    }

    private IEnumerable<SafetensorsTensor> TimeMix4(string att) =>
    [
        Even($"{att}.time_decay", [_width], -5, 3), Even($"{att}.time_first", [_width], -1, 1),
        .. new[] { "k", "v", "r" }.Select(name => Channels($"{att}.time_mix_{name}", 0, 1)), .. Projections(att, "receptance", "key", "value"),
    ];

    private IEnumerable<SafetensorsTensor> Gated(string ffn, string mix) =>
        [Channels($"{ffn}.{mix}k", 0, 1), Channels($"{ffn}.{mix}r", 0, 1), Matrix($"{ffn}.receptance.weight", _width, _width), .. Pair(ffn)];

    private IEnumerable<SafetensorsTensor> Pair(string ffn) =>
        [Matrix($"{ffn}.key.weight", size.FfnWidth, _width), Matrix($"{ffn}.value.weight", _width, size.FfnWidth, _blockGain)];

    private IEnumerable<SafetensorsTensor> Projections(string att, params string[] names) =>
        [.. names.Select(name => Matrix($"{att}.{name}.weight", _width, _width)), Matrix($"{att}.output.weight", _width, _width, _blockGain)];

    private IEnumerable<SafetensorsTensor> Norm(string name) => [Even($"{name}.weight", [_width], 0.9f, 1.1f), Even($"{name}.bias", [_width], -0.05f, 0.05f)];

    private SafetensorsTensor Channels(string name, float low, float high) => Even(name, [1, 1, _width], low, high);

    private SafetensorsTensor Matrix(string name, int rows, int columns, float gain = 1) => Bell(name, [rows, columns], gain / MathF.Sqrt(columns));

    private SafetensorsTensor Even(string name, long[] shape, float low, float high) =>
        new(name, type, shape, stream => new RandomNumbers(seed, name).WriteEven(stream, type, Count(shape), low, high));

    private SafetensorsTensor Bell(string name, long[] shape, float deviation) =>
        new(name, type, shape, stream => new RandomNumbers(seed, name).WriteBell(stream, type, Count(shape), deviation));

    private static long Count(long[] shape) => shape.Aggregate(1L, static (product, length) => product * length);
}
