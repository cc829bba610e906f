using System.Diagnostics;

namespace RwkvSk.Engine.Kernels.Cpu;

/// <summary>One matrix times the step's vectors.</summary>
internal sealed class Product(PackedMatrix matrix, Vectors x, Vectors y, Epilogue epilogue = Epilogue.Store, Vectors gate = default)
{
    /// <summary>W. [rows, columns]</summary>
    public PackedMatrix Matrix { get; } = matrix;

    /// <summary>Vectors of the matrix's columns.</summary>
    public Vectors X { get; } = x;

    /// <summary>Vectors of the matrix's rows.</summary>
    public Vectors Y { get; set; } = y;

    /// <summary>How y comes of W x.</summary>
    public Epilogue Epilogue { get; } = epilogue;

    /// <summary>For <see cref="Epilogue.AddGated"/>.</summary>
    public Vectors Gate { get; } = gate;

    /// <summary>Where a single x is not zero, if that is looked for before the pass runs.</summary>
    public FilledUnits? Filled { get; init; }
}

/// <summary>How many vectors a step has; passes look it up when they run.</summary>
internal sealed class VectorCount
{
    /// <summary>Vectors of this step.</summary>
    public int Value { get; set; }
}

/// <summary>Products that do not depend on each other, as one pass over their matrices in order.</summary>
internal sealed unsafe class ProductPass : Pass
{
    private readonly VectorCount _count;
    private readonly Product[] _products;

    /// <summary>A pass over some products.</summary>
    /// <param name="count">Vectors per product.</param>
    /// <param name="most">The largest that <paramref name="count"/> becomes.</param>
    /// <param name="products">In the order their matrices lie in memory.</param>
    public ProductPass(VectorCount count, int most, params Product[] products)
    {
        (_count, _products) = (count, products);
        BlockCount = products.Sum(static product => product.Matrix.BlockCount);
        ScratchFloats = most * BlockProduct.MostBlockRows;
    }

    /// <inheritdoc/>
    public override int BlockCount { get; }

    /// <inheritdoc/>
    public override int ScratchFloats { get; }

    /// <inheritdoc/>
    public override bool IsRepeatable => true;

    /// <inheritdoc/>
    public override void Compute(int block, float* scratch)
    {
        var product = Find(ref block);
        if (_count.Value == 1 && product.Filled is { IsWorthwhile: true } filled)
        {
            product.Matrix.MultiplyFilled(block, product.X[0], filled, scratch);
            return;
        }

        product.Matrix.Multiply(block, product.X, _count.Value, scratch, product.Matrix.Product.BlockRows);
    }

    /// <inheritdoc/>
    public override void Commit(int block, float* scratch)
    {
        var product = Find(ref block);
        var blockRows = product.Matrix.Product.BlockRows;
        var (first, rows) = (block * blockRows, product.Matrix.RowsOf(block));
        for (var i = 0; i < _count.Value; i++)
        {
            var gate = product.Epilogue == Epilogue.AddGated ? new ReadOnlySpan<float>(product.Gate[i] + first, rows) : default;
            Put(product.Epilogue, new ReadOnlySpan<float>(scratch + (i * blockRows), rows), gate, new Span<float>(product.Y[i] + first, rows));
        }
    }

    private static void Put(Epilogue epilogue, ReadOnlySpan<float> from, ReadOnlySpan<float> gate, Span<float> to)
    {
        switch (epilogue)
        {
            case Epilogue.Store:
                from.CopyTo(to);
                break;
            case Epilogue.Add:
                for (var row = 0; row < from.Length; row++)
                {
                    to[row] += from[row];
                }

                break;
            case Epilogue.AddGated:
                for (var row = 0; row < from.Length; row++)
                {
                    to[row] += gate[row] * from[row];
                }

                break;
            case Epilogue.ReluSquared:
                for (var row = 0; row < from.Length; row++)
                {
                    var x = MathF.Max(from[row], 0);
                    to[row] = x * x;
                }

                break;
            case Epilogue.Tanh:
                for (var row = 0; row < from.Length; row++)
                {
                    to[row] = MathF.Tanh(from[row]);
                }

                break;
            case Epilogue.Sigmoid:
                for (var row = 0; row < from.Length; row++)
                {
                    to[row] = 1 / (1 + MathF.Exp(-from[row]));
                }

                break;
            case Epilogue.Silu:
                for (var row = 0; row < from.Length; row++)
                {
                    to[row] = from[row] / (1 + MathF.Exp(-from[row]));
                }

                break;
            default:
                throw new UnreachableException($"unhandled epilogue {epilogue}");
        }
    }

    private Product Find(ref int block)
    {
        var i = 0;
        while (block >= _products[i].Matrix.BlockCount)
        {
            block -= _products[i++].Matrix.BlockCount;
        }

        return _products[i];
    }
}
