namespace RwkvSk.Engine.Kernels.Cpu;

/// <summary>RWKV-4's time mix for a few positions: O (sigmoid(r) wkv), a mean of the values per channel.</summary>
internal sealed unsafe class Rwkv4TimeStep : IDecodeMixer
{
    private readonly int _layer;
    private readonly MixerParts _parts;
    private readonly NormWeights _norm;
    private readonly nint _mixK, _mixV, _mixR, _logDecay, _bonus;
    private readonly Pass _projections, _output;

    public Rwkv4TimeStep(DecodeWeights block, int layer, MixerParts parts)
    {
        (_layer, _parts) = (layer, parts);
        var (att, c, buffers) = (block["att"], parts.Config.Width, parts.Buffers);
        _norm = block["ln1"].Norm(c, 1e-5f);
        (_mixK, _mixV, _mixR) = (att.ShiftMix("k", c), att.ShiftMix("v", c), att.ShiftMix("r", c));
        _logDecay = (nint)att.Vector("time_decay", c, static decay => -MathF.Exp(decay));
        _bonus = (nint)att.Vector("time_first", c);
        _projections = parts.Products(
            new Product(att.Matrix("receptance.weight", c, c), buffers.MixedR, buffers.R, Epilogue.Sigmoid),
            new Product(att.Matrix("key.weight", c, c), buffers.MixedK, buffers.K),
            new Product(att.Matrix("value.weight", c, c), buffers.MixedV, buffers.V));
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
            vectors.Mix(buffers.Normed[i], buffers.Shifted[i], (float*)_mixR, buffers.MixedR[i]);
            vectors.Mix(buffers.Normed[i], buffers.Shifted[i], (float*)_mixK, buffers.MixedK[i]);
            vectors.Mix(buffers.Normed[i], buffers.Shifted[i], (float*)_mixV, buffers.MixedV[i]);
        }

        _parts.Pool.Run(_projections);   // r = sigmoid(R xr), k = K xk, v = V xv
        for (var i = 0; i < frame.Count.Value; i++)
        {
            vectors.Wkv4(buffers.K[i], buffers.V[i], (float*)_logDecay, (float*)_bonus, frame.StateRow(_layer, i, 1), buffers.Y[i]);
            vectors.Multiply(buffers.R[i], buffers.Y[i], buffers.Y[i]);
        }

        _parts.Pool.Run(_output);        // x = x + O (r wkv)
    }
}
