using System.Globalization;
using RwkvSk.Engine.States;

namespace RwkvSk.Engine.Weights;

/// <summary>Reads the initial state of a state-tuned checkpoint: <c>blocks.i.att.time_state</c> [H,N,N], rows the value index, columns the key index, in every version.</summary>
internal static class TunedState
{
    private const string Suffix = "att.time_state";

    /// <summary>Reads a state-tuned file for a model.</summary>
    /// <param name="path">The file, in any checkpoint format.</param>
    /// <param name="layout">The model's state.</param>
    /// <param name="version">The model's version, "rwkv-4" to "rwkv-7".</param>
    /// <exception cref="FileNotFoundException">There is no such file.</exception>
    /// <exception cref="ModelFormatException">It holds no tuned state, or one of another model.</exception>
    public static StateSnapshot Load(string path, StateLayout layout, string version)
    {
        if (version == "rwkv-4")
        {
            throw new ModelFormatException($"'{path}' cannot begin an RWKV-4 model: its state has no matrices to tune; RWKV-5, 6 and 7 have.");
        }

        using var file = WeightFiles.OpenAsIs(path);
        return Read(file, layout, keyMajor: version is "rwkv-5" or "rwkv-6")
            ?? throw new ModelFormatException($"'{path}' holds no tuned state: expected 'blocks.0.{Suffix}' and so on.");
    }

    /// <summary>Whether a file holds a tuned state.</summary>
    public static bool IsIn(IWeightFile file) => file.Tensors.Keys.Any(static name => name.EndsWith(Suffix, StringComparison.Ordinal));

    /// <summary>The state before the first position; null when the file has none.</summary>
    /// <param name="file">A file of states alone, or a merged checkpoint.</param>
    /// <param name="layout">The model's state: RWKV-5 to 7.</param>
    /// <param name="keyMajor">Whether the model keeps [key,value] per head (RWKV-5 and 6), so that the file's matrices are transposed; RWKV-7 keeps [value,key] as the file does.</param>
    /// <exception cref="ModelFormatException">A layer's state is missing or has another size: it was tuned for another model.</exception>
    public static StateSnapshot? Read(IWeightFile file, StateLayout layout, bool keyMajor)
    {
        if (!IsIn(file))
        {
            return null;
        }

        var headSize = layout.RowCount - 2;
        var data = new float[layout.Length];
        for (var layer = 0; layer < layout.LayerCount; layer++)
        {
            var info = Find(file, layer);
            if (info.Count != (long)headSize * layout.Width || info.Shape is not [_, var rows, var columns] || rows != headSize || columns != headSize)
            {
                throw new ModelFormatException(
                    $"'{file.Path}': '{info.Name}' is {WeightTypes.Describe(info.Shape)}, expected [{layout.Width / headSize},{headSize},{headSize}]: it was tuned for another model.");
            }

            // Row 0 is the time mix's token shift, which starts from zero like the channel mix's.
            var state = data.AsSpan(((layer * layout.RowCount) + 1) * layout.Width, headSize * layout.Width);
            var tuned = file.Floats(info.Name);
            if (keyMajor)
            {
                Transpose(tuned, state, headSize);
            }
            else
            {
                tuned.CopyTo(state);
            }
        }

        var extra = file.Tensors.Keys.Count(static name => name.EndsWith(Suffix, StringComparison.Ordinal)) - layout.LayerCount;
        return extra == 0 ? new StateSnapshot(layout, 0, data) : throw new ModelFormatException($"'{file.Path}' holds the states of {layout.LayerCount + extra} layers, the model has {layout.LayerCount}.");
    }

    private static WeightInfo Find(IWeightFile file, int layer)
    {
        var name = string.Create(CultureInfo.InvariantCulture, $"blocks.{layer}.{Suffix}");
        return file.Find(file.Tensors.ContainsKey("rwkv." + name) ? "rwkv." + name : name);
    }

    private static void Transpose(ReadOnlySpan<float> heads, Span<float> into, int size)
    {
        for (var head = 0; head < heads.Length; head += size * size)
        {
            for (var value = 0; value < size; value++)
            {
                for (var key = 0; key < size; key++)
                {
                    into[head + (key * size) + value] = heads[head + (value * size) + key];
                }
            }
        }
    }
}
