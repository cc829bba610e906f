using RwkvSk.Engine.Scheduling;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace RwkvSk.Engine.Vision;

/// <summary>
/// Pixels to positions: preprocessing, tower, pooling of the feature grid to <see cref="Positions"/>, projector. The result is raw like a token
/// embedding: the language model's ln0 is applied to both.
/// </summary>
internal sealed class VisionEncoder
{
    private readonly VitTower _tower;
    private readonly ContextGatedProjector _projector;
    private readonly ImagePreprocessor _preprocessor;
    private readonly TorchSharp.torch.Device _device;

    public VisionEncoder(VitTower tower, ContextGatedProjector projector, int positions, TorchSharp.torch.Device device)
    {
        (_tower, _projector, _device) = (tower, projector, device);
        var side = (int)Math.Round(Math.Sqrt(positions));
        if (side * side != positions || side > tower.Config.Grid)
        {
            throw new ModelFormatException($"A picture cannot take {positions} positions: expected a square number up to {tower.Config.Grid * tower.Config.Grid}, the tower's grid.");
        }

        Positions = positions;
        _preprocessor = new ImagePreprocessor(tower.Config.ImageSize, ImageFraming.Stretch, ResizeFilter.Bicubic, PixelStatistics.Half);
    }

    /// <summary>Positions one picture takes.</summary>
    public int Positions { get; }

    /// <summary>[P,C]</summary>
    public Tensor Encode(RgbImage image)
    {
        var size = _tower.Config.ImageSize;
        var pixels = tensor(_preprocessor.Apply(image)).view(1, 3, size, size).to(_device);
        return _projector.Forward(FeatureGrid.Pool(_tower.Forward(pixels), Positions)).view(Positions, -1);
    }
}

/// <summary>Square grids of patch features.</summary>
internal static class FeatureGrid
{
    /// <summary>AdaptiveAvgPool2d over the feature grid. [B,G*G,D] -> [B,P,D]</summary>
    public static Tensor Pool(Tensor features, int positions)
    {
        var (batch, length, width) = (features.shape[0], features.shape[1], features.shape[2]);
        if (length == positions)
        {
            return features;
        }

        var (grid, side) = ((long)Math.Round(Math.Sqrt(length)), (long)Math.Round(Math.Sqrt(positions)));
        var map = features.transpose(1, 2).reshape(batch, width, grid, grid);
        return functional.adaptive_avg_pool2d(map, [side, side]).flatten(2).transpose(1, 2);
    }
}

/// <summary>An encoded picture as the torch runner keeps it. [P,C] on the model's device.</summary>
internal sealed class TorchImageEmbeddings(Tensor rows) : IImageEmbeddings
{
    /// <summary>[P,C]</summary>
    public Tensor Rows { get; } = rows;

    /// <inheritdoc/>
    public int Positions { get; } = (int)rows.shape[0];

    /// <inheritdoc/>
    public long Bytes { get; } = rows.shape[0] * rows.shape[1] * sizeof(float);
}
