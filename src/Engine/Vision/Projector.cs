using RwkvSk.Engine.Models;
using static TorchSharp.torch;

namespace RwkvSk.Engine.Vision;

/// <summary>VisualRWKV v7's context-gated projector: y = LN(W_o (x sigmoid(W_g x))). [.., D] -> [.., C]</summary>
internal sealed class ContextGatedProjector(WeightScope proj, long featureWidth, long width)
{
    private readonly Tensor _gate = proj.Matrix("gate.weight", featureWidth, featureWidth), _output = proj.Matrix("o_proj.weight", width, featureWidth);
    private readonly LayerNorm _norm = new(proj["ln_v"], width);

    public Tensor Forward(Tensor x) => _norm.Apply(TensorMath.Linear(x.mul(TensorMath.Linear(x, _gate).sigmoid()), _output));
}
