using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;
using static TorchSharp.torch;

namespace RwkvSk.Engine.Kernels.Torch.Spans;

/// <summary>
/// What lies between the matrix products of a span of positions, in few passes over memory where libtorch takes one per operation: on the CPU, with 512-bit vectors, without gradients.
/// Results are those of the mixers' own formulas, up to the order of sums.
/// </summary>
internal static unsafe class SpanPasses
{
    /// <summary>Numbers per vector: widths are multiples of it.</summary>
    public const int Lanes = 16;

    private const int RowsPerBlock = 16, NumbersPerBlock = 1 << 15;

    /// <summary>Whether this machine has what the passes need.</summary>
    public static bool IsSupported { get; } = Vector512.IsHardwareAccelerated && Avx512F.IsSupported && Avx512BW.IsSupported;

    /// <summary>Whether a step over <paramref name="x"/> is computed with the passes.</summary>
    public static bool Serve(Tensor x) => IsSupported && x.device_type == TorchSharp.DeviceType.CPU && !is_grad_enabled();

    /// <summary>Whether products in this format are theirs.</summary>
    public static bool Know(ScalarType type) => type is ScalarType.Float32 or ScalarType.BFloat16;

    /// <summary>x + (x(t-1) - x(t)) mix for several mixes at once, in the format of the products that follow.</summary>
    /// <param name="x">fp32. [B,T,C]</param>
    /// <param name="carried">x of the position before the first. [B,C]</param>
    /// <param name="mixes">fp32. [M,C]</param>
    /// <param name="type">fp32 or bf16.</param>
    /// <returns>[M,B,T,C]</returns>
    public static Tensor Mixes(Tensor x, Tensor carried, Tensor mixes, ScalarType type)
    {
        var (batch, length, width) = ((int)x.shape[0], (int)x.shape[1], (int)x.shape[2]);
        var count = (int)mixes.shape[0];
        var result = empty([count, batch, length, width], dtype: type);
        float* from = Floats(x), before = Floats(carried.contiguous()), mix = Floats(mixes);
        var to = Data(result);
        var blocks = (length + RowsPerBlock - 1) / RowsPerBlock;
        For(batch * blocks, unit =>
        {
            var (row, start) = (unit / blocks, unit % blocks * RowsPerBlock);
            for (var t = start; t < Math.Min(length, start + RowsPerBlock); t++)
            {
                var at = (((nint)row * length) + t) * width;
                var previous = t == 0 ? before + ((nint)row * width) : from + at - width;
                if (type == ScalarType.BFloat16)
                {
                    MixRow<BrainElement>(from + at, previous, mix, to, at, (nint)batch * length * width, count, width);
                }
                else
                {
                    MixRow<SingleElement>(from + at, previous, mix, to, at, (nint)batch * length * width, count, width);
                }
            }
        });
        return result;
    }

    /// <summary>relu(x)^2, in place. Its number of elements is a multiple of 16.</summary>
    public static Tensor ReluSquared(Tensor x)
    {
        var data = Data(x);
        var (count, isBrain) = (x.NumberOfElements, x.dtype == ScalarType.BFloat16);
        For((int)((count + NumbersPerBlock - 1) / NumbersPerBlock), block =>
        {
            var (start, end) = ((nint)block * NumbersPerBlock, (nint)Math.Min(count, (block + 1L) * NumbersPerBlock));
            if (isBrain)
            {
                ReluSquared<BrainElement>(data, start, end);
            }
            else
            {
                ReluSquared<SingleElement>(data, start, end);
            }
        });
        return x;
    }

    /// <summary>x + y in fp32, y in the format of the product it comes from. Their number of elements is a multiple of 16.</summary>
    public static Tensor Sum(Tensor x, Tensor y)
    {
        var result = empty_like(x);
        float* a = Floats(x), to = Floats(result);
        var b = Data(y);
        var (count, isBrain) = (x.NumberOfElements, y.dtype == ScalarType.BFloat16);
        For((int)((count + NumbersPerBlock - 1) / NumbersPerBlock), block =>
        {
            var (start, end) = ((nint)block * NumbersPerBlock, (nint)Math.Min(count, (block + 1L) * NumbersPerBlock));
            if (isBrain)
            {
                Sum<BrainElement>(a, b, to, start, end);
            }
            else
            {
                Sum<SingleElement>(a, b, to, start, end);
            }
        });
        return result;
    }

    /// <summary>Where a contiguous CPU tensor's numbers are. libtorch's memory does not move.</summary>
    public static void* Data(Tensor tensor) => Unsafe.AsPointer(ref MemoryMarshal.GetReference(tensor.bytes));

    /// <summary>The same for fp32.</summary>
    public static float* Floats(Tensor tensor) => (float*)Data(tensor);

    /// <summary>Runs a body for 0 .. count - 1 on as many threads as libtorch uses, the caller's among them.</summary>
    public static void For(int count, Action<int> body)
    {
        var threads = Math.Min(get_num_threads(), count);
        if (threads > 1)
        {
            Parallel.For(0, count, new ParallelOptions { MaxDegreeOfParallelism = threads }, body);
            return;
        }

        for (var i = 0; i < count; i++)
        {
            body(i);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void MixRow<TElement>(float* x, float* previous, float* mixes, void* to, nint at, nint stride, int count, int width)
        where TElement : struct, IElement
    {
        for (nint c = 0; c < width; c += Lanes)
        {
            var now = Vector512.Load(x + c);
            var difference = Vector512.Load(previous + c) - now;
            for (nint m = 0; m < count; m++)
            {
                TElement.Store(to, (m * stride) + at + c, Vector512.FusedMultiplyAdd(difference, Vector512.Load(mixes + (m * width) + c), now));
            }
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void ReluSquared<TElement>(void* data, nint start, nint end)
        where TElement : struct, IElement
    {
        for (var i = start; i < end; i += Lanes)
        {
            var positive = Vector512.Max(TElement.Load(data, i), Vector512<float>.Zero);
            TElement.Store(data, i, positive * positive);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Sum<TElement>(float* x, void* y, float* to, nint start, nint end)
        where TElement : struct, IElement
    {
        for (var i = start; i < end; i += Lanes)
        {
            (Vector512.Load(x + i) + TElement.Load(y, i)).Store(to + i);
        }
    }
}
