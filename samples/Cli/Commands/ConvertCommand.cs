using System.CommandLine;
using System.Globalization;
using RwkvSk.Engine;
using RwkvSk.Engine.Weights;

namespace RwkvSk.Cli.Commands;

/// <summary><c>convert</c>: any supported checkpoint as one safetensors file with the published names. Needs no libtorch.</summary>
internal static class ConvertCommand
{
    private const string Extension = ".safetensors";

    private static readonly Dictionary<string, WeightType> Types = new(StringComparer.OrdinalIgnoreCase)
    {
        ["float32"] = WeightType.Float32, ["bfloat16"] = WeightType.BFloat16, ["float16"] = WeightType.Float16,
    };

    public static Command Create()
    {
        var input = new Argument<string>("IN") { Description = "A checkpoint file or a model folder." };
        var output = new Argument<string>("OUT") { Description = "The new file, ending in .safetensors." };
        var dtype = new Option<string?>("--dtype") { Description = "The type of all numbers: float32, bfloat16 or float16; left out, each stays as it is (quantised ones become float32)." };
        dtype.AcceptOnlyFromAmong(StringComparer.OrdinalIgnoreCase, [.. Types.Keys]);
        var adapter = new Option<string?>("--adapter") { Description = "An adapter file (LoRA and its relatives) to merge into the weights." };
        var alpha = new Option<double?>("--adapter-alpha") { Description = "The adapter's alpha; its rank when left out." };
        var vocabulary = new Option<string?>("--vocabulary") { Description = "Where to write the vocabulary that a GGUF file holds." };
        var command = new Command("convert", "Writes a checkpoint as one safetensors file with the published names.") { input, output, dtype, adapter, alpha, vocabulary };
        command.SetAction(parse =>
        {
            var (target, wanted) = (parse.GetRequiredValue(output), parse.GetValue(dtype));
            if (!target.EndsWith(Extension, StringComparison.OrdinalIgnoreCase))
            {
                throw new ArgumentException($"'{target}' should end in {Extension}, as that is what is written.");
            }

            var folder = ModelFolder.Open(parse.GetRequiredValue(input));
            var merged = parse.GetValue(adapter) is { } path ? new AdapterOptions { Path = path, Alpha = parse.GetValue(alpha) } : folder.Adapter;
            var bytes = Working.Show(parse.InvocationConfiguration.Error, "converting", progress =>
            {
                using var weights = folder.OpenWeights();
                var words = GgufVocabulary.WorldFile(weights);
                if (parse.GetValue(vocabulary) is { } list)
                {
                    File.WriteAllBytes(list, words ?? throw new ModelFormatException($"'{weights.Path}' holds no vocabulary; it lies beside the checkpoint."));
                }

                using var source = merged is null ? weights : AdaptedWeightFile.Open(weights, merged);
                string[] inputs = [.. folder.CheckpointFiles, .. merged is null ? [] : new[] { merged.Path, merged.InitialPath }.OfType<string>()];
                return CheckpointConverter.Write(
                    source, inputs, target, wanted is null ? null : Types[wanted], (done, all) => progress(string.Create(CultureInfo.InvariantCulture, $"{done >> 20} of {all >> 20} MiB")));
            });
            parse.InvocationConfiguration.Output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{target}: {bytes:N0} bytes of weights"));
        });
        return command;
    }
}
