namespace RwkvSk.Trainer.Training;

/// <summary>The sizes of the model to train: a VisualRWKV-7 with one small SigLIP-shaped tower.</summary>
internal sealed record GoslingShape
{
    public int Width { get; init; } = 192;

    public int LayerCount { get; init; } = 6;

    public int HeadSize { get; init; } = 64;

    public int FfnWidth { get; init; } = 768;

    public int VocabularySize { get; init; } = 1024;

    public int DecayRank { get; init; } = 32;

    public int RateRank { get; init; } = 32;

    public int ResidualRank { get; init; } = 16;

    public int GateRank { get; init; } = 48;

    public int TowerWidth { get; init; } = 128;

    /// <summary>The last block is in the file, as in the published checkpoints, and is not computed.</summary>
    public int TowerLayers { get; init; } = 5;

    public int TowerHeads { get; init; } = 4;

    public int TowerMlp { get; init; } = 384;

    public int PatchSize { get; init; } = 8;

    public int Grid { get; init; } = 12;

    public int PositionsPerImage { get; init; } = 9;

    public int ImageSize => PatchSize * Grid;
}
