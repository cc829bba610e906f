using TorchSharp;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace RwkvSk.Engine.Models;

/// <summary>
/// Tensor arithmetic without hidden Scalars. An operator with a number (and even <c>a + b</c>, which is <c>add(a, b, alpha: 1)</c>) makes a Scalar
/// that a concurrent garbage collection may free while the native call still reads it; these use ones that live for ever.
/// </summary>
internal static class TensorMath
{
    /// <summary>1.</summary>
    public static readonly Scalar One = 1f;

    /// <summary>-1.</summary>
    public static readonly Scalar MinusOne = -1f;

    /// <summary>-e^(-1/2): the scale of RWKV-7's log decay.</summary>
    public static readonly Scalar MinusInverseRootE = -0.6065306597126334f;

    /// <summary>1 - a: the other convention for a mix.</summary>
    public static Tensor Complement(Tensor a) => Scoped(() => a.neg().add(One));

    /// <summary>A new tensor, computed in a scope of its own: the temporaries on the way are freed at once, and not by the step's end or the garbage collector.</summary>
    public static Tensor Scoped(Func<Tensor> compute)
    {
        using var temporaries = NewDisposeScope();
        return compute().MoveToOuterDisposeScope();
    }

    /// <summary>a + b.</summary>
    public static Tensor Plus(this Tensor a, Tensor b) => a.add(b, One);

    /// <summary>a - b.</summary>
    public static Tensor Minus(this Tensor a, Tensor b) => a.add(b, MinusOne);

    /// <summary>a + b * c, elementwise.</summary>
    public static Tensor PlusProduct(this Tensor a, Tensor b, Tensor c) => a.addcmul(b, c, One);

    /// <summary>y = x W^T (+ bias) in the weight's number format, back in fp32. x [..., in], W [out, in].</summary>
    public static Tensor Linear(Tensor x, Tensor weight, Tensor? bias = null)
    {
        if (weight.dtype == ScalarType.Float32)
        {
            return functional.linear(x, weight, bias);
        }

        var y = functional.linear(x.to(weight.dtype), weight).to(ScalarType.Float32);
        return bias is null ? y : y.Plus(bias);
    }
}
