using RwkvSk.Engine.States;

namespace RwkvSk.Engine;

/// <summary>Where a picture stands in a user's turn. Checkpoints answer well only in the order they were trained in.</summary>
public enum ImagePlacement
{
    /// <summary>Image, then instruction (VisualRWKV v7).</summary>
    ImageFirst,

    /// <summary>Instruction, image, instruction again (VisualRWKV v6: the paper's sandwich prompt).</summary>
    Sandwich,
}

/// <summary>In which order the layers read an image's positions (the paper's 2D image scanning).</summary>
public enum ImageScan
{
    /// <summary>Every layer reads row by row.</summary>
    Unidirectional,

    /// <summary>Odd layers read the span backwards.</summary>
    Bidirectional,

    /// <summary>Layers alternate between rows and columns, forwards and backwards.</summary>
    Multidirectional,
}

/// <summary>What a checkpoint's prompts look like; from the model folder's <c>rwkvsk.json</c>, or known for the published files.</summary>
public sealed record ModelPreset
{
    /// <summary>A name for logs.</summary>
    public string Name { get; init; } = "rwkv-world";

    /// <summary>Where pictures stand.</summary>
    public ImagePlacement ImagePlacement { get; init; } = ImagePlacement.ImageFirst;

    /// <summary>How pictures are scanned.</summary>
    public ImageScan ImageScan { get; init; } = ImageScan.Unidirectional;

    /// <summary>Positions per picture; null when the vision tower's own grid decides.</summary>
    public int? PositionsPerImage { get; init; }

    /// <summary>Texts that end an answer.</summary>
    public IReadOnlyList<string> StopSequences { get; init; } = ["\n\nUser:"];

    /// <summary>Whether the model was trained on the tool format (a <c>Tools:</c> block in the system turn).</summary>
    public bool Tools { get; init; } = true;
}

/// <summary>What was loaded.</summary>
/// <param name="Name">The checkpoint's file name without its extension.</param>
/// <param name="Version">"rwkv-4" to "rwkv-7".</param>
/// <param name="LayerCount">L.</param>
/// <param name="Width">C.</param>
/// <param name="HeadSize">N; 0 for RWKV-4.</param>
/// <param name="FfnWidth">F.</param>
/// <param name="VocabularySize">V.</param>
/// <param name="ParameterCount">Parameters of all parts.</param>
/// <param name="VisionTowers">Names of the vision towers; empty for a text model.</param>
/// <param name="PositionsPerImage">Positions one picture takes; 0 for a text model.</param>
/// <param name="Device">Where it runs: "cpu" or "cuda".</param>
/// <param name="Precision">The weights' number format.</param>
/// <param name="State">The state's shape.</param>
/// <param name="Preset">What its prompts look like.</param>
public sealed record ModelDescription(
    string Name,
    string Version,
    int LayerCount,
    int Width,
    int HeadSize,
    int FfnWidth,
    int VocabularySize,
    long ParameterCount,
    IReadOnlyList<string> VisionTowers,
    int PositionsPerImage,
    string Device,
    WeightPrecision Precision,
    StateLayout State,
    ModelPreset Preset)
{
    /// <summary>Whether it reads pictures.</summary>
    public bool SeesImages => PositionsPerImage > 0;
}
