using RwkvSk.Engine.Models;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace RwkvSk.Engine.Vision;

/// <summary>
/// A vision transformer: CLIP (norm before the first layer, class token kept), SigLIP (no class token) or DINOv2 (class token and registers, dropped at the end;
/// layer scale). VisualRWKV reads timm's towers after the last block but one, so their last block is in the file and never computed.
/// </summary>
internal sealed class VitTower : IVisionTower
{
    private readonly Tensor _patch, _positions;
    private readonly Tensor? _patchBias;
    private readonly Tensor[] _prefix;
    private readonly LayerNorm? _normBefore, _normAfter;

    public VitTower(WeightScope tower, VitConfig config)
    {
        Config = config;
        long d = config.Width, p = config.PatchSize, patches = config.Grid * config.Grid;
        if (config.Naming == VitNaming.Timm)
        {
            _patch = tower.Vector("patch_embed.proj.weight", d, 3, p, p);
            _patchBias = tower.Vector("patch_embed.proj.bias", d);
            _positions = tower.Vector("pos_embed", patches, d);
            _prefix = config.PrefixTokens switch
            {
                0 => [],
                1 => [tower.Vector("cls_token", 1, d)],
                var count => [tower.Vector("cls_token", 1, d), tower.Vector("reg_token", count - 1, d)],
            };
            Blocks = [.. Enumerable.Range(0, config.UsedLayers).Select(i => VitBlock.Timm(tower["blocks"][i], config))];

            // Behind the features: the last block, the norm, the pooling head. mask_token is for training.
            tower.Skip($"blocks.{config.UsedLayers}.", "norm.", "attn_pool.", "fc_norm.", "mask_token");
            return;
        }

        var embeddings = tower["embeddings"];
        _patch = embeddings.Vector("patch_embedding.weight", d, 3, p, p);
        _patchBias = embeddings.Has("patch_embedding.bias") ? embeddings.Vector("patch_embedding.bias", d) : null;
        _positions = embeddings.Vector("position_embedding.weight", config.PrefixTokens + patches, d);
        _prefix = HasClassToken ? [embeddings.Vector("class_embedding", 1, d)] : [];
        _normBefore = HasClassToken ? new LayerNorm(tower["pre_layrnorm"], d, config.Epsilon) : null;    // spelt so in every checkpoint
        _normAfter = HasClassToken ? null : new LayerNorm(tower["post_layernorm"], d, config.Epsilon);
        Blocks = [.. Enumerable.Range(0, config.UsedLayers).Select(i => VitBlock.HuggingFace(tower["encoder"]["layers"][i], config))];

        // Behind the features: CLIP's norm of the pooled token, SigLIP's pooling head. Older libraries also wrote down that positions count from 0.
        tower.Skip("post_layernorm.", "head.", "embeddings.position_ids");
    }

    /// <summary>The sizes.</summary>
    public VitConfig Config { get; }

    /// <summary>The layers that are computed.</summary>
    public IReadOnlyList<VitBlock> Blocks { get; }

    /// <inheritdoc/>
    public string Name => Config.Kind switch
    {
        VitKind.Clip => "clip",
        VitKind.Dino => "dino",
        _ => "siglip",
    };

    /// <inheritdoc/>
    public ImagePreprocessor Preprocessor => Config.Preprocessor;

    /// <inheritdoc/>
    public int Width => Config.Width;

    /// <inheritdoc/>
    public int Grid => Config.Grid;

    /// <inheritdoc/>
    public bool HasClassToken => Config.Kind == VitKind.Clip;

    /// <inheritdoc/>
    public Tensor Forward(Tensor pixels)
    {
        var x = TensorMath.Scoped(() => Embed(pixels));
        foreach (var block in Blocks)
        {
            var before = x;
            x = TensorMath.Scoped(() => block.Forward(before));
            before.Dispose();
        }

        return Finish(x);
    }

    /// <summary>What the first layer reads: patches, positions, the tokens before them. [B,3,S,S] -> [B,P+G*G,D]</summary>
    public Tensor Embed(Tensor pixels)
    {
        var x = functional.conv2d(pixels, _patch, _patchBias, strides: [Config.PatchSize, Config.PatchSize]);   // [B,D,G,G]
        x = x.flatten(2).transpose(1, 2);                                                                       // [B,G*G,D]
        if (_prefix.Length == 0)
        {
            return x.Plus(_positions);
        }

        // CLIP's class token has a position of its own, DINOv2's tokens have none.
        x = HasClassToken ? WithPrefix(x).Plus(_positions) : WithPrefix(x.Plus(_positions));
        return _normBefore?.Apply(x) ?? x;
    }

    /// <summary>From the last computed layer's output to features.</summary>
    public Tensor Finish(Tensor x)
    {
        x = _normAfter?.Apply(x) ?? x;
        return HasClassToken || Config.PrefixTokens == 0 ? x : x.narrow(1, Config.PrefixTokens, x.shape[1] - Config.PrefixTokens);
    }

    private Tensor WithPrefix(Tensor x) => cat([.. _prefix.Select(token => token.expand(x.shape[0], -1, -1)), x], 1);
}
