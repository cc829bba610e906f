using static RwkvSk.Engine.Weights.TensorChange;

namespace RwkvSk.Engine.Weights;

/// <summary>The layout of web-rwkv's <c>.st</c> files: the published names, some of them changed, the low-rank matrices transposed.</summary>
internal static class WebRwkvNames
{
    private const string Att = "blocks.*.att.";

    private static readonly NameRule TimeState = new(Att + "time_state", Att + "time_state", Transpose);

    private static readonly ForeignLayout Rwkv5 = new("web-rwkv RWKV-5", new NameRule(Att + "time_first", Att + "time_faaaa"), TimeState);

    private static readonly ForeignLayout Rwkv6 = new(
        "web-rwkv RWKV-6",
        [
            .. new[] { "x", "w", "k", "v", "r", "g" }.Select(static name => new NameRule($"{Att}time_mix_{name}", $"{Att}time_maa_{name}")),
            new(Att + "time_mix_w1", Att + "time_maa_w1", Transpose), new(Att + "time_mix_w2", Att + "time_maa_w2", Transpose),
            new(Att + "time_decay_w1", Att + "time_decay_w1", Transpose), new(Att + "time_decay_w2", Att + "time_decay_w2", Transpose),
            new(Att + "time_first", Att + "time_faaaa"),
            new("blocks.*.ffn.time_mix_k", "blocks.*.ffn.time_maa_k"), new("blocks.*.ffn.time_mix_r", "blocks.*.ffn.time_maa_r"),
            TimeState,
        ]);

    private static readonly ForeignLayout Rwkv7 = new(
        "web-rwkv RWKV-7",
        [.. new[] { "w1", "w2", "a1", "a2", "g1", "g2", "v1", "v2" }.Select(static name => new NameRule(Att + name, Att + name, Transpose)), TimeState]);

    /// <summary>The layout of these tensors; null when they are canonical already, or RWKV-4, which the format leaves as it is.</summary>
    public static ForeignLayout? For(IReadOnlyDictionary<string, WeightInfo> tensors)
    {
        const string First = "blocks.0.att.";
        if (!tensors.TryGetValue("emb.weight", out var embeddings) || embeddings.Shape.Count != 2)
        {
            return null;
        }

        if (tensors.ContainsKey(First + "time_mix_w1"))
        {
            return Rwkv6;
        }

        // The published matrix is [C,D] with D far below C; here it is the other way round.
        if (tensors.TryGetValue(First + "w1", out var low) && low.Shape is [var rows, var columns] && rows != embeddings.Shape[1] && columns == embeddings.Shape[1])
        {
            return Rwkv7;
        }

        return tensors.ContainsKey(First + "ln_x.weight") && tensors.TryGetValue(First + "time_first", out var bonus) && bonus.Shape is [_, > 1] ? Rwkv5 : null;
    }
}
