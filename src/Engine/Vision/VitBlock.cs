using RwkvSk.Engine.Models;
using TorchSharp;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace RwkvSk.Engine.Vision;

/// <summary>x + scale1 attention(norm1(x)), then x + scale2 mlp(norm2(x)); only DINOv2 has the scales.</summary>
internal sealed class VitBlock
{
    private static readonly Scalar QuickGelu = 1.702f;

    private readonly LayerNorm _norm1, _norm2;
    private readonly Affine[] _qkv;   // one stacked, or three
    private readonly Affine _projection, _fc1, _fc2;
    private readonly Tensor? _scale1, _scale2;
    private readonly Func<Tensor, Tensor> _activation;
    private readonly int _heads;

    private VitBlock(VitConfig config, LayerNorm norm1, Affine[] qkv, Affine projection, LayerNorm norm2, WeightScope mlp, Tensor? scale1 = null, Tensor? scale2 = null)
    {
        (_heads, _norm1, _qkv, _projection, _norm2, _scale1, _scale2) = (config.HeadCount, norm1, qkv, projection, norm2, scale1, scale2);
        (_fc1, _fc2) = (new Affine(mlp["fc1"], config.MlpWidth, config.Width), new Affine(mlp["fc2"], config.Width, config.MlpWidth));
        _activation = (config.Kind, config.Naming) switch
        {
            (VitKind.Clip, _) => static x => x.mul(x.mul(QuickGelu).sigmoid()),
            (VitKind.Siglip, VitNaming.HuggingFace) => TanhGelu,
            _ => static x => functional.gelu(x),
        };
    }

    /// <summary>A block with timm's names.</summary>
    public static VitBlock Timm(WeightScope block, VitConfig config)
    {
        long d = config.Width;
        var attention = block["attn"];
        var isScaled = block.Has("ls1.gamma");
        return new VitBlock(
            config, new LayerNorm(block["norm1"], d, config.Epsilon), [new Affine(attention["qkv"], 3 * d, d)], new Affine(attention["proj"], d, d),
            new LayerNorm(block["norm2"], d, config.Epsilon), block["mlp"],
            isScaled ? block.Vector("ls1.gamma", d) : null, isScaled ? block.Vector("ls2.gamma", d) : null);
    }

    /// <summary>A layer with Hugging Face's names.</summary>
    public static VitBlock HuggingFace(WeightScope layer, VitConfig config)
    {
        long d = config.Width;
        var attention = layer["self_attn"];
        return new VitBlock(
            config, new LayerNorm(layer["layer_norm1"], d, config.Epsilon),
            [new Affine(attention["q_proj"], d, d), new Affine(attention["k_proj"], d, d), new Affine(attention["v_proj"], d, d)], new Affine(attention["out_proj"], d, d),
            new LayerNorm(layer["layer_norm2"], d, config.Epsilon), layer["mlp"]);
    }

    public Tensor Forward(Tensor x)
    {
        x = Add(x, _projection.Apply(Attention(_norm1.Apply(x))), _scale1);
        return Add(x, _fc2.Apply(_activation(_fc1.Apply(_norm2.Apply(x)))), _scale2);

        static Tensor Add(Tensor x, Tensor y, Tensor? scale) => scale is null ? x.Plus(y) : x.PlusProduct(y, scale);
    }

    private Tensor Attention(Tensor x)
    {
        var (batch, length, width) = (x.shape[0], x.shape[1], x.shape[2]);
        var projected = _qkv.Length == 1 ? _qkv[0].Apply(x).chunk(3, -1) : [.. _qkv.Select(part => part.Apply(x))];
        var y = functional.scaled_dot_product_attention(Heads(projected[0]), Heads(projected[1]), Heads(projected[2]));   // [B,H,T,N]
        return y.transpose(1, 2).reshape(batch, length, width);

        Tensor Heads(Tensor t) => t.view(batch, length, _heads, width / _heads).transpose(1, 2);
    }

    // The tanh form of GELU: x sigmoid(2 sqrt(2/pi) (x + 0.044715 x^3)), because (1 + tanh(z)) / 2 = sigmoid(2 z).
    private static Tensor TanhGelu(Tensor x) => x.mul(x.PlusProduct(x.square().mul(TanhCube), x).mul(TanhSlope).sigmoid());

    private static readonly Scalar TanhCube = 0.044715f, TanhSlope = 1.5957691216057308f;
}
