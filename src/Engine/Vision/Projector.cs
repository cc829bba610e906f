using RwkvSk.Engine.Models;
using static TorchSharp.torch;

namespace RwkvSk.Engine.Vision;

/// <summary>Patch features to the language model's width. [..., D] -> [..., C]</summary>
internal interface IProjector
{
    Tensor Forward(Tensor x);
}

/// <summary>VisualRWKV v5 and v6.0: y = W x.</summary>
internal sealed class LinearProjector(WeightScope proj, long featureWidth, long width) : IProjector
{
    private readonly Tensor _weight = proj.Matrix("weight", width, featureWidth);

    public Tensor Forward(Tensor x) => TensorMath.Linear(x, _weight);
}

/// <summary>VisualRWKV-HD, and UHD where its gate was trained: p = W_p x, y = W_o (p sigmoid(W_g p)).</summary>
internal sealed class GatedProjector(WeightScope proj, long featureWidth, long width) : IProjector
{
    private readonly Tensor _in = proj.Matrix("proj.weight", width, featureWidth), _gate = proj.Matrix("gate.weight", width, width), _out = proj.Matrix("o_proj.weight", width, width);

    public Tensor Forward(Tensor x)
    {
        var p = TensorMath.Linear(x, _in);
        return TensorMath.Linear(p.mul(TensorMath.Linear(p, _gate).sigmoid()), _out);
    }
}

/// <summary>VisualRWKV-UHD: y = W_o relu(W_p x). Its file has a gate as well, which it does not read.</summary>
internal sealed class ReluProjector(WeightScope proj, long featureWidth, long width) : IProjector
{
    private readonly Tensor _in = proj.Matrix("proj.weight", width, featureWidth), _out = proj.Matrix("o_proj.weight", width, width);

    public Tensor Forward(Tensor x) => TensorMath.Linear(TensorMath.Linear(x, _in).relu(), _out);
}

/// <summary>VisualRWKV v7: y = LN(W_o (x sigmoid(W_g x))).</summary>
internal sealed class ContextGatedProjector(WeightScope proj, long featureWidth, long width) : IProjector
{
    private readonly Tensor _gate = proj.Matrix("gate.weight", featureWidth, featureWidth), _output = proj.Matrix("o_proj.weight", width, featureWidth);
    private readonly LayerNorm _norm = new(proj["ln_v"], width);

    public Tensor Forward(Tensor x) => _norm.Apply(TensorMath.Linear(x.mul(TensorMath.Linear(x, _gate).sigmoid()), _output));
}
