using RwkvSk.Engine.Kernels.Cpu;
using RwkvSk.Engine.Kernels.Cuda.Parameters;
using RwkvSk.Engine.Kernels.Cuda.Weights;

namespace RwkvSk.Engine.Kernels.Cuda.Mixers;

/// <summary>RWKV-7's time mix in four launches.</summary>
internal sealed class Rwkv7TimeStep : ICudaMixer
{
    private readonly CudaStep _step;
    private readonly NormMix _norm;
    private readonly ProductGroup _projections, _output;
    private readonly Heads7 _heads;

    public Rwkv7TimeStep(CudaWeights block, int layer, CudaStep step)
    {
        _step = step;
        var (att, c, buffers, isFirst) = (block["att"], step.Config.Width, step.Buffers, layer == 0);
        var (r, w, k, v, a, g) = (buffers.Mixed[0], buffers.Mixed[1], buffers.Mixed[2], buffers.Mixed[3], buffers.Mixed[4], buffers.Mixed[5]);
        _norm = step.Norm(
            block["ln1"].Norm(c, 1e-5f), step.StateRow(layer, 0),
            (att.Vector("x_r", c), r), (att.Vector("x_w", c), w), (att.Vector("x_k", c), k), (att.Vector("x_v", c), v), (att.Vector("x_a", c), a), (att.Vector("x_g", c), g));

        var values = isFirst ? buffers.FirstV : buffers.V;
        var pairs = new Heads7.Four();
        DenseProduct[] firstHalves =
        [
            Pair(0, "w", w, Epilogue.Tanh), Pair(1, "a", a, Epilogue.Store), Pair(2, "g", g, Epilogue.Sigmoid), .. isFirst ? Array.Empty<DenseProduct>() : [Pair(3, "v", v, Epilogue.Store)],
        ];
        _projections = new ProductGroup(
            step,
            [
                att.Matrix("receptance.weight", c, c).Of(r, buffers.R),
                att.Matrix("key.weight", c, c).Of(k, buffers.K),
                att.Matrix("value.weight", c, c).Of(v, values),
            ],
            firstHalves);
        var norm = att["ln_x"].Norm(c, 64e-5f);
        _heads = new Heads7
        {
            Pairs = pairs,
            Decay = att.Vector("w0", c), Rate = att.Vector("a0", c), Residual = isFirst ? 0 : att.Vector("v0", c),
            RemovalKey = att.Vector("k_k", c), KeyRate = att.Vector("k_a", c), Bonus = att.Vector("r_k", c),
            NormWeight = norm.Weight, NormBias = norm.Bias, Epsilon = norm.Epsilon,
            R = buffers.R.Pointer, K = buffers.K.Pointer, V = values.Pointer, FirstV = buffers.FirstV.Pointer, Y = buffers.Y.Pointer,
            State = step.StateRow(layer, 1), SlotStride = step.SlotStride, Size = step.Config.HeadSize, Stride = buffers.R.Stride,
        };
        _output = new ProductGroup(step, [att.Matrix("output.weight", c, c).Of(buffers.Y, buffers.X, Epilogue.Add)]);

        DenseProduct Pair(int index, string name, DeviceVectors mixed, Epilogue epilogue)
        {
            var rank = (int)att.ShapeOf(name + "1")[^1];
            var between = buffers.Take(rank);
            pairs[index] = att.Thin(name + "2", c, rank).Of(between);
            return att.Turned(name + "1", rank, c).Of(mixed, between, epilogue);
        }
    }

    /// <inheritdoc/>
    public void Forward(int positions)
    {
        var slots = _step.Slots(positions);
        _step.Kernels.NormMix(_norm with { Slots = slots }, positions);
        _projections.Forward(positions);   // r = R xr, k = K xk, v = V xv; tanh(xw w1), xa a1, sigmoid(xg g1), xv v1
        _step.Kernels.Heads7(_heads with { Slots = slots }, _step.Config.HeadCount, positions);
        _output.Forward(positions);        // x = x + O y
    }
}
