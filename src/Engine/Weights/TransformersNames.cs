namespace RwkvSk.Engine.Weights;

/// <summary>The layout of Hugging Face transformers' <c>RwkvForCausalLM</c> and of the "world hf" repositories (RWKV-4, 5 and 6). Only names differ.</summary>
internal static class TransformersNames
{
    private const string From = "rwkv.blocks.*.", To = "blocks.*.";

    private static readonly NameRule[] Common =
    [
        new("rwkv.embeddings.weight", "emb.weight"),
        new("rwkv.ln_out.weight", "ln_out.weight"), new("rwkv.ln_out.bias", "ln_out.bias"),
        .. Both(From + "pre_ln", To + "ln0"), .. Both(From + "ln1", To + "ln1"), .. Both(From + "ln2", To + "ln2"),
        .. Both(From + "attention.ln_x", To + "att.ln_x"),
        .. Att("receptance.weight", "key.weight", "value.weight", "gate.weight", "output.weight", "time_decay", "time_decay_w1", "time_decay_w2", "time_first", "time_faaaa", "time_state"),
        .. Ffn("receptance.weight", "key.weight", "value.weight"),
    ];

    private static readonly ForeignLayout Plain = new(
        "transformers",
        [
            .. Common,
            new(From + "attention.time_mix_key", To + "att.time_mix_k"), new(From + "attention.time_mix_value", To + "att.time_mix_v"),
            new(From + "attention.time_mix_receptance", To + "att.time_mix_r"), new(From + "attention.time_mix_gate", To + "att.time_mix_g"),
            new(From + "feed_forward.time_mix_key", To + "ffn.time_mix_k"), new(From + "feed_forward.time_mix_receptance", To + "ffn.time_mix_r"),
            .. Att("time_maa_x", "time_maa_w", "time_maa_k", "time_maa_v", "time_maa_r", "time_maa_g", "time_maa_w1", "time_maa_w2"), .. Ffn("time_maa_k", "time_maa_r"),
        ]);

    // Some RWKV-6 repositories say mix where the others say maa.
    private static readonly ForeignLayout Mix6 = new(
        "transformers (RWKV-6, time_mix names)",
        [
            .. Common,
            .. new[] { "x", "w", "w1", "w2" }.Select(static part => new NameRule(From + "attention.time_mix_" + part, To + "att.time_maa_" + part)),
            new(From + "attention.time_mix_key", To + "att.time_maa_k"), new(From + "attention.time_mix_value", To + "att.time_maa_v"),
            new(From + "attention.time_mix_receptance", To + "att.time_maa_r"), new(From + "attention.time_mix_gate", To + "att.time_maa_g"),
            new(From + "feed_forward.time_mix_key", To + "ffn.time_maa_k"), new(From + "feed_forward.time_mix_receptance", To + "ffn.time_maa_r"),
        ]);

    /// <summary>The layout for these tensors.</summary>
    public static ForeignLayout For(IReadOnlyDictionary<string, WeightInfo> tensors) => tensors.ContainsKey("rwkv.blocks.0.attention.time_mix_w1") ? Mix6 : Plain;

    private static NameRule[] Both(string from, string to) => [new(from + ".weight", to + ".weight"), new(from + ".bias", to + ".bias")];

    private static IEnumerable<NameRule> Att(params string[] names) => names.Select(static name => new NameRule(From + "attention." + name, To + "att." + name));

    private static IEnumerable<NameRule> Ffn(params string[] names) => names.Select(static name => new NameRule(From + "feed_forward." + name, To + "ffn." + name));
}
