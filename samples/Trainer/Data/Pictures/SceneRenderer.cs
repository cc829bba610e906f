using RwkvSk.Engine.Vision;
using SkiaSharp;

namespace RwkvSk.Trainer.Data;

/// <summary>Paints scenes. Keeps its canvas between pictures, so one renderer serves one thread.</summary>
internal sealed class SceneRenderer(RenderStyle style) : IDisposable
{
    private readonly SKPaint _paint = new();
    private SKBitmap _bitmap = new();

    /// <summary>A painter with the training's wide habits.</summary>
    public SceneRenderer()
        : this(RenderStyle.Training)
    {
    }

    /// <summary>Paints one picture; every open detail, down to a round through JPEG, is a draw.</summary>
    public RgbImage Render(Scene scene, Random random)
    {
        Paint(scene, random);
        if (!random.Chance(style.Jpeg))
        {
            return Copy(_bitmap);
        }

        using var encoded = EncodeJpeg(random);
        using var decoded = SKBitmap.Decode(encoded, new SKImageInfo(scene.Width, scene.Height, SKColorType.Rgba8888, SKAlphaType.Opaque));
        return Copy(decoded);
    }

    /// <summary>Paints one picture as the bytes of a PNG or a JPEG file.</summary>
    public byte[] RenderEncoded(Scene scene, Random random)
    {
        Paint(scene, random);
        using var data = random.Chance(style.Jpeg) ? EncodeJpeg(random) : _bitmap.Encode(SKEncodedImageFormat.Png, 100);
        return data.ToArray();
    }

    public void Dispose()
    {
        _paint.Dispose();
        _bitmap.Dispose();
    }

    private void Paint(Scene scene, Random random)
    {
        if (_bitmap.Width != scene.Width || _bitmap.Height != scene.Height)
        {
            _bitmap.Dispose();
            _bitmap = new SKBitmap(new SKImageInfo(scene.Width, scene.Height, SKColorType.Rgba8888, SKAlphaType.Opaque));
        }

        using var canvas = new SKCanvas(_bitmap);
        canvas.Clear(Sk(scene.Background));
        _paint.IsAntialias = random.Chance(0.7);
        var outline = random.Chance(style.Outlined) ? new Outline(random) : null;
        var stretched = random.Chance(style.Stretched);
        foreach (var item in scene.Objects)
        {
            PaintObject(canvas, scene, item, stretched, outline, random);
        }

        if (random.Chance(style.Noisy))
        {
            AddNoise(_bitmap.GetPixelSpan(), random.Next(2, 9), random);
        }
    }

    private void PaintObject(SKCanvas canvas, Scene scene, SceneObject item, bool stretched, Outline? outline, Random random)
    {
        float cellWidth = scene.Width / 3f, cellHeight = scene.Height / 3f;
        var extent = (float)(item.Size == ObjectSize.Large ? style.Large : style.Small).Draw(random);
        var side = Math.Min(cellWidth, cellHeight);
        var radiusX = extent * (stretched ? cellWidth : side) / 2;
        var radiusY = extent * (stretched ? cellHeight : side) / 2;
        var x = (cellWidth * ((item.Cell % 3) + 0.5f)) + Offset(cellWidth, radiusX, random);
        var y = (cellHeight * ((item.Cell / 3) + 0.5f)) + Offset(cellHeight, radiusY, random);

        using var path = Outlines.Draw(item.Shape, style, random);
        path.Transform(SKMatrix.CreateRotationDegrees((float)Outlines.Turn(item.Shape, style, random)));
        path.Transform(SKMatrix.CreateScale(radiusX, radiusY));
        path.Transform(SKMatrix.CreateTranslation(x, y));

        var colour = style.Palette.Draw(item.Colour, random);
        _paint.Style = SKPaintStyle.Fill;
        _paint.Color = Sk(colour);
        canvas.DrawPath(path, _paint);
        if (outline is not null)
        {
            _paint.Style = SKPaintStyle.Stroke;
            _paint.Color = Sk(outline.ColourFor(colour));
            _paint.StrokeWidth = (float)Math.Max(1, outline.Width * Math.Max(1, side / 40));
            canvas.DrawPath(path, _paint);
        }
    }

    /// <summary>Small mostly; at most so far that the object hardly leaves its cell.</summary>
    private static float Offset(float cell, float radius, Random random)
    {
        var room = Math.Max(0.02f * cell, (cell / 2) - radius);
        return (float)(random.Between(-1, 1) * Math.Min(room, random.Chance(0.3) ? 0.3f * cell : 0.12f * cell));
    }

    private static void AddNoise(Span<byte> rgba, int amplitude, Random random)
    {
        for (var i = 0; i < rgba.Length; i++)
        {
            rgba[i] = (i & 3) == 3 ? rgba[i] : (byte)Math.Clamp(rgba[i] + random.Next(-amplitude, amplitude + 1), 0, 255);
        }
    }

    private SKData EncodeJpeg(Random random)
    {
        var downsample = random.Chance(0.6) ? SKJpegEncoderDownsample.Downsample420 : SKJpegEncoderDownsample.Downsample444;
        using var pixels = _bitmap.PeekPixels();
        return pixels.Encode(new SKJpegEncoderOptions(random.Next(60, 98), downsample, SKJpegEncoderAlphaOption.Ignore))
            ?? throw new InvalidOperationException($"SkiaSharp could not encode a picture of {_bitmap.Width} x {_bitmap.Height} pixels as JPEG.");
    }

    private static RgbImage Copy(SKBitmap bitmap)
    {
        var rgba = bitmap.GetPixelSpan();
        var rgb = new byte[rgba.Length / 4 * 3];
        for (int from = 0, to = 0; to < rgb.Length; from += 4, to += 3)
        {
            rgb[to] = rgba[from];
            rgb[to + 1] = rgba[from + 1];
            rgb[to + 2] = rgba[from + 2];
        }

        return new(bitmap.Width, bitmap.Height, rgb);
    }

    private static SKColor Sk(Rgb c) => new(c.R, c.G, c.B);

    /// <summary>One thin dark line around all objects of a picture: black, grey or a darker shade of the object's own colour.</summary>
    private sealed class Outline(Random random)
    {
        private readonly int _kind = random.Next(3);
        private readonly byte _grey = (byte)random.Next(30, 90);
        private readonly double _shade = random.Between(0.35, 0.65);

        public double Width { get; } = random.Between(0.8, 2);

        public Rgb ColourFor(Rgb fill) => _kind switch
        {
            0 => new(0, 0, 0),
            1 => new(_grey, _grey, _grey),
            _ => new((byte)(fill.R * _shade), (byte)(fill.G * _shade), (byte)(fill.B * _shade)),
        };
    }
}
