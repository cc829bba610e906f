using RwkvSk.Engine.Kernels.Cpu;
using RwkvSk.Engine.Kernels.Cuda.Driver;
using RwkvSk.Engine.Kernels.Cuda.Parameters;

namespace RwkvSk.Engine.Kernels.Cuda.Mixers;

/// <summary>
/// Products that do not depend on each other. A few positions take one launch of the kernels. Many (<see cref="CudaStep.IsMany"/>) would have those read the weights again for
/// every eight: there cuBLAS multiplies what is kept in a floating-point format, one call per matrix, on vectors rounded to the weights' format. Integers and the first halves
/// of low-rank pairs, which are small, stay with the kernels.
/// </summary>
internal sealed class ProductGroup
{
    private readonly CudaStep _step;
    private readonly Products _few, _kept;
    private readonly Elements[] _before, _after;
    private readonly MatrixProduct[] _products;

    /// <summary>Puts a group together.</summary>
    /// <param name="step">What the step is made of.</param>
    /// <param name="dense">Matrices as large as the model.</param>
    /// <param name="thin">First halves of low-rank pairs.</param>
    /// <param name="keysAs">The format in which keys behind relu squared are read at many positions; fp32 leaves them where the product is.</param>
    public ProductGroup(CudaStep step, ReadOnlySpan<DenseProduct> dense, ReadOnlySpan<DenseProduct> thin = default, WeightFormat keysAs = WeightFormat.Float32)
    {
        _step = step;
        _few = CudaStep.Together([.. dense, .. thin]);
        var (before, after, products, kept) = (new List<Elements>(), new List<Elements>(), new List<MatrixProduct>(), new List<DenseProduct>());
        foreach (ref readonly var item in dense)
        {
            if (!step.Multiplies((WeightFormat)item.Format))
            {
                kept.Add(item);
                continue;
            }

            var (x, width) = (step.Rounded(new DeviceVectors(item.X, item.XStride), (WeightFormat)item.Format), item.Tiles * CudaKernels.TileColumns);
            if (x.Pointer != item.X && !before.Exists(element => element.Y == x.Pointer))
            {
                before.Add(new Elements { X = item.X, XStride = item.XStride, Y = x.Pointer, YStride = x.Stride, Format = item.Format, Width = width });
            }

            var epilogue = (Epilogue)item.Epilogue;
            products.Add(step.Remember(new MatrixProduct(
                CudaStep.TypeOf((WeightFormat)item.Format), TurnsA: true, item.Rows, 1, width, item.Weights, width, x.Pointer, x.Stride, item.Y, item.YStride, epilogue == Epilogue.Add)));
            if (epilogue is not (Epilogue.Store or Epilogue.Add))
            {
                var y = new DeviceVectors(item.Y, item.YStride);
                var (target, format) = epilogue == Epilogue.ReluSquared ? (step.Rounded(y, keysAs), keysAs) : (y, WeightFormat.Float32);
                after.Add(new Elements
                {
                    X = y.Pointer, XStride = y.Stride, Y = target.Pointer, YStride = target.Stride, Format = (int)format, Epilogue = item.Epilogue, Width = item.Rows,
                });
            }
        }

        (_before, _after, _products) = ([.. before], [.. after], [.. products]);
        _kept = CudaStep.Together([.. kept, .. thin]);
    }

    /// <summary>Puts the products on the stream.</summary>
    public void Forward(int positions)
    {
        if (_products.Length == 0 || !_step.IsMany(positions))
        {
            _step.Kernels.Products(_few, positions);
            return;
        }

        _step.Kernels.Elements(_before, positions);
        foreach (ref readonly var product in _products.AsSpan())
        {
            _step.Multiply(product, positions);
        }

        if (_kept.Count > 0)
        {
            _step.Kernels.Products(_kept, positions);
        }

        _step.Kernels.Elements(_after, positions);
    }
}
