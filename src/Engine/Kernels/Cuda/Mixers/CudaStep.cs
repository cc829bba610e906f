using System.Diagnostics;
using RwkvSk.Engine.Kernels.Cpu;
using RwkvSk.Engine.Kernels.Cuda.Driver;
using RwkvSk.Engine.Kernels.Cuda.Parameters;
using RwkvSk.Engine.Kernels.Cuda.Weights;
using RwkvSk.Engine.Models;
using RwkvSk.Engine.States;

namespace RwkvSk.Engine.Kernels.Cuda.Mixers;

/// <summary>What every mixer of a model puts its launches together from.</summary>
/// <param name="Config">The sizes.</param>
/// <param name="Kernels">The kernels.</param>
/// <param name="Buffers">The intermediate vectors.</param>
/// <param name="States">The pool of states on the device. [L,slots,R,C] fp32</param>
/// <param name="SlotCount">Slots of the pool.</param>
internal sealed record CudaStep(RwkvConfig Config, CudaKernels Kernels, DecodeBuffers Buffers, nint States, int SlotCount)
{
    private const int ManyWarps = 2048;   // about what fills a large GPU for one pass

    private readonly StateLayout _layout = new(Config.LayerCount, Config.StateRows, Config.Width);
    private readonly List<MatrixProduct> _products = [];
    private readonly HashSet<int> _prepared = [];

    /// <summary>cuBLAS; null where the kernels multiply at any number of positions.</summary>
    public CublasHandle? Cublas { get; init; }

    /// <summary>From how many positions on it multiplies.</summary>
    public int ManyPositions { get; init; }

    /// <summary>Numbers from a slot's state to the next one's, in a layer.</summary>
    public long SlotStride => (long)_layout.RowCount * _layout.Width;

    /// <summary>A layer's state of slot 0, from one of its rows on.</summary>
    public nint StateRow(int layer, int row) => States + (nint)(((layer * SlotCount * SlotStride) + ((long)row * _layout.Width)) * sizeof(float));

    /// <summary>Where the slots stand for so many positions.</summary>
    public nint Slots(int positions) => Buffers.Inputs.Pointer + (nint)(positions * sizeof(int));

    /// <summary>Whether cuBLAS multiplies at so many positions.</summary>
    public bool IsMany(int positions) => Cublas is not null && positions >= ManyPositions;

    /// <summary>Whether it multiplies matrices of a format then.</summary>
    public bool Multiplies(WeightFormat format) => Cublas is not null && WeightWords.Scaled(format) == 0;

    /// <summary>Vectors as matrices of a format want them then: where they are copied to, or for fp32 themselves.</summary>
    public DeviceVectors Rounded(DeviceVectors vectors, WeightFormat format) => format == WeightFormat.Float32 ? vectors : Buffers.Rounded(vectors, format);

    /// <summary>cuBLAS's name of a format.</summary>
    public static CublasType TypeOf(WeightFormat format) => format switch
    {
        WeightFormat.Float32 => CublasType.Float32,
        WeightFormat.BFloat16 => CublasType.BFloat16,
        WeightFormat.Float16 => CublasType.Float16,
        _ => throw new UnreachableException($"cuBLAS multiplies no {format}"),
    };

    /// <summary>Notes a product that steps of many positions do.</summary>
    /// <returns>The same.</returns>
    public MatrixProduct Remember(MatrixProduct product)
    {
        _products.Add(product);
        return product;
    }

    /// <summary>Puts a product of so many columns on the stream.</summary>
    public void Multiply(in MatrixProduct product, int positions) => Cublas!.Multiply(product with { Columns = positions });

    /// <summary>
    /// Before a step of so many positions is recorded: every product once, outside of the recording, for cuBLAS loads its kernels when it first calls them, which cannot be
    /// recorded. Products write nothing but what every step writes anew.
    /// </summary>
    public void Prepare(int positions)
    {
        if (IsMany(positions) && _prepared.Add(positions))
        {
            foreach (var product in _products.DistinctBy(static product => product with { A = 0, B = 0, C = 0 }))
            {
                Multiply(product, positions);
            }
        }
    }

    /// <summary>A norm of the residual stream with the token shift of one row of a layer's state, and mixes of it.</summary>
    public NormMix Norm(DeviceNorm norm, nint before, params ReadOnlySpan<(nint Mix, DeviceVectors Mixed)> mixes)
    {
        var result = new NormMix
        {
            X = Buffers.X.Pointer, Weight = norm.Weight, Bias = norm.Bias, Epsilon = norm.Epsilon, Before = before, SlotStride = SlotStride,
            Mixes = mixes.Length, Width = Config.Width, Stride = Buffers.X.Stride,
        };
        for (var i = 0; i < mixes.Length; i++)
        {
            (result.Mix[i], result.Mixed[i]) = (mixes[i].Mix, mixes[i].Mixed.Pointer);
        }

        return result;
    }

    /// <summary>Products of one launch. Where all of their rows give too few warps, warps share rows; how many depends on the matrices alone, so the sums' order does too.</summary>
    public static Products Together(params ReadOnlySpan<DenseProduct> products)
    {
        var (result, groups, blocks) = (new Products { Count = products.Length }, 0, 0);
        foreach (ref readonly var product in products)
        {
            groups += (product.Rows + CudaKernels.GroupRows - 1) / CudaKernels.GroupRows;
        }

        for (var i = 0; i < products.Length; i++)
        {
            var product = products[i];
            product.Split = 1;
            while (product.Split < 8 && product.Split < product.Tiles && groups * product.Split < ManyWarps)
            {
                product.Split *= 2;
            }

            product.FirstBlock = blocks;
            blocks += CudaKernels.BlocksOf(product);
            result.Items[i] = product;
        }

        return result;
    }
}

/// <summary>How a matrix is used in a step.</summary>
internal static class ProductUse
{
    /// <summary>y = W x, and what becomes of it.</summary>
    public static DenseProduct Of(this DenseProduct matrix, DeviceVectors x, DeviceVectors y, Epilogue epilogue = Epilogue.Store) =>
        matrix with { X = x.Pointer, XStride = x.Stride, Y = y.Pointer, YStride = y.Stride, Epilogue = (int)epilogue };

    /// <summary>x = x + V k, or x + gate V k.</summary>
    public static SparseProduct Of(this SparseProduct matrix, DecodeBuffers buffers, nint gate = 0) => matrix with
    {
        K = buffers.Hidden.Pointer,
        KStride = buffers.Hidden.Stride,
        Parts = buffers.Parts.Pointer,
        Arrived = buffers.Arrived.Pointer,
        Y = buffers.X.Pointer,
        YStride = buffers.X.Stride,
        Gate = gate,
    };

    /// <summary>The second half of a pair, behind the first.</summary>
    public static Thin Of(this Thin matrix, DeviceVectors x) => matrix with { X = x.Pointer, XStride = x.Stride };
}

/// <summary>A time mix or a channel mix of one layer: adds its output to the residual stream and advances the states.</summary>
internal interface ICudaMixer
{
    /// <summary>Puts its launches on the stream.</summary>
    void Forward(int positions);
}
