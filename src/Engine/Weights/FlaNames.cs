using static RwkvSk.Engine.Weights.TensorChange;

namespace RwkvSk.Engine.Weights;

/// <summary>The layouts of flash-linear-attention's RWKV-6 and RWKV-7 models (<c>model.layers.N.attn</c>), also used by other Hugging Face adapters.</summary>
internal static class FlaNames
{
    private const string From = "model.layers.*.", To = "blocks.*.";

    private static readonly NameRule[] Common =
    [
        new("model.embeddings.weight", "emb.weight"), new("lm_head.weight", "head.weight"),
        new("model.norm.weight", "ln_out.weight"), new("model.norm.bias", "ln_out.bias"),
        .. Both("pre_norm", "ln0"), .. Both("attn_norm", "ln1"), .. Both("ffn_norm", "ln2"), .. Both("attn.g_norm", "att.ln_x"),
        new(From + "attn.o_proj.weight", To + "att.output.weight"), new(From + "ffn.value.weight", To + "ffn.value.weight"),
    ];

    /// <summary>RWKV-7.</summary>
    public static ForeignLayout Rwkv7 { get; } = new(
        "flash-linear-attention RWKV-7",
        [
            .. Common,
            .. new[] { "x_r", "x_w", "x_k", "x_v", "x_a", "x_g", "k_k", "k_a" }.Select(static name => new NameRule(From + "attn." + name, To + "att." + name, Vector)),
            new(From + "attn.r_k", To + "att.r_k"),
            new(From + "attn.r_proj.weight", To + "att.receptance.weight"), new(From + "attn.k_proj.weight", To + "att.key.weight"), new(From + "attn.v_proj.weight", To + "att.value.weight"),
            .. LowRank("w"), .. LowRank("a"), .. LowRank("v"), .. LowRank("g"),
            new(From + "ffn.x_k", To + "ffn.x_k", Vector), new(From + "ffn.key.weight", To + "ffn.key.weight"),
        ]);

    /// <summary>RWKV-6.</summary>
    public static ForeignLayout Rwkv6 { get; } = new(
        "flash-linear-attention RWKV-6",
        [
            .. Common,
            new(From + "attn.x_proj.0.mu", To + "att.time_maa_x", Vector),
            new(From + "attn.x_proj.0.linear.weight", To + "att.time_maa_w1", FlaMixIn), new(From + "attn.x_proj.2.weight", To + "att.time_maa_w2", FlaMixOut),
            new(From + "attn.x_bias", $"{To}att.time_maa_r {To}att.time_maa_w {To}att.time_maa_k {To}att.time_maa_v {To}att.time_maa_g", Split),
            new(From + "attn.r_proj.linear.weight", To + "att.receptance.weight"), new(From + "attn.k_proj.linear.weight", To + "att.key.weight"),
            new(From + "attn.v_proj.linear.weight", To + "att.value.weight"), new(From + "attn.g_proj.linear.weight", To + "att.gate.weight"),
            new(From + "attn.w_proj.linear.lora.0.weight", To + "att.time_decay_w1", Transpose), new(From + "attn.w_proj.linear.lora.2.weight", To + "att.time_decay_w2", Transpose),
            new(From + "attn.w_proj.linear.lora.2.bias", To + "att.time_decay", Vector), new(From + "attn.bonus", To + "att.time_faaaa"),
            new(From + "ffn.key.linear.weight", To + "ffn.key.weight"), new(From + "ffn.key.mu", To + "ffn.time_maa_k", Vector),
            new(From + "ffn.receptance.linear.weight", To + "ffn.receptance.weight"), new(From + "ffn.receptance.mu", To + "ffn.time_maa_r", Vector),
        ]);

    private static NameRule[] Both(string from, string to) => [new($"{From}{from}.weight", $"{To}{to}.weight"), new($"{From}{from}.bias", $"{To}{to}.bias")];

    // Two linear layers, so [out,in]; the .pth files keep them as [in,out].
    private static NameRule[] LowRank(string letter) =>
    [
        new($"{From}attn.{letter}_lora.lora.0.weight", $"{To}att.{letter}1", Transpose),
        new($"{From}attn.{letter}_lora.lora.2.weight", $"{To}att.{letter}2", Transpose),
        new($"{From}attn.{letter}_lora.lora.2.bias", $"{To}att.{letter}0", Vector),
    ];
}
