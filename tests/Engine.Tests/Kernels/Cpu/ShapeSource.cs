using RwkvSk.Engine.Models;
using RwkvSk.Engine.Weights;
using TorchSharp;

namespace RwkvSk.Engine.Tests.Kernels.Cpu;

/// <summary>A checkpoint's names and shapes, without libtorch: enough to read a configuration.</summary>
internal sealed class ShapeSource(IWeightFile file) : IWeightSource
{
    public IEnumerable<string> Names => file.Tensors.Keys;

    public IReadOnlyList<long>? ShapeOf(string name) => file.Tensors.TryGetValue(name, out var info) ? info.Shape : null;

    public torch.Tensor Matrix(string name, ReadOnlySpan<long> shape) => throw new NotSupportedException("Names and shapes only.");

    public torch.Tensor Vector(string name, ReadOnlySpan<long> shape) => throw new NotSupportedException("Names and shapes only.");
}
