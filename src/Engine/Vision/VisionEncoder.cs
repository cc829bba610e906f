using RwkvSk.Engine.Models;
using RwkvSk.Engine.Scheduling;
using static TorchSharp.torch;

namespace RwkvSk.Engine.Vision;

/// <summary>
/// Pixels to positions: preprocessing and towers, pooling of the feature grid to <see cref="Positions"/>, projector. The result is raw like a token
/// embedding: the language model's ln0 is applied to both.
/// </summary>
internal sealed class VisionEncoder
{
    private readonly CompositeTower _tower;
    private readonly IProjector _projector;
    private readonly bool _isTiled, _classFirst;
    private readonly int _gridSize;
    private readonly TorchSharp.torch.Device _device;

    /// <param name="tower">What sees.</param>
    /// <param name="projector">Its input is the tower's width, or twice that where the quarters of a picture are looked at as well.</param>
    /// <param name="isTiled">Whether they are (UHD).</param>
    /// <param name="classFirst">Whether a class token stands before the patches and not after them.</param>
    /// <param name="positions">Positions a picture takes; null takes every patch.</param>
    /// <param name="device">Where the towers are.</param>
    /// <exception cref="ModelFormatException">The tower's grid cannot be pooled to so many.</exception>
    public VisionEncoder(CompositeTower tower, IProjector projector, bool isTiled, bool classFirst, int? positions, TorchSharp.torch.Device device)
    {
        (_tower, _projector, _isTiled, _classFirst, _device) = (tower, projector, isTiled, classFirst, device);
        if (tower.HasClassToken)
        {
            _gridSize = GridSize(tower.Grid, classFirst, positions);
            var side = FeatureGrid.SideAfterPooling(tower.Grid, _gridSize, classFirst);
            (Positions, Span) = (1 + (side * side), new ImageSpan(classFirst ? 1 : 0, side));
        }
        else
        {
            Positions = positions ?? tower.Grid * tower.Grid;
            var side = (int)Math.Round(Math.Sqrt(Positions));
            Span = new ImageSpan(0, side);
            if (side * side != Positions || side < 1 || side > tower.Grid)
            {
                throw new ModelFormatException($"A picture cannot take {Positions} positions: expected a square number up to {tower.Grid * tower.Grid}, the tower's grid.");
            }
        }
    }

    /// <summary>Positions one picture takes.</summary>
    public int Positions { get; }

    /// <summary>Where its patches lie among them.</summary>
    public ImageSpan Span { get; }

    /// <summary>What sees.</summary>
    public CompositeTower Tower => _tower;

    /// <summary>Names of the towers.</summary>
    public IReadOnlyList<string> Towers => [.. _tower.Towers.Select(static tower => tower.Name)];

    /// <summary>[P,C]</summary>
    public Tensor Encode(RgbImage image)
    {
        var features = _tower.Forward(image, _device);
        if (_isTiled)
        {
            features = FeatureGrid.BesideQuarters(features, [.. Quarters.Of(image).Select(quarter => _tower.Forward(quarter, _device))]);
        }

        return Project(features).select(0, 0);
    }

    /// <summary>From the towers' features to positions. [B,T,D] -> [B,P,C]</summary>
    public Tensor Project(Tensor features) => _projector.Forward(
        _tower.HasClassToken ? FeatureGrid.PoolWithClass(features, _gridSize, _classFirst) : FeatureGrid.Pool(features, Positions));

    private static int GridSize(int side, bool classFirst, int? positions)
    {
        int[] sizes = [FeatureGrid.Unpooled, 0, .. Enumerable.Range(1, side).Where(size => size > 1 || !classFirst)];
        foreach (var size in sizes)
        {
            var after = FeatureGrid.SideAfterPooling(side, size, classFirst);
            if (positions is null || positions == 1 + (after * after))
            {
                return size;
            }
        }

        var possible = sizes.Select(size => FeatureGrid.SideAfterPooling(side, size, classFirst)).Select(static after => 1 + (after * after)).Distinct().Order();
        throw new ModelFormatException($"A picture cannot take {positions} positions: with a grid of {side} x {side} patches and a class token it takes {string.Join(", ", possible)}.");
    }
}

/// <summary>An encoded picture as the torch runner keeps it. [P,C] on the model's device; freed by whoever keeps it, for the garbage collector does not see how large it is.</summary>
internal sealed class TorchImageEmbeddings(Tensor rows, ImageSpan span) : IImageEmbeddings, IDisposable
{
    /// <summary>[P,C]</summary>
    public Tensor Rows { get; } = rows;

    /// <summary>Where the patches lie, for the scan.</summary>
    public ImageSpan Span { get; } = span;

    /// <inheritdoc/>
    public int Positions { get; } = (int)rows.shape[0];

    /// <inheritdoc/>
    public long Bytes { get; } = rows.shape[0] * rows.shape[1] * sizeof(float);

    /// <inheritdoc/>
    public void Dispose() => Rows.Dispose();
}
