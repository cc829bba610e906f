namespace RwkvSk.Trainer.Training;

/// <summary>One parameter: its checkpoint name, its shape, whether weight decay pulls on it, and its first values.</summary>
internal sealed record ParameterSpec(string Name, long[] Shape, bool Decays, Action<Span<float>, Random> Fill)
{
    public int Length => (int)Shape.Aggregate(1L, static (product, size) => product * size);
}

/// <summary>
/// First values. The language model follows RWKV-7's published scheme: mixes that start from "look at the past" in low layers, decays spread over the
/// channels, output matrices at zero so that every block starts as the identity.
/// </summary>
internal static class Initialization
{
    public static IReadOnlyList<ParameterSpec> Parameters(GoslingShape s) => [.. Language(s), .. Tower(s), .. Projector(s), .. Auxiliary(s)];

    private static IEnumerable<ParameterSpec> Language(GoslingShape s)
    {
        long c = s.Width, v = s.VocabularySize, f = s.FfnWidth, heads = s.Width / s.HeadSize;
        yield return new("rwkv.emb.weight", [v, c], false, Uniform(0.05f));
        yield return new("rwkv.head.weight", [v, c], true, Uniform(0.5f / MathF.Sqrt(c)));
        foreach (var p in Norm("rwkv.ln_out", c).Concat(Norm("rwkv.blocks.0.ln0", c)))
        {
            yield return p;
        }

        for (var i = 0; i < s.LayerCount; i++)
        {
            float depth = i / (float)Math.Max(1, s.LayerCount - 1), remaining = 1 - (i / (float)s.LayerCount);
            var block = $"rwkv.blocks.{i}";
            foreach (var p in Norm($"{block}.ln1", c).Concat(Norm($"{block}.ln2", c)).Concat(Norm($"{block}.att.ln_x", c, MathF.Pow((1 + i) / (float)s.LayerCount, 0.7f))))
            {
                yield return p;
            }

            var att = $"{block}.att";
            foreach (var (name, power) in new[] { ("x_r", 0.2f), ("x_w", 0.9f), ("x_k", 0.7f), ("x_v", 0.7f), ("x_a", 0.9f), ("x_g", 0.2f) })
            {
                yield return Channels($"{att}.{name}", c, x => 1 - MathF.Pow(x, power * remaining));
            }

            yield return Channels($"{att}.w0", c, x => -6.5f + (5 * MathF.Pow(x, 0.85f + MathF.Sqrt(depth))));
            yield return Channels($"{att}.a0", c, static _ => 0);
            yield return Channels($"{att}.k_k", c, static _ => 0.85f);
            yield return Channels($"{att}.k_a", c, static _ => 1);
            yield return new($"{att}.r_k", [heads, s.HeadSize], false, static (x, _) => x.Clear());
            foreach (var (name, rank) in new[] { ("w", s.DecayRank), ("a", s.RateRank), ("g", s.GateRank) }.Concat(i == 0 ? [] : [("v", s.ResidualRank)]))
            {
                yield return new($"{att}.{name}1", [c, rank], true, name == "g" ? Uniform(0.5f / MathF.Sqrt(c)) : static (x, _) => x.Clear());
                yield return new($"{att}.{name}2", [rank, c], true, Normal((name == "g" ? 0.7f : 0.1f) / MathF.Sqrt(rank)));
            }

            if (i > 0)
            {
                yield return Channels($"{att}.v0", c, static _ => 1);
            }

            yield return new($"{att}.receptance.weight", [c, c], true, Uniform(0.5f / MathF.Sqrt(c)));
            yield return new($"{att}.key.weight", [c, c], true, Uniform(0.05f / MathF.Sqrt(c)));
            yield return new($"{att}.value.weight", [c, c], true, Uniform(0.5f / MathF.Sqrt(c)));
            yield return new($"{att}.output.weight", [c, c], true, static (x, _) => x.Clear());
            yield return Channels($"{block}.ffn.x_k", c, x => 1 - MathF.Pow(x, MathF.Pow(remaining, 4)));
            yield return new($"{block}.ffn.key.weight", [f, c], true, Uniform(0.5f / MathF.Sqrt(c)));
            yield return new($"{block}.ffn.value.weight", [c, f], true, static (x, _) => x.Clear());
        }
    }

    private static IEnumerable<ParameterSpec> Tower(GoslingShape s)
    {
        long d = s.TowerWidth, m = s.TowerMlp, p = s.PatchSize;
        const string Root = "vit.siglip_featurizer";
        yield return new($"{Root}.patch_embed.proj.weight", [d, 3, p, p], true, Normal(1 / MathF.Sqrt(3 * p * p)));
        yield return new($"{Root}.patch_embed.proj.bias", [d], false, static (x, _) => x.Clear());
        yield return new($"{Root}.pos_embed", [1, s.Grid * s.Grid, d], false, Normal(0.1f));
        for (var i = 0; i < s.TowerLayers; i++)
        {
            var block = $"{Root}.blocks.{i}";
            foreach (var spec in Norm($"{block}.norm1", d).Concat(Norm($"{block}.norm2", d))
                .Concat(Linear($"{block}.attn.qkv", 3 * d, d, 1)).Concat(Linear($"{block}.attn.proj", d, d, 0.3f))
                .Concat(Linear($"{block}.mlp.fc1", m, d, 1)).Concat(Linear($"{block}.mlp.fc2", d, m, 0.3f)))
            {
                yield return spec;
            }
        }
    }

    private static IEnumerable<ParameterSpec> Projector(GoslingShape s)
    {
        long d = s.TowerWidth, c = s.Width;
        yield return new("proj.gate.weight", [d, d], true, Normal(1 / MathF.Sqrt(d)));
        yield return new("proj.o_proj.weight", [c, d], true, Normal(1 / MathF.Sqrt(d)));
        foreach (var p in Norm("proj.ln_v", c, 0.2f))
        {
            yield return p;
        }
    }

    // Read by the auxiliary vision loss alone; not part of the model that is written.
    private static IEnumerable<ParameterSpec> Auxiliary(GoslingShape s) => Linear("aux.cells", CellLabels.Width, s.TowerWidth, 1);

    private static IEnumerable<ParameterSpec> Norm(string name, long width, float scale = 1) =>
    [
        new($"{name}.weight", [width], false, (x, _) => x.Fill(scale)),
        new($"{name}.bias", [width], false, static (x, _) => x.Clear()),
    ];

    private static IEnumerable<ParameterSpec> Linear(string name, long output, long input, float gain) =>
    [
        new($"{name}.weight", [output, input], true, Normal(gain / MathF.Sqrt(input))),
        new($"{name}.bias", [output], false, static (x, _) => x.Clear()),
    ];

    private static ParameterSpec Channels(string name, long width, Func<float, float> value) => new(name, [1, 1, width], false, (x, _) =>
    {
        for (var i = 0; i < x.Length; i++)
        {
            x[i] = value(i / (float)Math.Max(1, x.Length - 1));
        }
    });

    private static Action<Span<float>, Random> Uniform(float range) => (x, random) =>
    {
        foreach (ref var value in x)
        {
            value = ((2 * random.NextSingle()) - 1) * range;
        }
    };

    private static Action<Span<float>, Random> Normal(float deviation) => (x, random) =>
    {
        foreach (ref var value in x)
        {
            value = deviation * MathF.Sqrt(-2 * MathF.Log(1 - random.NextSingle())) * MathF.Cos(2 * MathF.PI * random.NextSingle());
        }
    };
}
