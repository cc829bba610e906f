using RwkvSk.Engine.Models;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace RwkvSk.Engine.Vision;

/// <summary>The sizes of a vision transformer. Everything but the head count is read off the tensors; no tensor depends on the head count.</summary>
internal sealed record VitConfig(int Width, int LayerCount, int HeadCount, int MlpWidth, int PatchSize, int Grid)
{
    /// <summary>The square input's side in pixels.</summary>
    public int ImageSize => PatchSize * Grid;

    /// <summary>Reads the sizes of a tower in timm's layout (<c>patch_embed.proj</c>, <c>pos_embed</c>, <c>blocks.i</c>).</summary>
    /// <param name="tower">The tower's scope.</param>
    /// <param name="headCount">null takes the head count of the published towers of this width, else one head per 64 channels.</param>
    public static VitConfig Read(WeightScope tower, int? headCount)
    {
        var patch = tower.ShapeOf("patch_embed.proj.weight");            // [D,3,p,p]
        var positions = tower.ShapeOf("pos_embed")[^2];                  // [1,G*G,D]
        var grid = (int)Math.Round(Math.Sqrt(positions));
        if (patch.Count != 4 || patch[1] != 3 || patch[2] != patch[3] || (long)grid * grid != positions)
        {
            throw new ModelFormatException(
                $"The vision tower's patch embedding is [{string.Join(',', patch)}] with {positions} positions, expected [width,3,p,p] with a square number of positions.");
        }

        var width = (int)patch[0];
        var heads = headCount ?? (width == 1152 ? 16 : Math.Max(1, width / 64));
        return width % heads == 0
            ? new VitConfig(width, tower["blocks"].ChildCount, heads, (int)tower["blocks"][0]["mlp"].ShapeOf("fc1.weight")[0], (int)patch[2], grid)
            : throw new ModelFormatException($"The vision tower is {width} wide, which {heads} heads do not divide; set the head count in rwkvsk.json.");
    }
}

/// <summary>
/// A vision transformer in timm's SigLIP layout (no class token, erf GELU, eps 1e-6). VisualRWKV v7 reads the output of the last block but one, without
/// the final norm, so the last block is in the file and never computed.
/// </summary>
internal sealed class VitTower
{
    private const double Epsilon = 1e-6;
    private readonly Tensor _patch, _patchBias, _positions;
    private readonly VitBlock[] _blocks;

    public VitTower(WeightScope tower, VitConfig config)
    {
        Config = config;
        long d = config.Width;
        var patch = tower["patch_embed"]["proj"];
        _patch = patch.Vector("weight", d, 3, config.PatchSize, config.PatchSize);
        _patchBias = patch.Vector("bias", d);
        _positions = tower.Vector("pos_embed", config.Grid * config.Grid, d);
        _blocks = [.. Enumerable.Range(0, config.LayerCount - 1).Select(i => new VitBlock(tower["blocks"][i], config, Epsilon))];
    }

    /// <summary>The sizes.</summary>
    public VitConfig Config { get; }

    /// <summary>[B,3,S,S] pixels, normalised -> [B,G*G,D] patch features, row by row.</summary>
    public Tensor Forward(Tensor pixels)
    {
        var x = functional.conv2d(pixels, _patch, _patchBias, strides: [Config.PatchSize, Config.PatchSize]);   // [B,D,G,G]
        x = x.flatten(2).transpose(1, 2).Plus(_positions);                                                      // [B,G*G,D]
        foreach (var block in _blocks)
        {
            x = block.Forward(x);
        }

        return x;
    }
}

/// <summary>x + attention(norm1(x)), then x + mlp(norm2(x)).</summary>
internal sealed class VitBlock
{
    private readonly LayerNorm _norm1, _norm2;
    private readonly Tensor _qkv, _qkvBias, _projection, _projectionBias, _fc1, _fc1Bias, _fc2, _fc2Bias;
    private readonly int _heads;

    public VitBlock(WeightScope block, VitConfig config, double epsilon)
    {
        long d = config.Width, f = config.MlpWidth;
        _heads = config.HeadCount;
        (_norm1, _norm2) = (new LayerNorm(block["norm1"], d, epsilon), new LayerNorm(block["norm2"], d, epsilon));
        var (attention, mlp) = (block["attn"], block["mlp"]);
        (_qkv, _qkvBias) = (attention.Matrix("qkv.weight", 3 * d, d), attention.Vector("qkv.bias", 3 * d));
        (_projection, _projectionBias) = (attention.Matrix("proj.weight", d, d), attention.Vector("proj.bias", d));
        (_fc1, _fc1Bias) = (mlp.Matrix("fc1.weight", f, d), mlp.Vector("fc1.bias", f));
        (_fc2, _fc2Bias) = (mlp.Matrix("fc2.weight", d, f), mlp.Vector("fc2.bias", d));
    }

    public Tensor Forward(Tensor x)
    {
        x = x.Plus(TensorMath.Linear(Attention(_norm1.Apply(x)), _projection, _projectionBias));
        var hidden = functional.gelu(TensorMath.Linear(_norm2.Apply(x), _fc1, _fc1Bias));
        return x.Plus(TensorMath.Linear(hidden, _fc2, _fc2Bias));
    }

    private Tensor Attention(Tensor x)
    {
        var (batch, length, width) = (x.shape[0], x.shape[1], x.shape[2]);
        var qkv = TensorMath.Linear(x, _qkv, _qkvBias).view(batch, length, 3, _heads, width / _heads).permute(2, 0, 3, 1, 4);   // [3,B,H,T,N]
        var y = functional.scaled_dot_product_attention(qkv.select(0, 0), qkv.select(0, 1), qkv.select(0, 2));                  // [B,H,T,N]
        return y.transpose(1, 2).reshape(batch, length, width);
    }
}
