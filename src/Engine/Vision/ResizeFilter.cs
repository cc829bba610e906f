namespace RwkvSk.Engine.Vision;

/// <summary>The interpolation kernels of <see cref="PilResize"/>. Each is widened by the scale when an axis shrinks, so all of them antialias.</summary>
internal enum ResizeFilter
{
    /// <summary>Triangle; reaches 1 source pixel to each side.</summary>
    Bilinear,

    /// <summary>Cubic convolution with a = -0.5; reaches 2 source pixels.</summary>
    Bicubic,

    /// <summary>Windowed sinc; reaches 3 source pixels.</summary>
    Lanczos3,
}
