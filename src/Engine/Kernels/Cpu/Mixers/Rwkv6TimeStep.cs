namespace RwkvSk.Engine.Kernels.Cpu;

/// <summary>RWKV-6's time mix for a few positions: what is mixed in from the position before, and the decay, depend on the input.</summary>
internal sealed unsafe class Rwkv6TimeStep : IDecodeMixer
{
    private const int Mixes = 5;   // w, k, v, r, g: the order in which the checkpoint stacks them
    private readonly int _layer;
    private readonly MixerParts _parts;
    private readonly NormWeights _norm;
    private readonly nint _mixX;
    private readonly (nint Weights, Vectors Wanted, Vectors Mixed)[] _mixes;
    private readonly Pass _thin, _wanted, _projections, _heads, _output;

    public Rwkv6TimeStep(DecodeWeights block, int layer, MixerParts parts)
    {
        (_layer, _parts) = (layer, parts);
        var (att, c, buffers) = (block["att"], parts.Config.Width, parts.Buffers);
        _norm = block["ln1"].Norm(c, 1e-5f);
        _mixX = (nint)att.Vector("time_maa_x", c);
        var (rank, decayRank) = ((int)att.ShapeOf("time_maa_w2")[1], (int)att.ShapeOf("time_decay_w1")[^1]);

        var thin = buffers.Take(Mixes * rank);
        _thin = parts.Products(new Product(att.Turned("time_maa_w1", Mixes * rank, c), buffers.MixedA, thin, Epilogue.Tanh));
        Vectors[] mixed = [buffers.MixedW, buffers.MixedK, buffers.MixedV, buffers.MixedR, buffers.MixedG];
        _mixes = [.. mixed.Select((into, i) => ((nint)att.Vector("time_maa_" + "wkvrg"[i], c), buffers.Take(c), into))];
        _wanted = parts.Products([.. _mixes.Select((mix, i) => new Product(att.TurnedPart("time_maa_w2", i, c, rank), thin.From(i * rank), mix.Wanted))]);

        var decay = buffers.Take(decayRank);
        _projections = parts.Products(
            new Product(att.Turned("time_decay_w1", decayRank, c), buffers.MixedW, decay, Epilogue.Tanh),
            new Product(att.Matrix("receptance.weight", c, c), buffers.MixedR, buffers.R),
            new Product(att.Matrix("key.weight", c, c), buffers.MixedK, buffers.K),
            new Product(att.Matrix("value.weight", c, c), buffers.MixedV, buffers.V),
            new Product(att.Matrix("gate.weight", c, c), buffers.MixedG, buffers.G, Epilogue.Silu));
        var heads = new KeyRowHeadWeights(
            new ThinProduct(att.Turned("time_decay_w2", c, decayRank), decay),
            (nint)att.Vector("time_decay", c), (nint)att.Vector("time_faaaa", c), att["ln_x"].Norm(c, 64e-5f));
        _heads = heads.Pass(att.Level, layer, parts);
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
            vectors.Mix(buffers.Normed[i], buffers.Shifted[i], (float*)_mixX, buffers.MixedA[i]);
        }

        _parts.Pool.Run(_thin);          // tanh((x + dx mix_x) w1), five parts
        _parts.Pool.Run(_wanted);        // each part by its own w2
        for (var i = 0; i < frame.Count.Value; i++)
        {
            foreach (var (mix, wanted, mixed) in _mixes)
            {
                vectors.Mix(buffers.Normed[i], buffers.Shifted[i], (float*)mix, wanted[i], mixed[i]);
            }
        }

        _parts.Pool.Run(_projections);   // r = R xr, k = K xk, v = V xv, g = silu(G xg); tanh(xw w1)
        _parts.Pool.Run(_heads);         // y = g norm(wkv(r, w, k, v))
        _parts.Pool.Run(_output);        // x = x + O y
    }
}
