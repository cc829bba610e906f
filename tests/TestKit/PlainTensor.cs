using RwkvSk.Engine.Weights;

namespace RwkvSk.TestKit;

/// <summary>A tensor in memory, with the plain loops that tests convert layouts by.</summary>
internal sealed record PlainTensor(string Name, WeightType Type, long[] Shape, byte[] Data)
{
    public static List<PlainTensor> All(IWeightFile file) =>
        [.. file.Tensors.Values.Select(info => new PlainTensor(info.Name, info.Type, [.. info.Shape], file.Data(info.Name).ToArray()))];

    public PlainTensor As(string name) => this with { Name = name };

    public PlainTensor As(string name, params long[] shape) => this with { Name = name, Shape = shape };

    /// <summary>numpy's transpose: axis i of the result is axis axes[i] of this.</summary>
    public PlainTensor Permute(params int[] axes)
    {
        var size = Type.ItemSize();
        long[] shape = [.. axes.Select(axis => Shape[axis])];
        var result = new byte[Data.Length];
        for (var to = 0L; to < Data.Length / size; to++)
        {
            var (rest, index) = (to, new long[axes.Length]);
            for (var axis = axes.Length - 1; axis >= 0; axis--)
            {
                (index[axes[axis]], rest) = (rest % shape[axis], rest / shape[axis]);
            }

            var from = 0L;
            for (var axis = 0; axis < Shape.Length; axis++)
            {
                from = (from * Shape[axis]) + index[axis];
            }

            Array.Copy(Data, from * size, result, to * size, size);
        }

        return this with { Shape = shape, Data = result };
    }

    /// <summary>numpy's concatenate along the first axis, in the order given.</summary>
    public static PlainTensor Join(string name, long[] shape, params IEnumerable<PlainTensor> parts) =>
        new(name, parts.First().Type, shape, [.. parts.SelectMany(static part => part.Data)]);

    /// <summary>Parts of the first axis, equally long.</summary>
    public IReadOnlyList<PlainTensor> Cut(int count)
    {
        var bytes = Data.Length / count;
        return [.. Enumerable.Range(0, count).Select(i => this with { Shape = [Shape[0] / count, .. Shape[1..]], Data = Data[(i * bytes)..((i + 1) * bytes)] })];
    }

    public SafetensorsTensor ToSafetensors() => SafetensorsTensor.From(Name, Type, Shape, Data);
}
