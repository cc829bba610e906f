namespace RwkvSk.Engine.Vision;

/// <summary>Mean and standard deviation of the training pixels, per channel, on the scale where 255 is 1.</summary>
internal sealed record PixelStatistics((float R, float G, float B) Mean, (float R, float G, float B) Deviation)
{
    /// <summary>The pictures CLIP was trained on.</summary>
    public static PixelStatistics Clip { get; } = new((0.48145466f, 0.4578275f, 0.40821073f), (0.26862954f, 0.26130258f, 0.27577711f));

    /// <summary>ImageNet: DINOv2 and, in the VisualRWKV towers, SAM.</summary>
    public static PixelStatistics ImageNet { get; } = new((0.485f, 0.456f, 0.406f), (0.229f, 0.224f, 0.225f));

    /// <summary>One half each, which maps bytes to [-1, 1]: SigLIP.</summary>
    public static PixelStatistics Half { get; } = new((0.5f, 0.5f, 0.5f), (0.5f, 0.5f, 0.5f));
}
