using RwkvSk.Engine.Models;

namespace RwkvSk.Engine.Vision;

/// <summary>The vision transformers that VisualRWKV looks through.</summary>
internal enum VitKind
{
    Clip,
    Siglip,
    Dino,
}

/// <summary>Who wrote the tower's tensors: the libraries name them differently, and VisualRWKV reads their outputs at different places.</summary>
internal enum VitNaming
{
    /// <summary>timm: <c>blocks.i.attn.qkv</c>. Read after the last block but one, without the final norm.</summary>
    Timm,

    /// <summary>Hugging Face: <c>encoder.layers.i.self_attn.q_proj</c>. Read after the last layer.</summary>
    HuggingFace,
}

/// <summary>The sizes of a vision transformer. Everything but the head count is read off the tensors; no tensor depends on the head count.</summary>
internal sealed record VitConfig(VitKind Kind, VitNaming Naming, int Width, int LayerCount, int HeadCount, int MlpWidth, int PatchSize, int Grid)
{
    // SigLIP's published so400m has heads of 72 channels; every other tower here has heads of 64.
    private const int SoWidth = 1152, SoHeads = 16, HeadSize = 64;

    /// <summary>The square input's side in pixels.</summary>
    public int ImageSize => PatchSize * Grid;

    /// <summary>Tokens before the patches: CLIP's class token, DINOv2's class token and registers.</summary>
    public int PrefixTokens { get; private init; }

    /// <summary>Layers whose result is used. The others are in the file and never computed.</summary>
    public int UsedLayers => Naming == VitNaming.Timm ? LayerCount - 1 : LayerCount;

    /// <summary>Of every layer norm.</summary>
    public double Epsilon => Kind == VitKind.Clip ? 1e-5 : 1e-6;

    /// <summary>What the tower was trained to look at.</summary>
    public ImagePreprocessor Preprocessor => Kind switch
    {
        VitKind.Clip => new ImagePreprocessor(ImageSize, ImageFraming.CentreCrop, ResizeFilter.Bicubic, PixelStatistics.Clip),
        VitKind.Dino => new ImagePreprocessor(ImageSize, ImageFraming.Stretch, ResizeFilter.Bicubic, PixelStatistics.ImageNet),

        // SigLIP 2 (patches of 16) resizes bilinearly, SigLIP and the towers in timm's form bicubically.
        _ => new ImagePreprocessor(
            ImageSize, ImageFraming.Stretch, Naming == VitNaming.HuggingFace && PatchSize == 16 ? ResizeFilter.Bilinear : ResizeFilter.Bicubic, PixelStatistics.Half),
    };

    /// <summary>Reads the sizes of a tower.</summary>
    /// <param name="tower">The tower's scope.</param>
    /// <param name="headCount">null takes the head count of the published towers of this width, else one head per 64 channels.</param>
    public static VitConfig Read(WeightScope tower, int? headCount)
    {
        var isTimm = tower.Has("patch_embed.proj.weight");
        var patch = tower.ShapeOf(isTimm ? "patch_embed.proj.weight" : "embeddings.patch_embedding.weight");                 // [D,3,p,p]
        var (kind, prefix) =
            isTimm && tower.Has("cls_token") ? (VitKind.Dino, 1 + (tower.Has("reg_token") ? (int)tower.ShapeOf("reg_token")[^2] : 0)) :
            tower.Has("embeddings.class_embedding") ? (VitKind.Clip, 1) : (VitKind.Siglip, 0);
        var positions = (isTimm ? tower.ShapeOf("pos_embed") : tower.ShapeOf("embeddings.position_embedding.weight"))[^2]    // [G*G,D], CLIP's with the class token
            - (kind == VitKind.Clip ? 1 : 0);

        var grid = (int)Math.Round(Math.Sqrt(positions));
        if (patch.Count != 4 || patch[1] != 3 || patch[2] != patch[3] || (long)grid * grid != positions)
        {
            throw new ModelFormatException(
                $"The vision tower's patch embedding is [{string.Join(',', patch)}] with {positions} positions, expected [width,3,p,p] with a square number of positions.");
        }

        var width = (int)patch[0];
        var layers = isTimm ? tower["blocks"] : tower["encoder"]["layers"];
        var heads = headCount ?? (width == SoWidth ? SoHeads : Math.Max(1, width / HeadSize));
        return width % heads == 0
            ? new VitConfig(
                kind, isTimm ? VitNaming.Timm : VitNaming.HuggingFace, width, layers.ChildCount, heads, (int)layers[0]["mlp"].ShapeOf("fc1.weight")[0], (int)patch[2], grid)
            {
                PrefixTokens = prefix,
            }
            : throw new ModelFormatException($"The vision tower is {width} wide, which {heads} heads do not divide; set the head count in rwkvsk.json.");
    }
}
