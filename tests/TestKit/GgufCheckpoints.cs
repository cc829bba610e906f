using System.Buffers.Binary;
using RwkvSk.Engine.Weights;

namespace RwkvSk.TestKit;

/// <summary>Converts canonical checkpoints to llama.cpp's layout, tensor by tensor, independent of the engine's tables.</summary>
internal static class GgufCheckpoints
{
    public static GgufBuilder Rwkv7(IReadOnlyList<PlainTensor> model, uint headSize)
    {
        var file = new GgufBuilder().Add("general.architecture", "rwkv7").Add("rwkv7.wkv.head_size", headSize).Add("rwkv7.attention.layer_norm_epsilon", 1e-5f);
        foreach (var group in model.GroupBy(static tensor => ForeignCheckpoints.Layer(tensor.Name).Layer))
        {
            var parts = group.ToDictionary(static tensor => ForeignCheckpoints.Layer(tensor.Name).Part);
            var to = $"blk.{group.Key}.";
            foreach (var (part, tensor) in parts)
            {
                var letters = part.Length > 4 ? part[4..] : "";
                var converted = part switch
                {
                    "att.x_r" => PlainTensor.Join(to + "time_mix_lerp_fused.weight", [6, 1, 1, tensor.Shape[^1]], new[] { "r", "w", "k", "v", "a", "g" }.Select(x => parts["att.x_" + x])),
                    "att.x_w" or "att.x_k" or "att.x_v" or "att.x_a" or "att.x_g" => null,
                    "att.w1" or "att.w2" or "att.a1" or "att.a2" or "att.v1" or "att.v2" or "att.g1" or "att.g2" => tensor.Permute(1, 0).As($"{to}time_mix_{letters}.weight"),
                    "att.w0" or "att.a0" or "att.v0" or "att.k_k" or "att.k_a" or "att.r_k" => tensor.As($"{to}time_mix_{letters}.weight", tensor.Shape.Aggregate(1L, static (a, b) => a * b)),
                    "ffn.x_k" => tensor.As(to + "channel_mix_lerp_k.weight", tensor.Shape[^1]),
                    _ => tensor.As(Shared(part, to)),
                };
                Add(file, converted);
            }

            if (group.Key == 0)
            {
                Add(file, parts["att.a0"].As("blk.0.time_mix_v0.weight"));
                Add(file, parts["att.a1"].Permute(1, 0).As("blk.0.time_mix_v1.weight"));
                Add(file, parts["att.a2"].Permute(1, 0).As("blk.0.time_mix_v2.weight"));
            }
        }

        return file;
    }

    public static GgufBuilder Rwkv6(IReadOnlyList<PlainTensor> model, uint headSize, uint rescaleEvery, bool fused)
    {
        var file = new GgufBuilder().Add("general.architecture", "rwkv6").Add("rwkv6.wkv.head_size", headSize).Add("rwkv6.rescale_every_n_layers", rescaleEvery);
        foreach (var group in model.GroupBy(static tensor => ForeignCheckpoints.Layer(tensor.Name).Layer))
        {
            var parts = group.ToDictionary(static tensor => ForeignCheckpoints.Layer(tensor.Name).Part);
            var to = $"blk.{group.Key}.";
            foreach (var (part, tensor) in parts)
            {
                Add(file, part switch
                {
                    "att.time_maa_x" => tensor.As(to + "time_mix_lerp_x.weight", tensor.Shape[^1]),
                    "att.time_maa_w" when fused => PlainTensor.Join(to + "time_mix_lerp_fused.weight", [5, 1, 1, tensor.Shape[^1]], new[] { "w", "k", "v", "r", "g" }.Select(x => parts["att.time_maa_" + x])),
                    "att.time_maa_k" or "att.time_maa_v" or "att.time_maa_r" or "att.time_maa_g" when fused => null,
                    "att.time_maa_w" or "att.time_maa_k" or "att.time_maa_v" or "att.time_maa_r" or "att.time_maa_g" => tensor.As($"{to}time_mix_lerp_{part[^1]}.weight", tensor.Shape[^1]),
                    "att.time_maa_w1" => tensor.Permute(1, 0).As(to + "time_mix_w1.weight"),
                    "att.time_maa_w2" => tensor.Permute(0, 2, 1).As(to + "time_mix_w2.weight"),
                    "att.time_decay" => tensor.As(to + "time_mix_decay.weight", tensor.Shape[^1]),
                    "att.time_decay_w1" or "att.time_decay_w2" => tensor.Permute(1, 0).As($"{to}time_mix_{part[9..]}.weight"),
                    "att.time_faaaa" => tensor.As(to + "time_mix_first.weight"),
                    "ffn.time_maa_k" or "ffn.time_maa_r" => tensor.As($"{to}channel_mix_lerp_{part[^1]}.weight", tensor.Shape[^1]),
                    "att.output.weight" or "ffn.value.weight" when rescaleEvery > 0 => Halved(tensor, group.Key / (int)rescaleEvery).As(Shared(part, to)),
                    _ => tensor.As(Shared(part, to)),
                });
            }
        }

        return file;
    }

    private static string Shared(string part, string to) => part switch
    {
        "emb.weight" => "token_embd.weight",
        "head.weight" => "output.weight",
        "ln_out.weight" or "ln_out.bias" => part.Replace("ln_out", "output_norm", StringComparison.Ordinal),
        "ln0.weight" or "ln0.bias" => part.Replace("ln0", "token_embd_norm", StringComparison.Ordinal),
        _ => to + part.Replace("ln1", "attn_norm", StringComparison.Ordinal).Replace("ln2", "attn_norm_2", StringComparison.Ordinal).Replace("att.ln_x", "time_mix_ln", StringComparison.Ordinal)
            .Replace("att.", "time_mix_", StringComparison.Ordinal).Replace("ffn.", "channel_mix_", StringComparison.Ordinal),
    };

    private static PlainTensor Halved(PlainTensor tensor, int times)
    {
        var data = (byte[])tensor.Data.Clone();
        for (var i = 0; i < data.Length; i += 2)
        {
            var value = BitConverter.Int32BitsToSingle(BinaryPrimitives.ReadUInt16LittleEndian(data.AsSpan(i)) << 16) / (1 << times);
            BinaryPrimitives.WriteUInt16LittleEndian(data.AsSpan(i), (ushort)(BitConverter.SingleToInt32Bits(value) >> 16));
        }

        return tensor with { Data = data };
    }

    private static void Add(GgufBuilder file, PlainTensor? tensor)
    {
        if (tensor is not null)
        {
            file.Tensor(tensor.Name, tensor.Type switch { WeightType.Float32 => 0u, WeightType.Float16 => 1u, _ => 30u }, tensor.Shape, tensor.Data);
        }
    }
}
