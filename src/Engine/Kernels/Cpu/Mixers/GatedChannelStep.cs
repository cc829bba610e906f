namespace RwkvSk.Engine.Kernels.Cpu;

/// <summary>The channel mix of RWKV-4, 5 and 6 for a few positions: sigmoid(R xr) V relu(K xk)^2.</summary>
internal sealed unsafe class GatedChannelStep : IDecodeMixer
{
    private readonly int _layer;
    private readonly MixerParts _parts;
    private readonly NormWeights _norm;
    private readonly nint _mixK, _mixR;
    private readonly Pass _inner, _value;

    public GatedChannelStep(DecodeWeights block, int layer, MixerParts parts)
    {
        (_layer, _parts) = (layer, parts);
        var (ffn, c, f, buffers) = (block["ffn"], parts.Config.Width, parts.Config.FfnWidth, parts.Buffers);
        _norm = block["ln2"].Norm(c, 1e-5f);
        (_mixK, _mixR) = (ffn.ShiftMix("k", c), ffn.ShiftMix("r", c));
        _inner = parts.Products(
            new Product(ffn.Matrix("key.weight", f, c), buffers.MixedK, buffers.Hidden, Epilogue.ReluSquared),
            new Product(ffn.Matrix("receptance.weight", c, c), buffers.MixedR, buffers.R, Epilogue.Sigmoid));
        _value = parts.Products(new Product(ffn.Matrix("value.weight", c, f), buffers.Hidden, parts.Frame.X, Epilogue.AddGated, buffers.R));
    }

    /// <inheritdoc/>
    public void Forward(DecodeFrame frame)
    {
        var (vectors, buffers, shiftRow) = (_parts.Vectors, _parts.Buffers, _parts.Config.StateRows - 1);
        for (var i = 0; i < frame.Count.Value; i++)
        {
            vectors.Norm(frame.X[i], _norm, buffers.Normed[i]);
            vectors.Shift(buffers.Normed[i], frame.StateRow(_layer, i, shiftRow), buffers.Shifted[i]);
            vectors.Mix(buffers.Normed[i], buffers.Shifted[i], (float*)_mixK, buffers.MixedK[i]);
            vectors.Mix(buffers.Normed[i], buffers.Shifted[i], (float*)_mixR, buffers.MixedR[i]);
        }

        _parts.Pool.Run(_inner);   // k = relu(K xk)^2, r = sigmoid(R xr)
        _parts.Pool.Run(_value);   // x = x + r V k
    }
}
