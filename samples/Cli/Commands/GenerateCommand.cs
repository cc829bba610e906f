using System.CommandLine;
using System.Globalization;
using System.Text.Json;
using RwkvSk.Cli.Generation;
using RwkvSk.Engine;
using RwkvSk.Engine.Weights;

namespace RwkvSk.Cli.Commands;

/// <summary><c>generate</c>: a model of true size with random weights, to measure with.</summary>
internal static class GenerateCommand
{
    public static Command Create()
    {
        var like = new Option<string>("--like") { Description = $"The published model whose sizes it has: {string.Join(", ", PublishedSize.All.Select(static size => size.Name))}.", Required = true };
        var seed = new Option<long>("--seed") { Description = "Equal seeds give equal files." };
        var output = new Option<string>("--out") { Description = "A .safetensors file, or a folder that gets one with a vocabulary of single bytes beside it, so that it can chat.", Required = true };
        var dtype = new Option<WeightPrecision>("--dtype") { Description = "The weights' number format: bfloat16, float16 or float32.", DefaultValueFactory = static _ => WeightPrecision.BFloat16 };
        dtype.AcceptOnlyFromAmong(StringComparer.OrdinalIgnoreCase, "bfloat16", "float16", "float32");
        var vocabulary = new Option<int?>("--vocabulary-size") { Description = "Tokens the model knows; the published number when left out." }.AtLeast(ByteVocabulary.Size);
        var command = new Command("generate", "Writes a model with random weights and the sizes of a published one.") { like, seed, output, dtype, vocabulary };
        command.SetAction(parse =>
        {
            var size = PublishedSize.Find(parse.GetRequiredValue(like));
            var model = new RandomModel(size, parse.GetValue(vocabulary) ?? size.VocabularySize, Type(parse.GetValue(dtype)), parse.GetValue(seed));
            var path = Write(model, size, parse.GetValue(seed), parse.GetRequiredValue(output));
            parse.InvocationConfiguration.Output.WriteLine($"{path}: {new FileInfo(path).Length.ToString("N0", CultureInfo.InvariantCulture)} bytes");
        });
        return command;
    }

    /// <summary>Writes a model to a file or into a folder.</summary>
    /// <returns>The checkpoint's path.</returns>
    public static string Write(RandomModel model, PublishedSize size, long seed, string output)
    {
        var isFile = output.EndsWith(".safetensors", StringComparison.OrdinalIgnoreCase);
        var path = isFile ? output : Path.Combine(output, "model.safetensors");
        if (!isFile)
        {
            Directory.CreateDirectory(output);
            File.WriteAllBytes(Path.Combine(output, "vocab.txt"), ByteVocabulary.File());
            File.WriteAllText(
                Path.Combine(output, "rwkvsk.json"),
                JsonSerializer.Serialize(new { name = $"{size.Name} (random)", vocabulary = "vocab.txt", stopSequences = new[] { "\n\n" } }));
        }

        SafetensorsWriter.Write(path, model.Tensors(), new Dictionary<string, string> { ["like"] = size.Name, ["seed"] = seed.ToString(CultureInfo.InvariantCulture) });
        return path;
    }

    private static WeightType Type(WeightPrecision precision) => precision switch
    {
        WeightPrecision.Float32 => WeightType.Float32,
        WeightPrecision.Float16 => WeightType.Float16,
        _ => WeightType.BFloat16,
    };
}
