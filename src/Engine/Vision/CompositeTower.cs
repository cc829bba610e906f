using static TorchSharp.torch;

namespace RwkvSk.Engine.Vision;

/// <summary>One tower or several that see the same picture, each at its own size and statistics; their features stand side by side on the channels.</summary>
internal sealed class CompositeTower
{
    public CompositeTower(params IReadOnlyList<IVisionTower> towers)
    {
        if (towers.Any(tower => tower.Grid != towers[0].Grid || (tower.HasClassToken && towers.Count > 1)))
        {
            throw new ModelFormatException(
                $"The vision towers do not fit together: {string.Join(", ", towers.Select(static t => $"{t.Name} gives {t.Grid} x {t.Grid} patches{(t.HasClassToken ? " and a class token" : "")}"))}; expected equal grids.");
        }

        Towers = towers;
    }

    /// <summary>In the order of their channels.</summary>
    public IReadOnlyList<IVisionTower> Towers { get; }

    /// <summary>D: channels of all towers.</summary>
    public int Width => Towers.Sum(static tower => tower.Width);

    /// <summary>G: patches per row, and rows.</summary>
    public int Grid => Towers[0].Grid;

    /// <summary>Whether a class token comes before the patches.</summary>
    public bool HasClassToken => Towers[0].HasClassToken;

    /// <summary>Features of pixels that are already normalised, one input [B,3,S,S] per tower. [B,G*G,D], or with a class token in front.</summary>
    public Tensor Forward(IReadOnlyList<Tensor> pixels) =>
        Towers.Count == 1 ? Towers[0].Forward(pixels[0]) : cat([.. Towers.Select((tower, i) => tower.Forward(pixels[i]))], -1);

    /// <summary>Features of a picture.</summary>
    public Tensor Forward(RgbImage image, TorchSharp.torch.Device device) => Forward([.. Towers.Select(tower =>
    {
        var size = tower.Preprocessor.Size;
        return tensor(tower.Preprocessor.Apply(image)).view(1, 3, size, size).to(device);
    })]);
}
