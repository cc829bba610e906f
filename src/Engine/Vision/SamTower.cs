using RwkvSk.Engine.Models;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace RwkvSk.Engine.Vision;

/// <summary>
/// The image encoder of Segment Anything (arXiv 2304.02643) as VisualRWKV reads it: attention in windows, in some blocks over the whole picture, with decomposed
/// relative positions; a convolutional neck; then every 2 x 2 patches put side by side on the channels. Window sizes are read off the position tables.
/// </summary>
internal sealed class SamTower : IVisionTower
{
    private const double Epsilon = 1e-6;
    private const int HeadSize = 64, Fold = 2;
    private readonly Tensor _patch, _patchBias, _positions, _neck1, _neck2;
    private readonly LayerNorm _neckNorm1, _neckNorm2;
    private readonly int _patchSize, _patchGrid;

    /// <param name="tower">The tower's scope.</param>
    /// <param name="headCount">null takes one head per 64 channels.</param>
    public SamTower(WeightScope tower, int? headCount)
    {
        var (patch, positions) = (tower.ShapeOf("patch_embed.proj.weight"), tower.ShapeOf("pos_embed"));   // [D,3,p,p], [1,G,G,D]
        if (patch.Count != 4 || patch[2] != patch[3] || positions.Count != 4 || positions[1] != positions[2] || positions[1] % Fold != 0)
        {
            throw new ModelFormatException(
                $"The SAM tower's patches are [{string.Join(',', patch)}] with positions [{string.Join(',', positions)}], expected [width,3,p,p] and [1,G,G,width] with an even G.");
        }

        long d = patch[0], neck = tower.ShapeOf("neck.0.weight")[0];
        var heads = headCount ?? (int)Math.Max(1, d / HeadSize);
        if (d % heads != 0)
        {
            throw new ModelFormatException($"The SAM tower is {d} wide, which {heads} heads do not divide; set the head count in rwkvsk.json.");
        }

        (_patchSize, _patchGrid) = ((int)patch[2], (int)positions[1]);
        _patch = tower.Vector("patch_embed.proj.weight", d, 3, _patchSize, _patchSize);
        _patchBias = tower.Vector("patch_embed.proj.bias", d);
        _positions = tower.Vector("pos_embed", _patchGrid, _patchGrid, d);
        Blocks = [.. Enumerable.Range(0, tower["blocks"].ChildCount).Select(i => new SamBlock(tower["blocks"][i], d, heads, _patchGrid, Epsilon))];
        (_neck1, _neck2) = (tower.Vector("neck.0.weight", neck, d, 1, 1), tower.Vector("neck.2.weight", neck, neck, 3, 3));
        (_neckNorm1, _neckNorm2) = (new LayerNorm(tower["neck"][1], neck, Epsilon), new LayerNorm(tower["neck"][3], neck, Epsilon));
        Width = (int)neck * Fold * Fold;
        Preprocessor = new ImagePreprocessor(_patchSize * _patchGrid, ImageFraming.Stretch, ResizeFilter.Bicubic, PixelStatistics.ImageNet);
    }

    /// <summary>The blocks.</summary>
    public IReadOnlyList<SamBlock> Blocks { get; }

    /// <inheritdoc/>
    public string Name => "sam";

    /// <inheritdoc/>
    public ImagePreprocessor Preprocessor { get; }

    /// <inheritdoc/>
    public int Width { get; }

    /// <inheritdoc/>
    public int Grid => _patchGrid / Fold;

    /// <inheritdoc/>
    public bool HasClassToken => false;

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

        return TensorMath.Scoped(() => Unshuffle(Neck(x)).flatten(2).transpose(1, 2));
    }

    /// <summary>[B,3,S,S] -> [B,G,G,D]</summary>
    public Tensor Embed(Tensor pixels) =>
        functional.conv2d(pixels, _patch, _patchBias, strides: [_patchSize, _patchSize]).permute(0, 2, 3, 1).Plus(_positions);

    /// <summary>[B,G,G,D] -> [B,E,G,G]</summary>
    public Tensor Neck(Tensor x)
    {
        x = Normalized(functional.conv2d(x.permute(0, 3, 1, 2), _neck1), _neckNorm1);
        return Normalized(functional.conv2d(x, _neck2, padding: [1, 1]), _neckNorm2);

        static Tensor Normalized(Tensor x, LayerNorm norm) => norm.Apply(x.permute(0, 2, 3, 1)).permute(0, 3, 1, 2);   // over the channels of each position
    }

    /// <summary>Half the rows and columns, four times the channels: channel 4 c + 2 dy + dx. [B,E,G,G] -> [B,4E,G/2,G/2]</summary>
    public static Tensor Unshuffle(Tensor x)
    {
        var (batch, channels, half) = (x.shape[0], x.shape[1], x.shape[2] / Fold);
        return x.reshape(batch, channels, half, Fold, half, Fold).permute(0, 1, 3, 5, 2, 4).reshape(batch, channels * Fold * Fold, half, half);
    }
}
