namespace RwkvSk.Engine.Kernels.Cpu;

/// <summary>
/// RWKV-5's time mix for a few positions. 5.2 has a decay and a bonus per channel; 5.1 one of each per head, the bonus stored as its logarithm.
/// </summary>
internal sealed unsafe class Rwkv5TimeStep : IDecodeMixer
{
    private readonly int _layer;
    private readonly MixerParts _parts;
    private readonly NormWeights _norm;
    private readonly (nint Weights, Vectors Mixed)[] _mixes;
    private readonly Pass _projections, _heads, _output;

    public Rwkv5TimeStep(DecodeWeights block, int layer, MixerParts parts)
    {
        (_layer, _parts) = (layer, parts);
        var (att, c, buffers) = (block["att"], parts.Config.Width, parts.Buffers);
        _norm = block["ln1"].Norm(c, 1e-5f);
        _mixes =
        [
            (att.ShiftMix("k", c), buffers.MixedK), (att.ShiftMix("v", c), buffers.MixedV),
            (att.ShiftMix("r", c), buffers.MixedR), (att.ShiftMix("g", c), buffers.MixedG),
        ];
        _projections = parts.Products(
            new Product(att.Matrix("receptance.weight", c, c), buffers.MixedR, buffers.R),
            new Product(att.Matrix("key.weight", c, c), buffers.MixedK, buffers.K),
            new Product(att.Matrix("value.weight", c, c), buffers.MixedV, buffers.V),
            new Product(att.Matrix("gate.weight", c, c), buffers.MixedG, buffers.G, Epilogue.Silu));
        var isPerChannel = att.Has("time_faaaa");
        var repeat = isPerChannel ? 1 : parts.Config.HeadSize;
        var decay = att.Repeated("time_decay", c, repeat, static decay => MathF.Exp(-MathF.Exp(decay)));
        var bonus = isPerChannel ? att.Repeated("time_faaaa", c, 1, static u => u) : att.Repeated("time_first", c, repeat, MathF.Exp);
        _heads = new KeyRowHeadWeights(null, decay, bonus, att["ln_x"].Norm(c, 64e-5f)).Pass(att.Level, layer, parts);
        _output = parts.Products(new Product(att.Matrix("output.weight", c, c), buffers.Y, parts.Frame.X, Epilogue.Add));
    }

    /// <inheritdoc/>
    public void Forward(DecodeFrame frame)
    {
        var (vectors, buffers) = (_parts.Vectors, _parts.Buffers);
        for (var i = 0; i < frame.Count.Value; i++)
        {
            vectors.Norm(frame.X[i], _norm, buffers.Normed[i]);
            vectors.Shift(buffers.Normed[i], frame.StateRow(_layer, i, 0), buffers.Shifted[i]);
            foreach (var (mix, mixed) in _mixes)
            {
                vectors.Mix(buffers.Normed[i], buffers.Shifted[i], (float*)mix, mixed[i]);
            }
        }

        _parts.Pool.Run(_projections);   // r = R xr, k = K xk, v = V xv, g = silu(G xg)
        _parts.Pool.Run(_heads);         // y = g norm(wkv(r, w, k, v))
        _parts.Pool.Run(_output);        // x = x + O y
    }
}
