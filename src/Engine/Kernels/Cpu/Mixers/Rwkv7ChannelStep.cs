namespace RwkvSk.Engine.Kernels.Cpu;

/// <summary>RWKV-7's channel mix for a few positions: V relu(K (x + dx x_k))^2.</summary>
internal sealed unsafe class Rwkv7ChannelStep : IDecodeMixer
{
    private readonly int _layer;
    private readonly MixerParts _parts;
    private readonly NormWeights _norm;
    private readonly nint _mix;
    private readonly FilledUnits _filled;
    private readonly Pass _key, _value;

    public Rwkv7ChannelStep(DecodeWeights block, int layer, MixerParts parts)
    {
        (_layer, _parts) = (layer, parts);
        var (ffn, c, f, buffers) = (block["ffn"], parts.Config.Width, parts.Config.FfnWidth, parts.Buffers);
        _norm = block["ln2"].Norm(c, 1e-5f);
        _mix = (nint)ffn.Vector("x_k", c);
        _key = parts.Products(new Product(ffn.Matrix("key.weight", f, c), buffers.MixedK, buffers.Hidden, Epilogue.ReluSquared));
        var value = ffn.Matrix("value.weight", c, f);
        _filled = buffers.FilledFor(value);
        _value = parts.Products(new Product(value, buffers.Hidden, parts.Frame.X, Epilogue.Add) { Filled = _filled });
    }

    /// <inheritdoc/>
    public void Forward(DecodeFrame frame)
    {
        var (vectors, buffers, shiftRow) = (_parts.Vectors, _parts.Buffers, _parts.Config.StateRows - 1);
        for (var i = 0; i < frame.Count.Value; i++)
        {
            vectors.Norm(frame.X[i], _norm, buffers.Normed[i]);
            vectors.Shift(buffers.Normed[i], frame.StateRow(_layer, i, shiftRow), buffers.Shifted[i]);
            vectors.Mix(buffers.Normed[i], buffers.Shifted[i], (float*)_mix, buffers.MixedK[i]);
        }

        _parts.Pool.Run(_key);     // k = relu(K xk)^2
        if (frame.Count.Value == 1)
        {
            _filled.Find(buffers.Hidden[0]);
        }

        _parts.Pool.Run(_value);   // x = x + V k
    }
}
