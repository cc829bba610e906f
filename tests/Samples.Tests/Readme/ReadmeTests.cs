using RwkvSk.Engine.Weights;
using RwkvSk.TestKit;
using Xunit;

namespace RwkvSk.Samples.Tests.Readme;

public sealed class ReadmeTests
{
    [Fact]
    public void The_snippets_are_the_compiled_code()
    {
        var compiled = Regions(File.ReadAllLines(Path.Combine(AppContext.BaseDirectory, "ReadmeSnippets.cs")));
        var shown = Fences(File.ReadAllLines(Path.Combine(AppContext.BaseDirectory, "README.md")));
        Assert.NotEmpty(shown);
        Assert.Equal(compiled.Values, shown);
        Assert.Equal([compiled["chat"]], Fences(File.ReadAllLines(Path.Combine(AppContext.BaseDirectory, "PACKAGE.md"))));
    }

    [Fact]
    public async Task The_snippets_run()
    {
        Assert.SkipWhen(LibTorch.Missing is not null, LibTorch.Missing ?? "");
        using var folder = new TemporaryFolder();
        var model = TinyModel.Create(folder["tiny"]);
        await ReadmeSnippets.ChatAsync(model, folder.Write("circle.png", TestPictures.Circle()));
        Assert.NotNull(await ReadmeSnippets.DeviceAsync(model));
        var tuned = folder["polite.safetensors"];
        SafetensorsWriter.Write(tuned, [.. Enumerable.Range(0, TinyModel.LayerCount).Select(static layer => SafetensorsTensor.From(
            $"blocks.{layer}.att.time_state", [TinyModel.Width / TinyModel.HeadSize, TinyModel.HeadSize, TinyModel.HeadSize], new float[TinyModel.Width * TinyModel.HeadSize]))]);
        Assert.NotEqual(0, await ReadmeSnippets.PersonasAsync(model, tuned, static () => "a tenant"));
        Assert.NotEqual(0, await ReadmeSnippets.SnapshotAsync(model, folder["manual.safetensors"]));
        Assert.True(File.Exists(folder["manual.safetensors"]));
        Assert.NotNull(await ReadmeSnippets.StatesAsync(model, folder["states"], "a secret of some length"));
        Assert.NotEmpty(Directory.GetFiles(folder["states"], "*.safetensors", SearchOption.AllDirectories));
    }

    // Regions of one name are one snippet, its parts separated by an empty line.
    private static Dictionary<string, string> Regions(string[] lines)
    {
        var regions = new Dictionary<string, string>();
        string? name = null;
        var part = new List<string>();
        foreach (var line in lines)
        {
            if (line.TrimStart().StartsWith("#region ", StringComparison.Ordinal))
            {
                name = line.Trim()["#region ".Length..];
            }
            else if (line.Trim() == "#endregion")
            {
                var text = Unindent(part);
                regions[name!] = regions.TryGetValue(name!, out var before) ? $"{before}\n\n{text}" : text;
                (name, part) = (null, []);
            }
            else if (name is not null)
            {
                part.Add(line);
            }
        }

        return regions;
    }

    private static List<string> Fences(string[] lines)
    {
        var (fences, open) = (new List<string>(), default(List<string>));
        foreach (var line in lines)
        {
            if (open is null)
            {
                open = line == "```csharp" ? [] : null;
            }
            else if (line == "```")
            {
                fences.Add(string.Join('\n', open));
                open = null;
            }
            else
            {
                open.Add(line);
            }
        }

        return fences;
    }

    private static string Unindent(List<string> lines)
    {
        var indent = lines.Where(static line => line.Length > 0).Min(static line => line.Length - line.TrimStart().Length);
        return string.Join('\n', lines.Select(line => line.Length > indent ? line[indent..] : ""));
    }
}
