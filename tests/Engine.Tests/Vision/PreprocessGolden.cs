using System.Text.Json;
using RwkvSk.Engine.Vision;
using RwkvSk.TestKit;
using Xunit;

namespace RwkvSk.Engine.Tests.Vision;

/// <summary>The pictures and numbers that the public preprocessing pipelines made (Golden/preprocess).</summary>
internal static class PreprocessGolden
{
    public static string Folder { get; } = Find();

    public static TheoryData<string> Names { get; } =
        [
            "rgb_64x48.png", "rgba_50x70.png", "gray_61x40.png", "palette_80x60.png", "photo_640x480_q90.jpg",
            "exif6_96x64.jpg", "lossy_120x90.webp", "tall_37x211.png", "one_1x1.png",
        ];

    private static readonly JsonElement Facts = JsonDocument.Parse(File.ReadAllText(Path.Combine(Folder, "preprocess.json"))).RootElement;

    public static string Fact(string name, string key) => Facts.GetProperty("images").GetProperty(name).GetProperty(key).GetString()!;

    /// <summary>The picture's file.</summary>
    public static byte[] Encoded(string name) => File.ReadAllBytes(Path.Combine(Folder, "images", name));

    /// <summary>The picture as stored, not turned: the references ignore the camera's orientation.</summary>
    public static RgbImage Stored(string name)
    {
        var decoded = Path.Combine(Folder, "decoded", name + ".rgb.png");
        var file = name.StartsWith("exif", StringComparison.Ordinal) ? File.ReadAllBytes(decoded) : Encoded(name);
        return new SkiaImageDecoder().Decode(file, 1_000_000);
    }

    public static NpzFile Arrays(string file) => new(Path.Combine(Folder, file + ".npz"));

    private static string Find()
    {
        var folder = new DirectoryInfo(AppContext.BaseDirectory);
        while (folder is not null && !File.Exists(Path.Combine(folder.FullName, "RwkvSk.sln")))
        {
            folder = folder.Parent;
        }

        return Path.Combine(folder?.FullName ?? throw new DirectoryNotFoundException("RwkvSk.sln is in no parent folder"), "tests", "Engine.Tests", "Golden", "preprocess");
    }
}
