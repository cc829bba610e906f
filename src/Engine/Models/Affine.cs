using static TorchSharp.torch;

namespace RwkvSk.Engine.Models;

/// <summary>y = x W^T + b. x [..., in], W [out, in].</summary>
internal sealed class Affine(Tensor weight, Tensor bias)
{
    /// <summary>Takes <c>weight</c> and <c>bias</c>.</summary>
    public Affine(WeightScope scope, long output, long input)
        : this(scope.Matrix("weight", output, input), scope.Vector("bias", output))
    {
    }

    public Tensor Apply(Tensor x) => TensorMath.Linear(x, weight, bias);
}
