using System.Globalization;
using System.Text.RegularExpressions;

namespace RwkvSk.TestKit;

/// <summary>Converts canonical checkpoints to other layouts, one tensor at a time, written from the layouts' descriptions and independent of the engine's tables.</summary>
internal static partial class ForeignCheckpoints
{
    public static IEnumerable<PlainTensor> Transformers(IEnumerable<PlainTensor> model, bool mix6 = false)
    {
        foreach (var tensor in model)
        {
            var name = tensor.Name switch
            {
                "emb.weight" => "rwkv.embeddings.weight",
                "head.weight" => "head.weight",
                var other => "rwkv." + other
                    .Replace(".att.", ".attention.", StringComparison.Ordinal).Replace(".ffn.", ".feed_forward.", StringComparison.Ordinal).Replace(".ln0.", ".pre_ln.", StringComparison.Ordinal),
            };
            if (mix6)
            {
                name = name.Replace("time_maa_", "time_mix_", StringComparison.Ordinal);
            }

            name = MixLetter().Replace(name, static match => "time_mix_" + match.Groups[1].Value switch { "k" => "key", "v" => "value", "r" => "receptance", _ => "gate" });
            yield return tensor.As(name);
        }
    }

    public static IEnumerable<PlainTensor> Fla7(IEnumerable<PlainTensor> model)
    {
        foreach (var tensor in model)
        {
            var (layer, part) = Layer(tensor.Name);
            var to = $"model.layers.{layer}.";
            yield return part switch
            {
                "emb.weight" or "head.weight" or "ln_out.weight" or "ln_out.bias" => FlaOuter(tensor),
                "att.receptance.weight" => tensor.As(to + "attn.r_proj.weight"),
                "att.key.weight" => tensor.As(to + "attn.k_proj.weight"),
                "att.value.weight" => tensor.As(to + "attn.v_proj.weight"),
                "att.k_k" or "att.k_a" => tensor.As(to + part.Replace("att", "attn", StringComparison.Ordinal), tensor.Shape[^1]),
                "att.w0" or "att.a0" or "att.v0" => tensor.As($"{to}attn.{part[4]}_lora.lora.2.bias", tensor.Shape[^1]),
                "att.w1" or "att.a1" or "att.v1" or "att.g1" => tensor.Permute(1, 0).As($"{to}attn.{part[4]}_lora.lora.0.weight"),
                "att.w2" or "att.a2" or "att.v2" or "att.g2" => tensor.Permute(1, 0).As($"{to}attn.{part[4]}_lora.lora.2.weight"),
                "ffn.x_k" => tensor.As(to + part, tensor.Shape[^1]),
                _ => tensor.As(to + FlaShared(part)),
            };
        }
    }

    public static IEnumerable<PlainTensor> Fla6(IEnumerable<PlainTensor> model)
    {
        foreach (var group in model.GroupBy(static tensor => Layer(tensor.Name).Layer))
        {
            var parts = group.ToDictionary(static tensor => Layer(tensor.Name).Part);
            var to = $"model.layers.{group.Key}.";
            if (group.Key < 0)
            {
                foreach (var tensor in group)
                {
                    yield return FlaOuter(tensor);
                }

                continue;
            }

            // Canonical blocks come as w,k,v,r,g; FLA wants r,w,k,v,g.
            int[] order = [3, 0, 1, 2, 4];
            var (width, joined) = (parts["att.time_maa_w1"].Shape[0], parts["att.time_maa_w1"].Shape[1]);
            var inputs = parts["att.time_maa_w1"].Permute(1, 0).Cut(5);
            yield return PlainTensor.Join(to + "attn.x_proj.0.linear.weight", [joined, width], order.Select(i => inputs[i]));
            var outputs = parts["att.time_maa_w2"].Cut(5);
            yield return PlainTensor.Join("", [joined, width], order.Select(i => outputs[i])).Permute(1, 0).As(to + "attn.x_proj.2.weight");
            yield return PlainTensor.Join(to + "attn.x_bias", [5, width], new[] { "r", "w", "k", "v", "g" }.Select(letter => parts["att.time_maa_" + letter]));
            yield return parts["att.time_maa_x"].As(to + "attn.x_proj.0.mu", width);
            yield return parts["att.time_decay_w1"].Permute(1, 0).As(to + "attn.w_proj.linear.lora.0.weight");
            yield return parts["att.time_decay_w2"].Permute(1, 0).As(to + "attn.w_proj.linear.lora.2.weight");
            yield return parts["att.time_decay"].As(to + "attn.w_proj.linear.lora.2.bias", width);
            yield return parts["att.time_faaaa"].As(to + "attn.bonus");
            yield return parts["att.receptance.weight"].As(to + "attn.r_proj.linear.weight");
            yield return parts["att.key.weight"].As(to + "attn.k_proj.linear.weight");
            yield return parts["att.value.weight"].As(to + "attn.v_proj.linear.weight");
            yield return parts["att.gate.weight"].As(to + "attn.g_proj.linear.weight");
            yield return parts["ffn.key.weight"].As(to + "ffn.key.linear.weight");
            yield return parts["ffn.receptance.weight"].As(to + "ffn.receptance.linear.weight");
            yield return parts["ffn.time_maa_k"].As(to + "ffn.key.mu", width);
            yield return parts["ffn.time_maa_r"].As(to + "ffn.receptance.mu", width);
            foreach (var (part, tensor) in parts.Where(static entry => entry.Key.Contains("ln", StringComparison.Ordinal) || entry.Key is "att.output.weight" or "ffn.value.weight"))
            {
                yield return tensor.As(to + FlaShared(part));
            }
        }
    }

    public static IEnumerable<PlainTensor> WebRwkv(IEnumerable<PlainTensor> model)
    {
        foreach (var tensor in model)
        {
            var turned = WebTransposed().IsMatch(tensor.Name)
                ? tensor.Shape.Length == 3 ? tensor.Permute(0, 2, 1) : tensor.Permute(1, 0)
                : tensor;
            yield return turned.As(tensor.Name.Replace("time_faaaa", "time_first", StringComparison.Ordinal).Replace("time_maa", "time_mix", StringComparison.Ordinal));
        }
    }

    public static (int Layer, string Part) Layer(string name) =>
        BlockName().Match(name) is { Success: true } match ? (int.Parse(match.Groups[1].Value, CultureInfo.InvariantCulture), match.Groups[2].Value) : (-1, name);

    private static PlainTensor FlaOuter(PlainTensor tensor) => tensor.As(tensor.Name switch
    {
        "emb.weight" => "model.embeddings.weight",
        "head.weight" => "lm_head.weight",
        _ => "model.norm" + tensor.Name["ln_out".Length..],
    });

    private static string FlaShared(string part) => part
        .Replace("ln0", "pre_norm", StringComparison.Ordinal).Replace("ln1", "attn_norm", StringComparison.Ordinal).Replace("ln2", "ffn_norm", StringComparison.Ordinal)
        .Replace("att.ln_x", "attn.g_norm", StringComparison.Ordinal).Replace("att.output", "attn.o_proj", StringComparison.Ordinal).Replace("att.", "attn.", StringComparison.Ordinal);

    [GeneratedRegex(@"^blocks\.(\d+)\.(.*)$")]
    private static partial Regex BlockName();

    [GeneratedRegex("time_mix_([kvrg])$")]
    private static partial Regex MixLetter();

    [GeneratedRegex(@"(time_maa_w|time_decay_w|att\.[wagv])[12]$")]
    private static partial Regex WebTransposed();
}
