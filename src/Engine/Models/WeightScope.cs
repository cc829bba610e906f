using System.Globalization;
using static TorchSharp.torch;

namespace RwkvSk.Engine.Models;

/// <summary>Where a model's tensors come from: a checkpoint, or parameters in training.</summary>
internal interface IWeightSource
{
    /// <summary>The shape of a tensor, or null when there is none of that name.</summary>
    IReadOnlyList<long>? ShapeOf(string name);

    /// <summary>All names.</summary>
    IEnumerable<string> Names { get; }

    /// <summary>A matrix for products, in the model's number format.</summary>
    Tensor Matrix(string name, ReadOnlySpan<long> shape);

    /// <summary>Anything that is added or multiplied elementwise: fp32.</summary>
    Tensor Vector(string name, ReadOnlySpan<long> shape);

    /// <summary>A table whose rows are looked up, in whatever floating-point type it has: a row is widened when it is used.</summary>
    Tensor Table(string name, ReadOnlySpan<long> shape) => Vector(name, shape);

    /// <summary>Says that tensors whose names begin so are known and not read.</summary>
    void Skip(string prefix)
    {
    }
}

/// <summary>A cursor into a weight source: construction code is the list of weights. Names and shapes are checked where they are taken.</summary>
internal readonly struct WeightScope(IWeightSource source, string path = "")
{
    public WeightScope this[string child] => new(source, $"{path}{child}.");

    public WeightScope this[int index] => this[index.ToString(CultureInfo.InvariantCulture)];

    /// <summary>A weight [shape] for products.</summary>
    public Tensor Matrix(string name, params ReadOnlySpan<long> shape) => source.Matrix(path + name, shape);

    /// <summary>A weight [shape] in fp32; singleton axes in the file are ignored.</summary>
    public Tensor Vector(string name, params ReadOnlySpan<long> shape) => source.Vector(path + name, shape);

    /// <summary>A table [shape] whose rows are looked up, in the type it has.</summary>
    public Tensor Table(string name, params ReadOnlySpan<long> shape) => source.Table(path + name, shape);

    /// <summary>Says that tensors of this scope whose names begin so belong here and are not read.</summary>
    public void Skip(params ReadOnlySpan<string> prefixes)
    {
        foreach (var prefix in prefixes)
        {
            source.Skip(path + prefix);
        }
    }

    /// <summary>Whether there is such a tensor.</summary>
    public bool Has(string name) => source.ShapeOf(path + name) is not null;

    /// <summary>Whether any tensor's name begins so.</summary>
    public bool HasAny(string prefix)
    {
        var start = path + prefix;
        return source.Names.Any(name => name.StartsWith(start, StringComparison.Ordinal));
    }

    /// <summary>The shape as stored.</summary>
    /// <exception cref="ModelFormatException">There is no such tensor.</exception>
    public IReadOnlyList<long> ShapeOf(string name) =>
        source.ShapeOf(path + name) ?? throw new ModelFormatException($"The checkpoint has no tensor '{path}{name}'.");

    /// <summary>How many numbered children there are: 1 + the largest index.</summary>
    public int ChildCount
    {
        get
        {
            var count = 0;
            foreach (var name in source.Names)
            {
                if (!name.StartsWith(path, StringComparison.Ordinal))
                {
                    continue;
                }

                var rest = name.AsSpan(path.Length);
                var dot = rest.IndexOf('.');
                if (dot > 0 && int.TryParse(rest[..dot], NumberStyles.None, CultureInfo.InvariantCulture, out var index))
                {
                    count = Math.Max(count, index + 1);
                }
            }

            return count;
        }
    }
}
