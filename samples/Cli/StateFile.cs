using System.Globalization;
using RwkvSk.Engine;
using RwkvSk.Engine.States;
using RwkvSk.Engine.Weights;

namespace RwkvSk.Cli;

/// <summary>A recurrent state in a file: safetensors with one fp32 tensor <c>state</c> [L,R,C] and the number of positions read in the header.</summary>
internal static class StateFile
{
    private const string Tensor = "state", Position = "position";

    /// <summary>Writes a state, replacing a file that is there.</summary>
    public static void Write(string path, StateSnapshot state) => SafetensorsWriter.Write(
        path,
        [SafetensorsTensor.From(Tensor, Shape(state.Layout), state.Data)],
        new Dictionary<string, string> { [Position] = state.Position.ToString(CultureInfo.InvariantCulture) });

    /// <summary>Reads a state for a model.</summary>
    /// <exception cref="ModelFormatException">The file holds no state, or one of another shape.</exception>
    public static StateSnapshot Read(string path, StateLayout layout)
    {
        using var file = SafetensorsFile.Open(path);
        var info = file.Find(Tensor);
        if (info.Type != WeightType.Float32 || !info.Shape.SequenceEqual(Shape(layout)))
        {
            throw new ModelFormatException(
                $"'{path}': '{Tensor}' is {info.Type} {WeightTypes.Describe(info.Shape)}, this model's state is {WeightType.Float32} {WeightTypes.Describe(Shape(layout))}.");
        }

        return file.Metadata.TryGetValue(Position, out var text) && long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var position)
            ? new StateSnapshot(layout, position, file.Floats(Tensor))
            : throw new ModelFormatException($"'{path}' does not say how many positions its state has read ('{Position}' in the header).");
    }

    private static long[] Shape(StateLayout layout) => [layout.LayerCount, layout.RowCount, layout.Width];
}
