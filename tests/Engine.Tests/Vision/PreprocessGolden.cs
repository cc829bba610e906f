using System.Text.Json;
using RwkvSk.Engine.Vision;
using RwkvSk.TestKit;
using Xunit;

namespace RwkvSk.Engine.Tests.Vision;

/// <summary>The pictures and numbers that the public preprocessing pipelines made (Golden/preprocess).</summary>
internal static class PreprocessGolden
{
    public static TheoryData<string> Names { get; } =
        [
            "rgb_64x48.png", "rgba_50x70.png", "gray_61x40.png", "palette_80x60.png", "photo_640x480_q90.jpg",
            "exif6_96x64.jpg", "lossy_120x90.webp", "tall_37x211.png", "one_1x1.png",
        ];

    private static readonly JsonElement Facts = JsonDocument.Parse(File.ReadAllText(Golden.File("preprocess", "preprocess.json"))).RootElement;

    public static string Fact(string name, string key) => Facts.GetProperty("images").GetProperty(name).GetProperty(key).GetString()!;

    /// <summary>The picture's file.</summary>
    public static byte[] Encoded(string name) => File.ReadAllBytes(Golden.File("preprocess", "images", name));

    /// <summary>The picture as stored, not turned: the references ignore the camera's orientation.</summary>
    public static RgbImage Stored(string name)
    {
        var isTurned = name.StartsWith("exif", StringComparison.Ordinal);
        var file = isTurned ? File.ReadAllBytes(Golden.File("preprocess", "decoded", name + ".rgb.png")) : Encoded(name);
        return new SkiaImageDecoder().Decode(file, 1_000_000);
    }

    public static NpzFile Arrays(string file) => new(Golden.File("preprocess", file + ".npz"));
}
