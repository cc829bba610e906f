using RwkvSk.Engine.Kernels.Cpu;
using RwkvSk.Engine.Kernels.Cuda.Driver;
using RwkvSk.Engine.Kernels.Cuda.Parameters;

namespace RwkvSk.Engine.Kernels.Cuda.Mixers;

/// <summary>
/// A channel mix's second matrix: x = x + V k, or x + gate V k. The kernels leave out what k's zeros meet; of many positions (<see cref="CudaStep.IsMany"/>) hardly a number is
/// zero in all, so there cuBLAS multiplies what is kept in a floating-point format.
/// </summary>
internal sealed class ValueProduct
{
    private readonly CudaStep _step;
    private readonly SparseProduct _sparse;
    private readonly bool _multiplies;
    private readonly MatrixProduct _product;
    private readonly Elements[] _after;

    /// <summary>The product of a layer.</summary>
    /// <param name="step">What the step is made of.</param>
    /// <param name="value">V.</param>
    /// <param name="gate">Where the gate is; 0 for none.</param>
    public ValueProduct(CudaStep step, SparseProduct value, nint gate = 0)
    {
        (_step, _sparse, _multiplies, _after) = (step, value.Of(step.Buffers, gate), step.Multiplies((WeightFormat)value.Format), []);
        if (!_multiplies)
        {
            return;
        }

        // V lies turned, as its kernels read it: a column of V, an output after the other, is contiguous.
        var (x, y) = (step.Buffers.X, gate == 0 ? step.Buffers.X : step.Buffers.Y);
        KeysAs = (WeightFormat)value.Format;
        var keys = step.Rounded(step.Buffers.Hidden, KeysAs);
        _product = step.Remember(new MatrixProduct(
            CudaStep.TypeOf(KeysAs), TurnsA: false, value.Width, 1, value.Inner, value.Weights, value.Tiles * CudaKernels.TileColumns, keys.Pointer, keys.Stride, y.Pointer, y.Stride, gate == 0));
        if (gate != 0)
        {
            _after = [new Elements { X = y.Pointer, XStride = y.Stride, Y = x.Pointer, YStride = x.Stride, Gate = gate, Epilogue = (int)Epilogue.Add, Width = value.Width }];
        }
    }

    /// <summary>The format in which this reads k at many positions; fp32 where it is read as it is.</summary>
    public WeightFormat KeysAs { get; } = WeightFormat.Float32;

    /// <summary>Puts the product on the stream.</summary>
    public void Forward(int positions)
    {
        if (!_multiplies || !_step.IsMany(positions))
        {
            _step.Kernels.Sparse(_sparse, positions);
            return;
        }

        _step.Multiply(_product, positions);
        _step.Kernels.Elements(_after, positions);
    }
}
