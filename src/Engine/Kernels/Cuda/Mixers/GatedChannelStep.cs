using RwkvSk.Engine.Kernels.Cpu;
using RwkvSk.Engine.Kernels.Cuda.Parameters;
using RwkvSk.Engine.Kernels.Cuda.Weights;

namespace RwkvSk.Engine.Kernels.Cuda.Mixers;

/// <summary>RWKV-6's channel mix in three launches: sigmoid(R xr) V relu(K xk)^2.</summary>
internal sealed class GatedChannelStep : ICudaMixer
{
    private readonly CudaStep _step;
    private readonly NormMix _norm;
    private readonly ProductGroup _inner;
    private readonly ValueProduct _value;

    public GatedChannelStep(CudaWeights block, int layer, CudaStep step)
    {
        _step = step;
        var (ffn, c, f, buffers) = (block["ffn"], step.Config.Width, step.Config.FfnWidth, step.Buffers);
        var (k, r) = (buffers.Mixed[0], buffers.Mixed[1]);
        _norm = step.Norm(block["ln2"].Norm(c, 1e-5f), step.StateRow(layer, step.Config.StateRows - 1), (ffn.Vector("time_maa_k", c), k), (ffn.Vector("time_maa_r", c), r));
        DenseProduct[] inner =
        [
            ffn.Matrix("key.weight", f, c).Of(k, buffers.Hidden, Epilogue.ReluSquared),
            ffn.Matrix("receptance.weight", c, c).Of(r, buffers.R, Epilogue.Sigmoid),
        ];
        _value = new ValueProduct(step, ffn.Sparse("value.weight", c, f), buffers.R.Pointer);
        _inner = new ProductGroup(step, inner, keysAs: _value.KeysAs);
    }

    /// <inheritdoc/>
    public void Forward(int positions)
    {
        _step.Kernels.NormMix(_norm with { Slots = _step.Slots(positions) }, positions);
        _inner.Forward(positions);   // k = relu(K xk)^2, r = sigmoid(R xr)
        _value.Forward(positions);   // x = x + r V k
    }
}
