using static TorchSharp.torch;

namespace RwkvSk.Engine.Vision;

/// <summary>A vision tower: a square of normalised pixels in, a grid of patch features out.</summary>
internal interface IVisionTower
{
    /// <summary>Its name in descriptions and in <c>rwkvsk.json</c>: clip, siglip, dino or sam.</summary>
    string Name { get; }

    /// <summary>Its own input size, framing and pixel statistics.</summary>
    ImagePreprocessor Preprocessor { get; }

    /// <summary>D: channels per patch.</summary>
    int Width { get; }

    /// <summary>G: patches per row, and rows.</summary>
    int Grid { get; }

    /// <summary>Whether a class token comes before the patches.</summary>
    bool HasClassToken { get; }

    /// <summary>[B,3,S,S] -> [B,G*G,D] row by row, or [B,1+G*G,D] with a class token.</summary>
    Tensor Forward(Tensor pixels);
}
