using RwkvSk.Engine.Vision;

namespace RwkvSk.Trainer.Data;

/// <summary>Brings a picture to the square that the vision tower reads; normalising it is the trainer's part.</summary>
internal static class Preprocess
{
    /// <summary>Side of the square in pixels.</summary>
    public const int Side = 96;

    /// <summary>Stretches a picture, exactly as the engine does.</summary>
    /// <returns>[96, 96, 3] bytes, row by row.</returns>
    public static byte[] ToSquare(RgbImage image) => PilResize.Resize(image, Side, Side, ResizeFilter.Bicubic);
}
