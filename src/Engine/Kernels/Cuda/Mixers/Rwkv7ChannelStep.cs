using RwkvSk.Engine.Kernels.Cpu;
using RwkvSk.Engine.Kernels.Cuda.Parameters;
using RwkvSk.Engine.Kernels.Cuda.Weights;

namespace RwkvSk.Engine.Kernels.Cuda.Mixers;

/// <summary>RWKV-7's channel mix in three launches: V relu(K (x + dx x_k))^2.</summary>
internal sealed class Rwkv7ChannelStep : ICudaMixer
{
    private readonly CudaStep _step;
    private readonly NormMix _norm;
    private readonly Products _key;
    private readonly SparseProduct _value;

    public Rwkv7ChannelStep(CudaWeights block, int layer, CudaStep step)
    {
        _step = step;
        var (ffn, c, f, buffers) = (block["ffn"], step.Config.Width, step.Config.FfnWidth, step.Buffers);
        _norm = step.Norm(block["ln2"].Norm(c, 1e-5f), step.StateRow(layer, step.Config.StateRows - 1), (ffn.Vector("x_k", c), buffers.Mixed[0]));
        _key = CudaStep.Together(ffn.Matrix("key.weight", f, c).Of(buffers.Mixed[0], buffers.Hidden, Epilogue.ReluSquared));
        _value = ffn.Sparse("value.weight", c, f).Of(buffers);
    }

    /// <inheritdoc/>
    public void Forward(int positions)
    {
        _step.Kernels.NormMix(_norm with { Slots = _step.Slots(positions) }, positions);
        _step.Kernels.Products(_key, positions);   // k = relu(K xk)^2
        _step.Kernels.Sparse(_value, positions);   // x = x + V k
    }
}
