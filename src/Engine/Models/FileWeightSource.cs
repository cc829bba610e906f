using RwkvSk.Engine.Weights;
using static TorchSharp.torch;

namespace RwkvSk.Engine.Models;

/// <summary>
/// A checkpoint as a weight source: every tensor is checked against the shape the model expects, and every claim is counted, so that a checkpoint with
/// parts nobody reads is noticed. Tensors already in the wanted type and place are used where they lie in the mapping.
/// </summary>
internal sealed class FileWeightSource(IWeightFile file, TorchSharp.torch.Device device, ScalarType matrixType) : IWeightSource
{
    private readonly HashSet<string> _taken = new(StringComparer.Ordinal);

    /// <inheritdoc/>
    public IEnumerable<string> Names => file.Tensors.Keys;

    /// <inheritdoc/>
    public IReadOnlyList<long>? ShapeOf(string name) => file.Tensors.TryGetValue(name, out var info) ? info.Shape : null;

    /// <inheritdoc/>
    public Tensor Matrix(string name, ReadOnlySpan<long> shape) => Take(name, shape, matrixType);

    /// <inheritdoc/>
    public Tensor Vector(string name, ReadOnlySpan<long> shape) => Take(name, shape, ScalarType.Float32);

    /// <summary>Refuses a checkpoint with tensors that no part of the model claimed.</summary>
    /// <param name="mayBeUnused">Tensors the references carry and never read.</param>
    /// <exception cref="ModelFormatException">There are others.</exception>
    public void EnsureAllTaken(Func<string, bool> mayBeUnused)
    {
        var left = file.Tensors.Keys.Where(name => !_taken.Contains(name) && !mayBeUnused(name)).Order(StringComparer.Ordinal).ToList();
        if (left.Count > 0)
        {
            throw new ModelFormatException($"'{file.Path}' has {left.Count} tensors that no part of this model uses, first '{left[0]}'.");
        }
    }

    private Tensor Take(string name, ReadOnlySpan<long> shape, ScalarType type)
    {
        if (!file.Tensors.TryGetValue(name, out var info))
        {
            throw new ModelFormatException($"'{file.Path}' has no tensor '{name}'.");
        }

        // Singleton axes come and go between releases ([1,1,C] and [C]); every other axis must agree, in order.
        if (!info.Shape.Where(static size => size != 1).SequenceEqual(shape.ToArray().Where(static size => size != 1)))
        {
            throw new ModelFormatException($"'{file.Path}': '{name}' is [{string.Join(',', info.Shape)}], expected [{string.Join(',', shape.ToArray())}].");
        }

        _taken.Add(name);
        var sizes = shape.ToArray();
        return TensorMath.Scoped(() => MappedTensor.Wrap(file, name).view(sizes).to(type, device));
    }
}
