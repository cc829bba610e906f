using RwkvSk.Engine.Kernels.Cpu;
using RwkvSk.Engine.Kernels.Cuda.Parameters;
using RwkvSk.Engine.Kernels.Cuda.Weights;

namespace RwkvSk.Engine.Kernels.Cuda.Mixers;

/// <summary>RWKV-6's time mix in six launches: what is mixed in from the position before depends on the input.</summary>
internal sealed class Rwkv6TimeStep : ICudaMixer
{
    private const int Mixes = 5;   // w, k, v, r, g: the order in which the checkpoint stacks them

    private readonly CudaStep _step;
    private readonly NormMix _norm;
    private readonly ProductGroup _thin, _projections, _output;
    private readonly Mix6 _mix;
    private readonly Heads6 _heads;

    public Rwkv6TimeStep(CudaWeights block, int layer, CudaStep step)
    {
        _step = step;
        var (att, c, buffers) = (block["att"], step.Config.Width, step.Buffers);
        var (rank, decayRank) = ((int)att.ShapeOf("time_maa_w2")[1], (int)att.ShapeOf("time_decay_w1")[^1]);
        var mixedX = buffers.Mixed[Mixes];
        _norm = step.Norm(block["ln1"].Norm(c, 1e-5f), step.StateRow(layer, 0), (att.Vector("time_maa_x", c), mixedX)) with
        {
            Normed = buffers.Normed.Pointer,
            Shifted = buffers.Shifted.Pointer,
        };

        // Each part's first half has vectors of its own, for a second half reads whole eights.
        var parts = new DeviceVectors[Mixes];
        var thin = new DenseProduct[Mixes];
        _mix = new Mix6 { Normed = buffers.Normed.Pointer, Shifted = buffers.Shifted.Pointer, Width = c, Stride = buffers.X.Stride };
        for (var i = 0; i < Mixes; i++)
        {
            parts[i] = buffers.Take(rank);
            thin[i] = att.TurnedPart("time_maa_w1", i * rank, rank, c).Of(mixedX, parts[i], Epilogue.Tanh);
            _mix.Pairs[i] = att.Thin("time_maa_w2", c, rank, i).Of(parts[i]);
            (_mix.Mix[i], _mix.Mixed[i]) = (att.Vector("time_maa_" + "wkvrg"[i], c), buffers.Mixed[i].Pointer);
        }

        _thin = new ProductGroup(step, [], thin);
        var decay = buffers.Take(decayRank);
        _projections = new ProductGroup(
            step,
            [
                att.Matrix("key.weight", c, c).Of(buffers.Mixed[1], buffers.K),
                att.Matrix("value.weight", c, c).Of(buffers.Mixed[2], buffers.V),
                att.Matrix("receptance.weight", c, c).Of(buffers.Mixed[3], buffers.R),
                att.Matrix("gate.weight", c, c).Of(buffers.Mixed[4], buffers.Gate, Epilogue.Silu),
            ],
            [att.Turned("time_decay_w1", decayRank, c).Of(buffers.Mixed[0], decay, Epilogue.Tanh)]);
        var norm = att["ln_x"].Norm(c, 64e-5f);
        _heads = new Heads6
        {
            DecayRank = att.Thin("time_decay_w2", c, decayRank).Of(decay),
            Decay = att.Vector("time_decay", c), Bonus = att.Vector("time_faaaa", c), NormWeight = norm.Weight, NormBias = norm.Bias, Epsilon = norm.Epsilon,
            R = buffers.R.Pointer, K = buffers.K.Pointer, V = buffers.V.Pointer, Gate = buffers.Gate.Pointer, Y = buffers.Y.Pointer,
            State = step.StateRow(layer, 1), SlotStride = step.SlotStride, Size = step.Config.HeadSize, Stride = buffers.R.Stride,
        };
        _output = new ProductGroup(step, [att.Matrix("output.weight", c, c).Of(buffers.Y, buffers.X, Epilogue.Add)]);
    }

    /// <inheritdoc/>
    public void Forward(int positions)
    {
        var slots = _step.Slots(positions);
        _step.Kernels.NormMix(_norm with { Slots = slots }, positions);
        _thin.Forward(positions);          // tanh((x + dx mix_x) w1), five parts
        _step.Kernels.Mix6(_mix, positions);
        _projections.Forward(positions);   // r = R xr, k = K xk, v = V xv, g = silu(G xg); tanh(xw w1)
        _step.Kernels.Heads6(_heads with { Slots = slots }, _step.Config.HeadCount, positions);
        _output.Forward(positions);        // x = x + O y
    }
}
