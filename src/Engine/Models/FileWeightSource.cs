using RwkvSk.Engine.Weights;
using static TorchSharp.torch;

namespace RwkvSk.Engine.Models;

/// <summary>
/// A checkpoint as a weight source: every tensor is checked against the shape the model expects, and every claim is counted, so that a checkpoint with
/// parts nobody reads is noticed. Tensors already in the wanted type and place are used where they lie in the mapping.
/// </summary>
/// <param name="file">The checkpoint.</param>
/// <param name="device">Where the tensors are wanted.</param>
/// <param name="matrixType">The type of matrices.</param>
/// <param name="visionType">The type of the vision towers' and the projector's matrices; null takes <paramref name="matrixType"/>.</param>
internal sealed class FileWeightSource(IWeightFile file, TorchSharp.torch.Device device, ScalarType matrixType, ScalarType? visionType = null) : IWeightSource
{
    private readonly HashSet<string> _taken = new(StringComparer.Ordinal);
    private readonly List<string> _skipped = [];

    /// <inheritdoc/>
    public IEnumerable<string> Names => file.Tensors.Keys;

    /// <inheritdoc/>
    public IReadOnlyList<long>? ShapeOf(string name) => file.Tensors.TryGetValue(name, out var info) ? info.Shape : null;

    /// <inheritdoc/>
    public Tensor Matrix(string name, ReadOnlySpan<long> shape) => Take(name, shape, IsVision(name) ? visionType ?? matrixType : matrixType);

    /// <inheritdoc/>
    public Tensor Vector(string name, ReadOnlySpan<long> shape) => Take(name, shape, ScalarType.Float32);

    /// <inheritdoc/>
    public Tensor Table(string name, ReadOnlySpan<long> shape) => Take(name, shape, null);

    /// <inheritdoc/>
    public void Skip(string prefix) => _skipped.Add(prefix);

    /// <summary>Refuses a checkpoint with tensors that no part of the model claimed or knows.</summary>
    /// <exception cref="ModelFormatException">There are some.</exception>
    public void EnsureAllTaken()
    {
        var left = file.Tensors.Keys.Where(name => !_taken.Contains(name) && !_skipped.Exists(prefix => name.StartsWith(prefix, StringComparison.Ordinal))).Order(StringComparer.Ordinal).ToList();
        if (left.Count > 0)
        {
            throw new ModelFormatException($"'{file.Path}' has {left.Count} tensors that no part of this model uses, first '{left[0]}'.");
        }
    }

    private static bool IsVision(string name) => name.StartsWith("vit.", StringComparison.Ordinal) || name.StartsWith("proj.", StringComparison.Ordinal);

    // type null: 16- and 32-bit floats stay what they are.
    private Tensor Take(string name, ReadOnlySpan<long> shape, ScalarType? type)
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
        var stored = MappedTensor.TypeOf(info, file.Path);
        var wanted = type ?? (stored is ScalarType.BFloat16 or ScalarType.Float16 ? stored : ScalarType.Float32);
        var tensor = TensorMath.Scoped(() => MappedTensor.Wrap(file, name).view(sizes).to(wanted, device));
        if (stored != wanted || device.type != TorchSharp.DeviceType.CPU)
        {
            file.Release(name);   // it is a copy: what it was copied from need not stay
        }

        return tensor;
    }
}
