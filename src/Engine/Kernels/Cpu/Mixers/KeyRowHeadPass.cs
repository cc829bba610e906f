using System.Diagnostics;

namespace RwkvSk.Engine.Kernels.Cpu;

/// <summary>What the recurrence of RWKV-5 and 6 needs beside r, k, v and the gate. The vectors are [C].</summary>
/// <param name="DecayRank">RWKV-6: what the input adds to the decay's logarithm of a logarithm; null where the decay is constant.</param>
/// <param name="Decay">RWKV-6: what it is added to; otherwise the decay itself, 0 to 1.</param>
/// <param name="Bonus">u.</param>
/// <param name="Norm">ln_x, over one head.</param>
internal sealed record KeyRowHeadWeights(ThinProduct? DecayRank, nint Decay, nint Bonus, NormWeights Norm)
{
    /// <summary>The pass at the widest vectors that divide a head.</summary>
    public Pass Pass(SimdLevel level, int layer, MixerParts parts) => level.Dividing(parts.Config.HeadSize) switch
    {
        SimdLevel.Vector512 => new KeyRowHeadPass<Lanes512>(this, level, layer, parts),
        SimdLevel.Vector256 => new KeyRowHeadPass<Lanes256>(this, level, layer, parts),
        SimdLevel.Vector128 => new KeyRowHeadPass<Lanes128>(this, level, layer, parts),
        SimdLevel.Scalar => new KeyRowHeadPass<Lanes1>(this, level, layer, parts),
        _ => throw new UnreachableException($"unhandled level {level}"),
    };
}

/// <summary>RWKV-5 and 6 from r, k, v to what the output matrix reads, a few heads at a time: decay, the recurrence, group norm and gate.</summary>
internal sealed unsafe class KeyRowHeadPass<TLanes> : Pass
    where TLanes : struct, ILanes<TLanes>
{
    private const int Temporaries = 2;

    private readonly KeyRowHeadWeights _weights;
    private readonly MixerParts _parts;
    private readonly int _layer, _size, _width, _rows;

    /// <param name="weights">The layer's.</param>
    /// <param name="level">Vector width of the products.</param>
    /// <param name="layer">Whose states are advanced.</param>
    /// <param name="parts">r, k, v, gate and y.</param>
    public KeyRowHeadPass(KeyRowHeadWeights weights, SimdLevel level, int layer, MixerParts parts)
    {
        (_weights, _parts, _layer) = (weights, parts, layer);
        (_size, _width) = (parts.Config.HeadSize, parts.Config.Width);
        _rows = DecodeMixers.HeadRows(_size, 2 * (int)level);
        BlockCount = (_width + _rows - 1) / _rows;
        ScratchFloats = (parts.Frame.Capacity * _rows) + (Temporaries * _size);
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
        var (count, first) = (_parts.Frame.Count.Value, block * _rows);
        var rows = Math.Min(_rows, _width - first);
        _weights.DecayRank?.Multiply(first, rows, count, scratch, _rows);
        for (var position = 0; position < count; position++)
        {
            for (var row = 0; row < rows; row += _size)
            {
                Head(position, first + row, scratch + (position * _rows) + row, scratch + (count * _rows));
            }
        }
    }

    /// <inheritdoc/>
    public override void Commit(int block, float* scratch)
    {
        // States and y were written in place.
    }

    // One head at one position. at: its first channel. thin: the decay's low-rank product.
    private void Head(int position, int at, float* thin, float* temporaries)
    {
        var (buffers, w) = (_parts.Buffers, _weights);
        float* decay = (float*)w.Decay + at, o = temporaries + _size;
        if (w.DecayRank is not null)
        {
            for (var i = 0; i < _size; i += TLanes.Count)
            {
                TLanes.Exp(default(TLanes) - TLanes.Exp(TLanes.Load(decay + i) + TLanes.Load(thin + i))).Store(temporaries + i);
            }

            decay = temporaries;
        }

        var state = _parts.Frame.StateRow(_layer, position, 1) + ((long)at * _size);
        Wkv<TLanes>.Step6(buffers.R[position] + at, decay, buffers.K[position] + at, buffers.V[position] + at, (float*)w.Bonus + at, state, _size, o);
        Norms<TLanes>.Apply(o, (float*)w.Norm.Weight + at, (float*)w.Norm.Bias + at, w.Norm.Epsilon, _size, o);

        float* gate = buffers.G[position] + at, y = buffers.Y[position] + at;
        for (var i = 0; i < _size; i += TLanes.Count)
        {
            (TLanes.Load(o + i) * TLanes.Load(gate + i)).Store(y + i);
        }
    }
}
