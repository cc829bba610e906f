namespace RwkvSk.Engine.Kernels.Cpu;

/// <summary>What RWKV-7's recurrence needs beside r, k and v. The vectors are [C].</summary>
/// <param name="DecayRank">w2.</param>
/// <param name="RateRank">a2.</param>
/// <param name="GateRank">g2.</param>
/// <param name="ResidualRank">v2; null in layer 0.</param>
/// <param name="Decay">w0.</param>
/// <param name="Rate">a0.</param>
/// <param name="Residual">v0; 0 in layer 0.</param>
/// <param name="RemovalKey">k_k.</param>
/// <param name="KeyRate">k_a.</param>
/// <param name="Bonus">r_k.</param>
/// <param name="Norm">ln_x, over one head.</param>
internal sealed record Rwkv7HeadWeights(
    ThinProduct DecayRank, ThinProduct RateRank, ThinProduct GateRank, ThinProduct? ResidualRank,
    nint Decay, nint Rate, nint Residual, nint RemovalKey, nint KeyRate, nint Bonus, NormWeights Norm);

/// <summary>
/// RWKV-7 from r, k, v to what the output matrix reads, a few heads at a time: the wide halves of the low-rank pairs, decay, rate, removal key, value residual, the
/// recurrence, group norm, bonus and gate, while all of it is in L1.
/// </summary>
internal sealed unsafe class Rwkv7HeadPass<TLanes> : Pass
    where TLanes : struct, ILanes<TLanes>
{
    private const float MinusInverseRootE = -0.6065306597126334f;   // the scale of the log decay
    private const int Temporaries = 6;

    private readonly Rwkv7HeadWeights _weights;
    private readonly MixBuffers _buffers;
    private readonly Vectors _v;
    private readonly DecodeFrame _frame;
    private readonly int _layer, _size, _width, _rows;

    /// <param name="weights">The layer's.</param>
    /// <param name="v">The values as projected.</param>
    /// <param name="layer">Whose states are advanced.</param>
    /// <param name="parts">r, k and y; layer 0's values. The vector width divides the head size.</param>
    public Rwkv7HeadPass(Rwkv7HeadWeights weights, Vectors v, int layer, MixerParts parts)
    {
        (_weights, _buffers, _v, _frame, _layer) = (weights, parts.Buffers, v, parts.Frame, layer);
        (_size, _width) = (parts.Config.HeadSize, parts.Config.Width);
        _rows = DecodeMixers.HeadRows(_size, weights.DecayRank.Matrix.Product.BlockRows);
        BlockCount = (_width + _rows - 1) / _rows;
        ScratchFloats = (4 * _frame.Capacity * _rows) + (Temporaries * _size);
    }

    /// <inheritdoc/>
    public override int BlockCount { get; }

    /// <inheritdoc/>
    public override int ScratchFloats { get; }

    /// <inheritdoc/>
    public override bool IsRepeatable => false;

    /// <inheritdoc/>
    public override void Compute(int block, float* scratch)
    {
        var (count, first) = (_frame.Count.Value, block * _rows);
        var (area, rows) = (count * _rows, Math.Min(_rows, _width - first));
        _weights.DecayRank.Multiply(first, rows, count, scratch, _rows);
        _weights.RateRank.Multiply(first, rows, count, scratch + area, _rows);
        _weights.GateRank.Multiply(first, rows, count, scratch + (2 * area), _rows);
        _weights.ResidualRank?.Multiply(first, rows, count, scratch + (3 * area), _rows);

        for (var position = 0; position < count; position++)
        {
            for (var row = 0; row < rows; row += _size)
            {
                Head(position, first + row, scratch + (position * _rows) + row, area, scratch + (4 * area));
            }
        }
    }

    /// <inheritdoc/>
    public override void Commit(int block, float* scratch)
    {
        // States and y were written in place.
    }

    // One head at one position. at: its first channel. thin: the four low-rank products, each area numbers after the other.
    private void Head(int position, int at, float* thin, int area, float* temporaries)
    {
        float* decay = temporaries, k = decay + _size, v = k + _size, a = v + _size, b = a + _size, o = b + _size;
        var r = _buffers.R[position] + at;
        var bonus = Prepare(r, _buffers.K[position] + at, _v[position] + at, _buffers.FirstV[position] + at, at, thin, area, decay, k, v, a, b);
        Wkv<TLanes>.Step7(r, decay, k, v, a, b, _frame.StateRow(_layer, position, 1) + ((long)at * _size), _size, o);
        Norms<TLanes>.Apply(o, (float*)_weights.Norm.Weight + at, (float*)_weights.Norm.Bias + at, _weights.Norm.Epsilon, _size, o);

        float* gate = thin + (2 * area), y = _buffers.Y[position] + at;
        for (var i = 0; i < _size; i += TLanes.Count)
        {
            (TLanes.MultiplyAdd(TLanes.Broadcast(bonus), TLanes.Load(v + i), TLanes.Load(o + i)) * TLanes.Load(gate + i)).Store(y + i);
        }
    }

    // From the projections to the recurrence's inputs; gives the sum of r k r_k.
    private float Prepare(float* r, float* rawK, float* rawV, float* firstV, int at, float* thin, int area, float* decay, float* k, float* v, float* a, float* b)
    {
        var (one, w) = (TLanes.Broadcast(1), _weights);
        float* thinRate = thin + area, thinResidual = thin + (3 * area);
        TLanes squares = default, bonus = default;
        for (var i = 0; i < _size; i += TLanes.Count)
        {
            var removal = TLanes.Load(rawK + i) * TLanes.Load((float*)w.RemovalKey + at + i);
            squares = TLanes.MultiplyAdd(removal, removal, squares);
            removal.Store(a + i);
        }

        var minusLength = TLanes.Broadcast(-MathF.Max(MathF.Sqrt(TLanes.Sum(squares)), 1e-12f));
        for (var i = 0; i < _size; i += TLanes.Count)
        {
            var rate = LaneMath<TLanes>.Sigmoid(TLanes.Load(thinRate + i) + TLanes.Load((float*)w.Rate + at + i));
            var away = TLanes.Load(a + i) / minusLength;                                                // minus the removal key, unit length per head
            away.Store(a + i);
            (default(TLanes) - (away * rate)).Store(b + i);

            var key = TLanes.Load(rawK + i);
            key = TLanes.MultiplyAdd(key * (rate - one), TLanes.Load((float*)w.KeyRate + at + i), key);   // k (1 + (a - 1) k_a)
            key.Store(k + i);
            bonus = TLanes.MultiplyAdd(TLanes.Load(r + i) * key, TLanes.Load((float*)w.Bonus + at + i), bonus);

            var logDecay = LaneMath<TLanes>.Sigmoid(TLanes.Load(thin + i) + TLanes.Load((float*)w.Decay + at + i)) * TLanes.Broadcast(MinusInverseRootE);
            TLanes.Exp(logDecay).Store(decay + i);

            var value = TLanes.Load(rawV + i);
            if (w.ResidualRank is not null)
            {
                var residual = LaneMath<TLanes>.Sigmoid(TLanes.Load(thinResidual + i) + TLanes.Load((float*)w.Residual + at + i));
                value = TLanes.MultiplyAdd(TLanes.Load(firstV + i) - value, residual, value);
            }

            value.Store(v + i);
        }

        return TLanes.Sum(bonus);
    }
}
