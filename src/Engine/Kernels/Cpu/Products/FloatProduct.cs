using System.Runtime.CompilerServices;

namespace RwkvSk.Engine.Kernels.Cpu;

/// <summary>
/// Products with floating-point weights: every row sums its even columns and its odd columns, each in order, and adds the two. That is the same arithmetic for
/// one vector or many, at every width and in every format, so bf16 weights and their fp32 widening give the same bits.
/// </summary>
internal sealed unsafe class FloatProduct<TLanes, TFormat> : BlockProduct
    where TLanes : struct, ILanes<TLanes>
    where TFormat : struct, IPairFormat
{
    // The line that is asked for while one is used: far enough for DRAM, near enough to stay in L1.
    private const int Ahead = 1024;

    /// <inheritdoc/>
    public override int BlockRows => 2 * TLanes.Count;

    private static int PairBytes
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => 2 * TLanes.Count * TFormat.ItemBytes;
    }

    /// <inheritdoc/>
    public override long BlockBytes(int columns) => (columns + 1) / 2 * 2L * PairBytes;

    /// <inheritdoc/>
    public override void Pack(ReadOnlySpan<float> rows, int columns, byte* block)
    {
        for (var row = 0; row < BlockRows; row++)
        {
            var (vector, lane) = Math.DivRem(row, TLanes.Count);
            var weights = rows.Slice(row * columns, columns);
            var pair = block + (vector * PairBytes);
            for (var column = 0; column < columns; column += 2)
            {
                TFormat.Put(pair, lane, TLanes.Count, weights[column], column + 1 < columns ? weights[column + 1] : 0);
                pair += 2 * PairBytes;
            }
        }
    }

    /// <inheritdoc/>
    public override void Multiply(byte* block, int columns, Vectors x, int count, float* y, int yStride)
    {
        var pairs = (columns + 1) / 2;
        var done = 0;
        for (; done + 4 <= count; done += 4)
        {
            Four(block, pairs, x[done], x.Stride, y + (done * yStride), yStride);
        }

        if (done + 2 <= count)
        {
            Two(block, pairs, x[done], x.Stride, y + (done * yStride), yStride);
            done += 2;
        }

        if (done < count)
        {
            One(block, pairs, x[done], y + (done * yStride));
        }
    }

    /// <inheritdoc/>
    public override int UnitColumns => 2;

    /// <inheritdoc/>
    public override double MostFilled => 0.3;

    /// <inheritdoc/>
    public override void MultiplyFilled(byte* block, float* x, FilledUnits filled, float* y) => Some(block, x, filled.Units, filled.Count, y);

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Some(byte* weights, float* x, int* pairs, int count, float* y)
    {
        TLanes even0 = default, odd0 = default, even1 = default, odd1 = default;
        for (var end = pairs + count; pairs < end; pairs++)
        {
            var pair = weights + ((long)pairs[0] * 2 * PairBytes);
            Cache.Prefetch(weights + ((long)pairs[FilledUnits.Ahead] * 2 * PairBytes), 2 * PairBytes);
            var (first, second) = (TLanes.Broadcast(x[2 * pairs[0]]), TLanes.Broadcast(x[(2 * pairs[0]) + 1]));
            even0 = TLanes.MultiplyAdd(TFormat.First<TLanes>(pair), first, even0);
            odd0 = TLanes.MultiplyAdd(TFormat.Second<TLanes>(pair), second, odd0);
            even1 = TLanes.MultiplyAdd(TFormat.First<TLanes>(pair + PairBytes), first, even1);
            odd1 = TLanes.MultiplyAdd(TFormat.Second<TLanes>(pair + PairBytes), second, odd1);
        }

        (even0 + odd0).Store(y);
        (even1 + odd1).Store(y + TLanes.Count);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void One(byte* weights, int pairs, float* x, float* y)
    {
        TLanes even0 = default, odd0 = default, even1 = default, odd1 = default;
        for (var end = x + (2 * pairs); x < end; x += 2)
        {
            Cache.Prefetch(weights + Ahead, 2 * PairBytes);
            var (first, second) = (TLanes.Broadcast(x[0]), TLanes.Broadcast(x[1]));
            even0 = TLanes.MultiplyAdd(TFormat.First<TLanes>(weights), first, even0);
            odd0 = TLanes.MultiplyAdd(TFormat.Second<TLanes>(weights), second, odd0);
            even1 = TLanes.MultiplyAdd(TFormat.First<TLanes>(weights + PairBytes), first, even1);
            odd1 = TLanes.MultiplyAdd(TFormat.Second<TLanes>(weights + PairBytes), second, odd1);
            weights += 2 * PairBytes;
        }

        (even0 + odd0).Store(y);
        (even1 + odd1).Store(y + TLanes.Count);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Two(byte* weights, int pairs, float* x, int stride, float* y, int yStride)
    {
        TLanes evenA0 = default, oddA0 = default, evenA1 = default, oddA1 = default;
        TLanes evenB0 = default, oddB0 = default, evenB1 = default, oddB1 = default;
        for (var end = x + (2 * pairs); x < end; x += 2)
        {
            Cache.Prefetch(weights + Ahead, 2 * PairBytes);
            var (w0, w1) = (TFormat.First<TLanes>(weights), TFormat.First<TLanes>(weights + PairBytes));
            var (a, b) = (TLanes.Broadcast(x[0]), TLanes.Broadcast(x[stride]));
            (evenA0, evenA1) = (TLanes.MultiplyAdd(w0, a, evenA0), TLanes.MultiplyAdd(w1, a, evenA1));
            (evenB0, evenB1) = (TLanes.MultiplyAdd(w0, b, evenB0), TLanes.MultiplyAdd(w1, b, evenB1));
            (w0, w1) = (TFormat.Second<TLanes>(weights), TFormat.Second<TLanes>(weights + PairBytes));
            (a, b) = (TLanes.Broadcast(x[1]), TLanes.Broadcast(x[stride + 1]));
            (oddA0, oddA1) = (TLanes.MultiplyAdd(w0, a, oddA0), TLanes.MultiplyAdd(w1, a, oddA1));
            (oddB0, oddB1) = (TLanes.MultiplyAdd(w0, b, oddB0), TLanes.MultiplyAdd(w1, b, oddB1));
            weights += 2 * PairBytes;
        }

        (evenA0 + oddA0).Store(y);
        (evenA1 + oddA1).Store(y + TLanes.Count);
        (evenB0 + oddB0).Store(y + yStride);
        (evenB1 + oddB1).Store(y + yStride + TLanes.Count);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Four(byte* weights, int pairs, float* x, int stride, float* y, int yStride)
    {
        TLanes evenA0 = default, oddA0 = default, evenA1 = default, oddA1 = default;
        TLanes evenB0 = default, oddB0 = default, evenB1 = default, oddB1 = default;
        TLanes evenC0 = default, oddC0 = default, evenC1 = default, oddC1 = default;
        TLanes evenD0 = default, oddD0 = default, evenD1 = default, oddD1 = default;
        float* b = x + stride, c = b + stride, d = c + stride;
        for (var column = 0; column < 2 * pairs; column += 2)
        {
            Cache.Prefetch(weights + Ahead, 2 * PairBytes);
            var (w0, w1) = (TFormat.First<TLanes>(weights), TFormat.First<TLanes>(weights + PairBytes));
            var v = TLanes.Broadcast(x[column]);
            (evenA0, evenA1) = (TLanes.MultiplyAdd(w0, v, evenA0), TLanes.MultiplyAdd(w1, v, evenA1));
            v = TLanes.Broadcast(b[column]);
            (evenB0, evenB1) = (TLanes.MultiplyAdd(w0, v, evenB0), TLanes.MultiplyAdd(w1, v, evenB1));
            v = TLanes.Broadcast(c[column]);
            (evenC0, evenC1) = (TLanes.MultiplyAdd(w0, v, evenC0), TLanes.MultiplyAdd(w1, v, evenC1));
            v = TLanes.Broadcast(d[column]);
            (evenD0, evenD1) = (TLanes.MultiplyAdd(w0, v, evenD0), TLanes.MultiplyAdd(w1, v, evenD1));
            (w0, w1) = (TFormat.Second<TLanes>(weights), TFormat.Second<TLanes>(weights + PairBytes));
            v = TLanes.Broadcast(x[column + 1]);
            (oddA0, oddA1) = (TLanes.MultiplyAdd(w0, v, oddA0), TLanes.MultiplyAdd(w1, v, oddA1));
            v = TLanes.Broadcast(b[column + 1]);
            (oddB0, oddB1) = (TLanes.MultiplyAdd(w0, v, oddB0), TLanes.MultiplyAdd(w1, v, oddB1));
            v = TLanes.Broadcast(c[column + 1]);
            (oddC0, oddC1) = (TLanes.MultiplyAdd(w0, v, oddC0), TLanes.MultiplyAdd(w1, v, oddC1));
            v = TLanes.Broadcast(d[column + 1]);
            (oddD0, oddD1) = (TLanes.MultiplyAdd(w0, v, oddD0), TLanes.MultiplyAdd(w1, v, oddD1));
            weights += 2 * PairBytes;
        }

        (evenA0 + oddA0).Store(y);
        (evenA1 + oddA1).Store(y + TLanes.Count);
        (evenB0 + oddB0).Store(y + yStride);
        (evenB1 + oddB1).Store(y + yStride + TLanes.Count);
        (evenC0 + oddC0).Store(y + (2 * yStride));
        (evenC1 + oddC1).Store(y + (2 * yStride) + TLanes.Count);
        (evenD0 + oddD0).Store(y + (3 * yStride));
        (evenD1 + oddD1).Store(y + (3 * yStride) + TLanes.Count);
    }
}
