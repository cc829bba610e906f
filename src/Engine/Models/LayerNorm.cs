using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace RwkvSk.Engine.Models;

/// <summary>(x - mean) / sqrt(variance + eps) * weight + bias over the last dimension, in fp32.</summary>
internal sealed class LayerNorm(Tensor weight, Tensor bias, double epsilon = 1e-5)
{
    private readonly long[] _shape = [weight.shape[0]];

    public LayerNorm(WeightScope scope, long width, double epsilon = 1e-5)
        : this(scope.Vector("weight", width), scope.Vector("bias", width), epsilon)
    {
    }

    public Tensor Apply(Tensor x) => functional.layer_norm(x, _shape, weight, bias, epsilon);
}
