using System.Globalization;
using System.Runtime.InteropServices;
using RwkvSk.Engine.Weights;
using RwkvSk.Trainer.Training;

namespace RwkvSk.Trainer;

/// <summary>Writes a model folder: the checkpoint in bf16 under the published names, its vocabulary, its <c>rwkvsk.json</c>.</summary>
internal static class ModelExport
{
    /// <summary>Writes (or replaces) the folder's three files.</summary>
    public static void Write(ParameterStore store, GoslingShape shape, string vocabulary, string folder)
    {
        Directory.CreateDirectory(folder);
        SafetensorsWriter.Write(
            Path.Combine(folder, "model.safetensors"),
            store.Specs.Select(static (spec, i) => (Spec: spec, Index: i)).Where(static x => !x.Spec.Name.StartsWith("aux.", StringComparison.Ordinal)).Select(x =>
                SafetensorsTensor.From(x.Spec.Name, WeightType.BFloat16, x.Spec.Shape, MemoryMarshal.AsBytes(Rounded(store.Values(x.Index)).AsSpan()).ToArray())),
            new Dictionary<string, string> { ["format"] = "pt", ["step"] = store.Step.ToString(CultureInfo.InvariantCulture) });
        if (Path.GetFullPath(vocabulary) != Path.GetFullPath(Path.Combine(folder, "vocab.txt")))
        {
            File.Copy(vocabulary, Path.Combine(folder, "vocab.txt"), overwrite: true);
        }

        File.WriteAllText(Path.Combine(folder, "rwkvsk.json"), FormattableString.Invariant($$"""
            {
              "name": "gosling",
              "vocabulary": "vocab.txt",
              "imagePlacement": "imageFirst",
              "positionsPerImage": {{shape.PositionsPerImage}},
              "stopSequences": ["\n\n"],
              "tools": true,
              "visionHeads": { "siglip": {{shape.TowerHeads}} }
            }

            """));
    }

    // To the nearest bf16, ties to even.
    private static ushort[] Rounded(ReadOnlySpan<float> values)
    {
        var rounded = new ushort[values.Length];
        for (var i = 0; i < rounded.Length; i++)
        {
            var bits = BitConverter.SingleToUInt32Bits(values[i]);
            rounded[i] = (ushort)((bits + 0x7fff + ((bits >> 16) & 1)) >> 16);
        }

        return rounded;
    }
}
