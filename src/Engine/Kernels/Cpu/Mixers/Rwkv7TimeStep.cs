using System.Diagnostics;

namespace RwkvSk.Engine.Kernels.Cpu;

/// <summary>
/// RWKV-7's time mix for a few positions: r, k, v and the thin halves of the low-rank pairs in one pass over their matrices, the recurrence head by head, the output.
/// </summary>
internal sealed unsafe class Rwkv7TimeStep : IDecodeMixer
{
    private readonly int _layer;
    private readonly MixerParts _parts;
    private readonly NormWeights _norm;
    private readonly (nint Weights, Vectors Mixed)[] _mixes;
    private readonly Pass _projections, _heads, _output;

    public Rwkv7TimeStep(DecodeWeights block, int layer, MixerParts parts)
    {
        (_layer, _parts) = (layer, parts);
        var (att, c, buffers) = (block["att"], parts.Config.Width, parts.Buffers);
        _norm = block["ln1"].Norm(c, 1e-5f);
        _mixes =
        [
            ((nint)att.Vector("x_r", c), buffers.MixedR), ((nint)att.Vector("x_w", c), buffers.MixedW), ((nint)att.Vector("x_k", c), buffers.MixedK),
            ((nint)att.Vector("x_v", c), buffers.MixedV), ((nint)att.Vector("x_a", c), buffers.MixedA), ((nint)att.Vector("x_g", c), buffers.MixedG),
        ];

        var v = layer == 0 ? buffers.FirstV : buffers.V;
        var (decay, rate, gate) = (Thin("w"), Thin("a"), Thin("g"));
        var residual = layer == 0 ? default : Thin("v");
        _projections = parts.Products(
            [
                new(decay.In, buffers.MixedW, decay.Between, Epilogue.Tanh),
                new(rate.In, buffers.MixedA, rate.Between),
                new(gate.In, buffers.MixedG, gate.Between, Epilogue.Sigmoid),
                .. layer == 0 ? Array.Empty<Product>() : [new(residual.In, buffers.MixedV, residual.Between)],
                new(att.Matrix("receptance.weight", c, c), buffers.MixedR, buffers.R),
                new(att.Matrix("key.weight", c, c), buffers.MixedK, buffers.K),
                new(att.Matrix("value.weight", c, c), buffers.MixedV, v),
            ]);
        var heads = new Rwkv7HeadWeights(
            decay.Out("w"), rate.Out("a"), gate.Out("g"), layer == 0 ? null : residual.Out("v"),
            (nint)att.Vector("w0", c), (nint)att.Vector("a0", c), layer == 0 ? 0 : (nint)att.Vector("v0", c),
            (nint)att.Vector("k_k", c), (nint)att.Vector("k_a", c), (nint)att.Vector("r_k", c), att["ln_x"].Norm(c, 64e-5f));
        _heads = Heads(att.Level.Dividing(parts.Config.HeadSize));
        _output = parts.Products(new Product(att.Matrix("output.weight", c, c), buffers.Y, parts.Frame.X, Epilogue.Add));

        ThinPair Thin(string name)
        {
            var rank = (int)att.ShapeOf(name + "1")[^1];
            return new ThinPair(att, att.Turned(name + "1", rank, c), buffers.Take(rank), c);
        }

        Pass Heads(SimdLevel level) => level switch
        {
            SimdLevel.Vector512 => new Rwkv7HeadPass<Lanes512>(heads, v, layer, parts),
            SimdLevel.Vector256 => new Rwkv7HeadPass<Lanes256>(heads, v, layer, parts),
            SimdLevel.Vector128 => new Rwkv7HeadPass<Lanes128>(heads, v, layer, parts),
            SimdLevel.Scalar => new Rwkv7HeadPass<Lanes1>(heads, v, layer, parts),
            _ => throw new UnreachableException($"unhandled level {level}"),
        };
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

        _parts.Pool.Run(_projections);   // r = R xr, k = K xk, v = V xv; tanh(xw w1), xa a1, sigmoid(xg g1), xv v1
        _parts.Pool.Run(_heads);         // y = gate (norm(wkv(r, w, k, v, a)) + bonus)
        _parts.Pool.Run(_output);        // x = x + O y
    }

    // A low-rank pair whose second half is taken only after all first halves, so that each pass finds its matrices in one stretch.
    private readonly record struct ThinPair(DecodeWeights Att, PackedMatrix In, Vectors Between, int Width)
    {
        public ThinProduct Out(string name) => new(Att.Turned(name + "2", Width, In.Rows), Between);
    }
}
