using System.Runtime.CompilerServices;

namespace RwkvSk.Engine.Kernels.Cpu;

/// <summary>
/// Products with integer weights and fp32 vectors. A 32-bit word holds neighbouring columns of one row, the first in the uppermost bits. A column's weight is the whole word
/// shifted until that column stands on top, read as a signed integer: what lies below it, the next columns, is a fraction of a step that the packer knew when it rounded. So taking a
/// weight out is a shift and a conversion, and its error is still at most half a step. Per scale, even and odd columns are summed as in <see cref="FloatProduct{TLanes,TFormat}"/>.
/// </summary>
internal sealed unsafe class IntegerProduct<TLanes, TFormat> : BlockProduct
    where TLanes : struct, ILanes<TLanes>
    where TFormat : struct, IWordFormat
{
    private const int Ahead = 4096;

    /// <inheritdoc/>
    public override int BlockRows => 2 * TLanes.Count;

    private static int VectorBytes
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => sizeof(float) * TLanes.Count;
    }

    private static int WordColumns
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => 32 / TFormat.Bits;
    }

    /// <inheritdoc/>
    public override long BlockBytes(int columns) => 2L * VectorBytes * (Words(columns) + ((columns + TFormat.ScaleColumns - 1) / TFormat.ScaleColumns));

    /// <inheritdoc/>
    public override void Pack(ReadOnlySpan<float> rows, int columns, byte* block)
    {
        for (var row = 0; row < BlockRows; row++)
        {
            var weights = rows.Slice(row * columns, columns);
            var at = (float*)block + row;
            while (weights.Length > 0)
            {
                var part = weights[..Math.Min(TFormat.ScaleColumns, weights.Length)];
                var largest = 0f;
                foreach (var weight in part)
                {
                    largest = MathF.Max(largest, MathF.Abs(weight));
                }

                var step = largest / TFormat.Largest;
                *at = step * MathF.ScaleB(1, TFormat.Bits - 32);
                at += BlockRows;
                for (var column = 0; column < part.Length; column += WordColumns)
                {
                    *(int*)at = Word(part[column..Math.Min(column + WordColumns, part.Length)], step == 0 ? 0 : 1 / step);
                    at += BlockRows;
                }

                weights = weights[part.Length..];
            }
        }
    }

    /// <inheritdoc/>
    public override void Multiply(byte* block, int columns, Vectors x, int count, float* y, int yStride)
    {
        var done = 0;
        for (; done + 4 <= count; done += 4)
        {
            Four(block, columns, x[done], x.Stride, y + (done * yStride), yStride);
        }

        for (; done < count; done++)
        {
            One(block, columns, x[done], y + (done * yStride));
        }
    }

    /// <inheritdoc/>
    public override int UnitColumns => WordColumns;

    /// <inheritdoc/>
    public override double MostFilled => 0.8;

    /// <inheritdoc/>
    public override void MultiplyFilled(byte* block, float* x, FilledUnits filled, float* y) => Some(block, x, filled.Units, filled.Count, y);

    private static int Words(int columns) => (columns + WordColumns - 1) / WordColumns;

    // From the last column to the first, each rounded in sight of what stands below it.
    private static int Word(ReadOnlySpan<float> weights, float perStep)
    {
        var (below, least, most) = (0u, -(1 << (TFormat.Bits - 1)), (1 << (TFormat.Bits - 1)) - 1);
        for (var column = WordColumns - 1; column >= 0; column--)
        {
            var weight = column < weights.Length ? weights[column] * perStep : 0;
            var fraction = below * MathF.ScaleB(1, -32);
            var steps = Math.Clamp((int)MathF.Round(weight - fraction), least, most);
            below = (below >> TFormat.Bits) | ((uint)steps << (32 - TFormat.Bits));
        }

        return (int)below;
    }

    // Word w lies behind w words and the scales of its share and of those before it.
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Some(byte* weights, float* x, int* words, int count, float* y)
    {
        var wordsPerScale = TFormat.ScaleColumns / WordColumns;
        TLanes total0 = default, total1 = default;
        for (var end = words + count; words < end;)
        {
            var share = words[0] / wordsPerScale;
            var scales = weights + ((long)share * (wordsPerScale + 1) * 2 * VectorBytes);
            TLanes even0 = default, odd0 = default, even1 = default, odd1 = default;
            for (; words < end && words[0] < (share + 1) * wordsPerScale; words++)
            {
                var at = weights + ((words[0] + share + 1L) * 2 * VectorBytes);
                Cache.Prefetch(weights + ((words[FilledUnits.Ahead] + (words[FilledUnits.Ahead] / wordsPerScale) + 1L) * 2 * VectorBytes), 2 * VectorBytes);
                var (w0, w1) = (TLanes.LoadWords(at), TLanes.LoadWords(at + VectorBytes));
                var from = x + ((long)words[0] * WordColumns);
                for (var last = from + WordColumns; from < last; from += 2)
                {
                    var (first, second) = (TLanes.Broadcast(from[0]), TLanes.Broadcast(from[1]));
                    even0 = TLanes.MultiplyAdd(TLanes.FromWords(w0), first, even0);
                    even1 = TLanes.MultiplyAdd(TLanes.FromWords(w1), first, even1);
                    (w0, w1) = (TLanes.ShiftWords(w0, TFormat.Bits), TLanes.ShiftWords(w1, TFormat.Bits));
                    odd0 = TLanes.MultiplyAdd(TLanes.FromWords(w0), second, odd0);
                    odd1 = TLanes.MultiplyAdd(TLanes.FromWords(w1), second, odd1);
                    (w0, w1) = (TLanes.ShiftWords(w0, TFormat.Bits), TLanes.ShiftWords(w1, TFormat.Bits));
                }
            }

            total0 = TLanes.MultiplyAdd(even0 + odd0, TLanes.Load((float*)scales), total0);
            total1 = TLanes.MultiplyAdd(even1 + odd1, TLanes.Load((float*)(scales + VectorBytes)), total1);
        }

        total0.Store(y);
        total1.Store(y + TLanes.Count);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void One(byte* weights, int columns, float* x, float* y)
    {
        TLanes total0 = default, total1 = default;
        while (columns > 0)
        {
            TLanes even0 = default, odd0 = default, even1 = default, odd1 = default;
            var (scale0, scale1) = (TLanes.Load((float*)weights), TLanes.Load((float*)(weights + VectorBytes)));
            for (var words = Math.Min(Words(columns), TFormat.ScaleColumns / WordColumns); words > 0; words--)
            {
                weights += 2 * VectorBytes;
                Cache.Prefetch(weights + Ahead, 2 * VectorBytes);
                var (w0, w1) = (TLanes.LoadWords(weights), TLanes.LoadWords(weights + VectorBytes));
                for (var end = x + WordColumns; x < end; x += 2)
                {
                    var (first, second) = (TLanes.Broadcast(x[0]), TLanes.Broadcast(x[1]));
                    even0 = TLanes.MultiplyAdd(TLanes.FromWords(w0), first, even0);
                    even1 = TLanes.MultiplyAdd(TLanes.FromWords(w1), first, even1);
                    (w0, w1) = (TLanes.ShiftWords(w0, TFormat.Bits), TLanes.ShiftWords(w1, TFormat.Bits));
                    odd0 = TLanes.MultiplyAdd(TLanes.FromWords(w0), second, odd0);
                    odd1 = TLanes.MultiplyAdd(TLanes.FromWords(w1), second, odd1);
                    (w0, w1) = (TLanes.ShiftWords(w0, TFormat.Bits), TLanes.ShiftWords(w1, TFormat.Bits));
                }
            }

            total0 = TLanes.MultiplyAdd(even0 + odd0, scale0, total0);
            total1 = TLanes.MultiplyAdd(even1 + odd1, scale1, total1);
            weights += 2 * VectorBytes;
            columns -= TFormat.ScaleColumns;
        }

        total0.Store(y);
        total1.Store(y + TLanes.Count);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Four(byte* weights, int columns, float* x, int stride, float* y, int yStride)
    {
        for (var i = 0; i < 4; i++)
        {
            default(TLanes).Store(y + (i * yStride));
            default(TLanes).Store(y + (i * yStride) + TLanes.Count);
        }

        while (columns > 0)
        {
            TLanes evenA0 = default, oddA0 = default, evenA1 = default, oddA1 = default;
            TLanes evenB0 = default, oddB0 = default, evenB1 = default, oddB1 = default;
            TLanes evenC0 = default, oddC0 = default, evenC1 = default, oddC1 = default;
            TLanes evenD0 = default, oddD0 = default, evenD1 = default, oddD1 = default;
            var scales = (float*)weights;
            for (var words = Math.Min(Words(columns), TFormat.ScaleColumns / WordColumns); words > 0; words--)
            {
                weights += 2 * VectorBytes;
                Cache.Prefetch(weights + Ahead, 2 * VectorBytes);
                var (word0, word1) = (TLanes.LoadWords(weights), TLanes.LoadWords(weights + VectorBytes));
                for (var end = x + WordColumns; x < end; x += 2)
                {
                    float* b = x + stride, c = b + stride, d = c + stride;
                    var (w0, w1) = (TLanes.FromWords(word0), TLanes.FromWords(word1));
                    var v = TLanes.Broadcast(x[0]);
                    (evenA0, evenA1) = (TLanes.MultiplyAdd(w0, v, evenA0), TLanes.MultiplyAdd(w1, v, evenA1));
                    v = TLanes.Broadcast(b[0]);
                    (evenB0, evenB1) = (TLanes.MultiplyAdd(w0, v, evenB0), TLanes.MultiplyAdd(w1, v, evenB1));
                    v = TLanes.Broadcast(c[0]);
                    (evenC0, evenC1) = (TLanes.MultiplyAdd(w0, v, evenC0), TLanes.MultiplyAdd(w1, v, evenC1));
                    v = TLanes.Broadcast(d[0]);
                    (evenD0, evenD1) = (TLanes.MultiplyAdd(w0, v, evenD0), TLanes.MultiplyAdd(w1, v, evenD1));
                    (word0, word1) = (TLanes.ShiftWords(word0, TFormat.Bits), TLanes.ShiftWords(word1, TFormat.Bits));
                    (w0, w1) = (TLanes.FromWords(word0), TLanes.FromWords(word1));
                    v = TLanes.Broadcast(x[1]);
                    (oddA0, oddA1) = (TLanes.MultiplyAdd(w0, v, oddA0), TLanes.MultiplyAdd(w1, v, oddA1));
                    v = TLanes.Broadcast(b[1]);
                    (oddB0, oddB1) = (TLanes.MultiplyAdd(w0, v, oddB0), TLanes.MultiplyAdd(w1, v, oddB1));
                    v = TLanes.Broadcast(c[1]);
                    (oddC0, oddC1) = (TLanes.MultiplyAdd(w0, v, oddC0), TLanes.MultiplyAdd(w1, v, oddC1));
                    v = TLanes.Broadcast(d[1]);
                    (oddD0, oddD1) = (TLanes.MultiplyAdd(w0, v, oddD0), TLanes.MultiplyAdd(w1, v, oddD1));
                    (word0, word1) = (TLanes.ShiftWords(word0, TFormat.Bits), TLanes.ShiftWords(word1, TFormat.Bits));
                }
            }

            Add(evenA0 + oddA0, evenA1 + oddA1, scales, y);
            Add(evenB0 + oddB0, evenB1 + oddB1, scales, y + yStride);
            Add(evenC0 + oddC0, evenC1 + oddC1, scales, y + (2 * yStride));
            Add(evenD0 + oddD0, evenD1 + oddD1, scales, y + (3 * yStride));
            weights += 2 * VectorBytes;
            columns -= TFormat.ScaleColumns;
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Add(TLanes sum0, TLanes sum1, float* scales, float* y)
    {
        TLanes.MultiplyAdd(sum0, TLanes.Load(scales), TLanes.Load(y)).Store(y);
        TLanes.MultiplyAdd(sum1, TLanes.Load(scales + TLanes.Count), TLanes.Load(y + TLanes.Count)).Store(y + TLanes.Count);
    }
}
