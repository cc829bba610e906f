using System.Diagnostics;

namespace RwkvSk.Engine.Kernels.Cpu;

/// <summary>(x - mean) / sqrt(variance + epsilon) * weight + bias.</summary>
/// <param name="Weight">[C]</param>
/// <param name="Bias">[C]</param>
/// <param name="Epsilon">Added to the variance.</param>
internal readonly unsafe record struct NormWeights(nint Weight, nint Bias, float Epsilon);

/// <summary>What is done to whole vectors of the model's width between the products. Nothing here is large: it happens on the calling thread, in L1.</summary>
internal abstract unsafe class VectorKernels
{
    /// <summary>The kernels of the widest vectors that divide the width.</summary>
    public static VectorKernels For(SimdLevel level, int width) => level.Dividing(width) switch
    {
        SimdLevel.Vector512 => new VectorKernels<Lanes512>(width),
        SimdLevel.Vector256 => new VectorKernels<Lanes256>(width),
        SimdLevel.Vector128 => new VectorKernels<Lanes128>(width),
        SimdLevel.Scalar => new VectorKernels<Lanes1>(width),
        _ => throw new UnreachableException($"unhandled level {level}"),
    };

    /// <summary>y = norm(x). [C]</summary>
    public abstract void Norm(float* x, NormWeights norm, float* y);

    /// <summary>Token shift: dx = x(t-1) - x(t), then x(t) takes the place of x(t-1).</summary>
    /// <param name="x">[C]</param>
    /// <param name="before">The position before. Receives <paramref name="x"/>. [C]</param>
    /// <param name="dx">[C]</param>
    public abstract void Shift(float* x, float* before, float* dx);

    /// <summary>y = x + dx mix. [C]</summary>
    public abstract void Mix(float* x, float* dx, float* mix, float* y);

    /// <summary>y = x + dx (mix + more). [C]</summary>
    public abstract void Mix(float* x, float* dx, float* mix, float* more, float* y);

    /// <summary>y = a b. [C]</summary>
    public abstract void Multiply(float* a, float* b, float* y);

    /// <summary>RWKV-4's recurrence over all channels. State: numerator, denominator, largest exponent. [3,C]</summary>
    public abstract void Wkv4(float* k, float* v, float* logDecay, float* bonus, float* state, float* y);
}

/// <summary>The kernels at one vector width, which divides the model's width.</summary>
internal sealed unsafe class VectorKernels<TLanes>(int width) : VectorKernels
    where TLanes : struct, ILanes<TLanes>
{
    /// <inheritdoc/>
    public override void Norm(float* x, NormWeights norm, float* y) =>
        Norms<TLanes>.Apply(x, (float*)norm.Weight, (float*)norm.Bias, norm.Epsilon, width, y);

    /// <inheritdoc/>
    public override void Shift(float* x, float* before, float* dx)
    {
        for (var i = 0; i < width; i += TLanes.Count)
        {
            var now = TLanes.Load(x + i);
            (TLanes.Load(before + i) - now).Store(dx + i);
            now.Store(before + i);
        }
    }

    /// <inheritdoc/>
    public override void Mix(float* x, float* dx, float* mix, float* y)
    {
        for (var i = 0; i < width; i += TLanes.Count)
        {
            TLanes.MultiplyAdd(TLanes.Load(dx + i), TLanes.Load(mix + i), TLanes.Load(x + i)).Store(y + i);
        }
    }

    /// <inheritdoc/>
    public override void Mix(float* x, float* dx, float* mix, float* more, float* y)
    {
        for (var i = 0; i < width; i += TLanes.Count)
        {
            TLanes.MultiplyAdd(TLanes.Load(dx + i), TLanes.Load(mix + i) + TLanes.Load(more + i), TLanes.Load(x + i)).Store(y + i);
        }
    }

    /// <inheritdoc/>
    public override void Multiply(float* a, float* b, float* y)
    {
        for (var i = 0; i < width; i += TLanes.Count)
        {
            (TLanes.Load(a + i) * TLanes.Load(b + i)).Store(y + i);
        }
    }

    /// <inheritdoc/>
    public override void Wkv4(float* k, float* v, float* logDecay, float* bonus, float* state, float* y) =>
        Wkv<TLanes>.Step4(k, v, logDecay, bonus, state, state + width, state + (2 * width), width, y);
}

/// <summary>Layer norm and group norm: the latter is the former over one head.</summary>
internal static unsafe class Norms<TLanes>
    where TLanes : struct, ILanes<TLanes>
{
    /// <summary>y = (x - mean) / sqrt(variance + epsilon) * weight + bias over <paramref name="length"/> numbers, a multiple of the vector's.</summary>
    public static void Apply(float* x, float* weight, float* bias, float epsilon, int length, float* y)
    {
        TLanes sum = default, squares = default;
        for (var i = 0; i < length; i += TLanes.Count)
        {
            sum += TLanes.Load(x + i);
        }

        var mean = TLanes.Broadcast(TLanes.Sum(sum) / length);
        for (var i = 0; i < length; i += TLanes.Count)
        {
            var centred = TLanes.Load(x + i) - mean;
            squares = TLanes.MultiplyAdd(centred, centred, squares);
        }

        var scale = TLanes.Broadcast(1 / MathF.Sqrt((TLanes.Sum(squares) / length) + epsilon));
        for (var i = 0; i < length; i += TLanes.Count)
        {
            TLanes.MultiplyAdd((TLanes.Load(x + i) - mean) * scale, TLanes.Load(weight + i), TLanes.Load(bias + i)).Store(y + i);
        }
    }
}
