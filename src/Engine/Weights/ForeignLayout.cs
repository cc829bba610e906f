using System.Globalization;

namespace RwkvSk.Engine.Weights;

/// <summary>The sizes that a table cannot state.</summary>
/// <param name="Width">C.</param>
/// <param name="HeadSize">N; 0 when nothing needs it.</param>
/// <param name="RescaleEvery">Layers between two halvings of a rescaled model; 0 for none.</param>
internal sealed record LayoutSizes(long Width, long HeadSize = 0, long RescaleEvery = 0);

/// <summary>A layout that checkpoints come in, as one table of names.</summary>
/// <param name="Name">For messages.</param>
/// <param name="Rules">The table. Tensors that no line names keep their names, so that whoever takes the weights complains about them.</param>
internal sealed record ForeignLayout(string Name, params NameRule[] Rules)
{
    // Where canonical block w,k,v,r,g stands in FLA's order r,w,k,v,g.
    private static readonly int[] FlaBlocks = [1, 2, 3, 0, 4];

    private readonly Dictionary<string, NameRule> _byName = Rules.ToDictionary(static rule => rule.Foreign, StringComparer.Ordinal);

    /// <summary>Wraps a file; the wrapper owns it.</summary>
    public IWeightFile Apply(IWeightFile file, LayoutSizes sizes)
    {
        try
        {
            return new CanonicalWeightFile(file, Name, file.Tensors.Values.SelectMany(tensor => Recipes(file.Path, tensor, sizes)));
        }
        catch
        {
            file.Dispose();
            throw;
        }
    }

    private IEnumerable<TensorRecipe> Recipes(string path, WeightInfo tensor, LayoutSizes sizes)
    {
        var (pattern, layer) = Pattern(tensor.Name);
        if (!_byName.TryGetValue(pattern, out var rule))
        {
            return [TensorRecipe.Same(tensor, tensor.Name, [.. tensor.Shape])];
        }

        var change = layer == 0 && rule.LayerZero is { } special ? special : rule.Change;
        var name = rule.Canonical.Replace("*", layer.ToString(CultureInfo.InvariantCulture), StringComparison.Ordinal);
        long[] vector = [1, 1, tensor.Count];
        return change switch
        {
            TensorChange.None => [TensorRecipe.Same(tensor, name, [.. tensor.Shape])],
            TensorChange.Vector => [TensorRecipe.Same(tensor, name, vector)],
            TensorChange.Heads when sizes.HeadSize > 0 && tensor.Count % sizes.HeadSize == 0 => [TensorRecipe.Same(tensor, name, tensor.Count / sizes.HeadSize, sizes.HeadSize)],
            TensorChange.Transpose when tensor.Shape.Count >= 2 => [TensorRecipe.Transposed(tensor, name)],
            TensorChange.Split => Split(path, tensor, name.Split(' '), sizes.Width),
            TensorChange.FlaMixIn when tensor.Shape.Count == 2 => [MixIn(tensor, name)],
            TensorChange.FlaMixOut when tensor.Shape.Count == 2 => [MixOut(tensor, name)],
            TensorChange.Rescaled => [TensorRecipe.Same(tensor, name, [.. tensor.Shape]) with { Doublings = sizes.RescaleEvery > 0 ? (int)(layer / sizes.RescaleEvery) : 0 }],
            TensorChange.Drop => [],
            _ => throw new ModelFormatException($"'{path}': '{tensor.Name}' {WeightTypes.Describe(tensor.Shape)} has another shape than the layout of {Name} demands."),
        };
    }

    private static IEnumerable<TensorRecipe> Split(string path, WeightInfo tensor, string[] names, long width) =>
        tensor.Count == names.Length * width
            ? names.Select((name, row) => TensorRecipe.Slice(tensor, name, row * width, 1, 1, width))
            : throw new ModelFormatException($"'{path}': '{tensor.Name}' {WeightTypes.Describe(tensor.Shape)} does not hold {names.Length} vectors of {width}.");

    private static TensorRecipe MixIn(WeightInfo tensor, string name)
    {
        var (rank, width) = (tensor.Shape[0] / FlaBlocks.Length, tensor.Shape[1]);
        long joined = rank * FlaBlocks.Length;
        return new TensorRecipe(
            new WeightInfo(name, tensor.Type, [width, joined]),
            [.. FlaBlocks.Select(block => new TensorPiece(tensor.Name, TensorRecipe.Plain(block * rank * width, [rank, width])))],
            new StridedView(0, [width, joined], [1, width]));
    }

    private static TensorRecipe MixOut(WeightInfo tensor, string name)
    {
        var (width, joined) = (tensor.Shape[0], tensor.Shape[1]);
        var rank = joined / FlaBlocks.Length;
        return new TensorRecipe(
            new WeightInfo(name, tensor.Type, [FlaBlocks.Length, rank, width]),
            [.. FlaBlocks.Select(block => new TensorPiece(tensor.Name, new StridedView(block * rank, [rank, width], [1, joined])))]);
    }

    // "model.layers.12.attn.x" -> ("model.layers.*.attn.x", 12)
    private static (string Pattern, int Layer) Pattern(string name)
    {
        var parts = name.Split('.');
        for (var i = 1; i < Math.Min(parts.Length, 3); i++)
        {
            if (int.TryParse(parts[i], NumberStyles.None, CultureInfo.InvariantCulture, out var layer))
            {
                parts[i] = "*";
                return (string.Join('.', parts), layer);
            }
        }

        return (name, 0);
    }
}
