using RwkvSk.Engine.Kernels.Cpu;
using RwkvSk.Engine.Kernels.Cuda.Parameters;
using RwkvSk.Engine.Kernels.Cuda.Weights;

namespace RwkvSk.Engine.Kernels.Cuda.Mixers;

/// <summary>RWKV-7's channel mix in three launches: V relu(K (x + dx x_k))^2.</summary>
internal sealed class Rwkv7ChannelStep : ICudaMixer
{
    private readonly CudaStep _step;
    private readonly NormMix _norm;
    private readonly ProductGroup _key;
    private readonly ValueProduct _value;

    public Rwkv7ChannelStep(CudaWeights block, int layer, CudaStep step)
    {
        _step = step;
        var (ffn, c, f, buffers) = (block["ffn"], step.Config.Width, step.Config.FfnWidth, step.Buffers);
        _norm = step.Norm(block["ln2"].Norm(c, 1e-5f), step.StateRow(layer, step.Config.StateRows - 1), (ffn.Vector("x_k", c), buffers.Mixed[0]));
        var key = ffn.Matrix("key.weight", f, c).Of(buffers.Mixed[0], buffers.Hidden, Epilogue.ReluSquared);
        _value = new ValueProduct(step, ffn.Sparse("value.weight", c, f));
        _key = new ProductGroup(step, [key], keysAs: _value.KeysAs);
    }

    /// <inheritdoc/>
    public void Forward(int positions)
    {
        _step.Kernels.NormMix(_norm with { Slots = _step.Slots(positions) }, positions);
        _key.Forward(positions);     // k = relu(K xk)^2
        _value.Forward(positions);   // x = x + V k
    }
}
