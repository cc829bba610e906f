using RwkvSk.Engine.Models;
using static TorchSharp.torch;

namespace RwkvSk.Engine.Tests.Models;

/// <summary>A weight source with some tensors replaced, added or (null) taken out; of its own when there is no other.</summary>
internal sealed class EditedSource(IReadOnlyDictionary<string, Tensor?> edits, IWeightSource? source = null) : IWeightSource
{
    public IEnumerable<string> Names => (source?.Names ?? []).Concat(edits.Keys).Distinct().Where(name => ShapeOf(name) is not null);

    public IReadOnlyList<long>? ShapeOf(string name) => edits.TryGetValue(name, out var tensor) ? tensor?.shape : source?.ShapeOf(name);

    public Tensor Matrix(string name, ReadOnlySpan<long> shape) => edits.TryGetValue(name, out var tensor) ? tensor!.view(shape.ToArray()) : source!.Matrix(name, shape);

    public Tensor Vector(string name, ReadOnlySpan<long> shape) => edits.TryGetValue(name, out var tensor) ? tensor!.view(shape.ToArray()) : source!.Vector(name, shape);
}
