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

/// <summary>
/// Group norm with one group per head, over the N values of each: what follows every WKV from RWKV-5 on. eps is 64e-5, the training code's 1e-5 for
/// values divided by 8.
/// </summary>
internal sealed class HeadNorm(WeightScope norm, RwkvConfig config)
{
    private const double Epsilon = 64e-5;
    private readonly long[] _shape = [config.HeadSize];

    /// <summary>[C]</summary>
    public Tensor Weight { get; } = norm.Vector("weight", config.Width);

    /// <summary>[C]</summary>
    public Tensor Bias { get; } = norm.Vector("bias", config.Width);

    /// <summary>[B,T,H,N] -> [B,T,C]</summary>
    public Tensor Apply(Tensor y)
    {
        y = functional.layer_norm(y, _shape, eps: Epsilon).view(y.shape[0], y.shape[1], Bias.shape[0]);
        return Bias.PlusProduct(y, Weight);
    }
}
