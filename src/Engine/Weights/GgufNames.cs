using static RwkvSk.Engine.Weights.TensorChange;

namespace RwkvSk.Engine.Weights;

/// <summary>The layouts of llama.cpp's architectures rwkv6 and rwkv7.</summary>
internal static class GgufNames
{
    private const string From = "blk.*.", To = "blocks.*.";

    private static readonly NameRule[] Common =
    [
        new("token_embd.weight", "emb.weight"), new("token_embd_norm.weight", "blocks.0.ln0.weight"), new("token_embd_norm.bias", "blocks.0.ln0.bias"),
        new("output_norm.weight", "ln_out.weight"), new("output_norm.bias", "ln_out.bias"), new("output.weight", "head.weight"),
        .. Both("attn_norm", "ln1"), .. Both("attn_norm_2", "ln2"), .. Both("time_mix_ln", "att.ln_x"),
        .. new[] { "receptance", "key", "value", "gate" }.Select(static name => new NameRule($"{From}time_mix_{name}.weight", $"{To}att.{name}.weight")),
        new(From + "time_mix_output.weight", To + "att.output.weight", Rescaled),
        new(From + "channel_mix_key.weight", To + "ffn.key.weight"), new(From + "channel_mix_receptance.weight", To + "ffn.receptance.weight"),
        new(From + "channel_mix_value.weight", To + "ffn.value.weight", Rescaled),
    ];

    private static readonly ForeignLayout Rwkv6 = new(
        "GGUF rwkv6",
        [
            .. Common,
            new(From + "time_mix_lerp_fused.weight", $"{To}att.time_maa_w {To}att.time_maa_k {To}att.time_maa_v {To}att.time_maa_r {To}att.time_maa_g", Split),
            .. new[] { "x", "w", "k", "v", "r", "g" }.Select(static name => new NameRule($"{From}time_mix_lerp_{name}.weight", $"{To}att.time_maa_{name}", Vector)),
            new(From + "time_mix_w1.weight", To + "att.time_maa_w1", Transpose), new(From + "time_mix_w2.weight", To + "att.time_maa_w2", Transpose),
            new(From + "time_mix_decay.weight", To + "att.time_decay", Vector), new(From + "time_mix_first.weight", To + "att.time_faaaa", Heads),
            new(From + "time_mix_decay_w1.weight", To + "att.time_decay_w1", Transpose), new(From + "time_mix_decay_w2.weight", To + "att.time_decay_w2", Transpose),
            new(From + "channel_mix_lerp_k.weight", To + "ffn.time_maa_k", Vector), new(From + "channel_mix_lerp_r.weight", To + "ffn.time_maa_r", Vector),
        ]);

    private static readonly ForeignLayout Rwkv7 = new(
        "GGUF rwkv7",
        [
            .. Common,
            new(From + "time_mix_lerp_fused.weight", string.Join(' ', new[] { "r", "w", "k", "v", "a", "g" }.Select(static name => $"{To}att.x_{name}")), Split),
            .. new[] { "w0", "a0", "k_k", "k_a" }.Select(static name => new NameRule($"{From}time_mix_{name}.weight", $"{To}att.{name}", Vector)),
            .. new[] { "w1", "w2", "a1", "a2", "g1", "g2" }.Select(static name => new NameRule($"{From}time_mix_{name}.weight", $"{To}att.{name}", Transpose)),

            // Layer 0 has no value residual; the converter fills the places with copies of a0, a1, a2.
            new(From + "time_mix_v0.weight", To + "att.v0", Vector, LayerZero: Drop),
            new(From + "time_mix_v1.weight", To + "att.v1", Transpose, LayerZero: Drop), new(From + "time_mix_v2.weight", To + "att.v2", Transpose, LayerZero: Drop),
            new(From + "time_mix_r_k.weight", To + "att.r_k", Heads),
            new(From + "channel_mix_lerp_k.weight", To + "ffn.x_k", Vector),
        ]);

    /// <summary>The layout of an architecture; null for one that is not RWKV-6 or 7.</summary>
    public static ForeignLayout? For(string architecture) => architecture switch { "rwkv6" => Rwkv6, "rwkv7" => Rwkv7, _ => null };

    private static NameRule[] Both(string from, string to) => [new($"{From}{from}.weight", $"{To}{to}.weight"), new($"{From}{from}.bias", $"{To}{to}.bias")];
}
