using RwkvSk.Engine.Kernels.Torch.Spans;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace RwkvSk.Engine.Models;

/// <summary>A time mix or a channel mix: [B,T,C] in, [B,T,C] out, the state advanced by T positions.</summary>
internal interface IMixer
{
    Tensor Forward(Tensor x, LayerState state, StepContext step);
}

/// <summary>x + TimeMix(ln1(x)), then x + ChannelMix(ln2(x)).</summary>
internal sealed class Block(LayerNorm ln1, IMixer time, LayerNorm ln2, IMixer channel)
{
    public Tensor Forward(Tensor x, LayerState state, StepContext step)
    {
        x = Sum(x, time.Forward(ln1.Apply(x), state, step));
        return Sum(x, channel.Forward(ln2.Apply(x), state, step));
    }

    // With span passes, a mixer gives its last product as it comes.
    private static Tensor Sum(Tensor x, Tensor y) => y.dtype == ScalarType.BFloat16 ? SpanPasses.Sum(x, y) : x.Plus(y);
}

/// <summary>x(t-1): every row moved one position later, the carried vector in front.</summary>
internal static class TokenShift
{
    /// <param name="x">[B,T,C]</param>
    /// <param name="carried">x of the position before the first. [B,C]</param>
    /// <returns>x(t-1) - x(t), [B,T,C]</returns>
    public static Tensor Difference(Tensor x, Tensor carried)
    {
        var before = carried.unsqueeze(1);
        var length = x.shape[1];
        var previous = length == 1 ? before : cat([before, x.narrow(1, 0, length - 1)], 1);
        return previous.Minus(x);
    }

    /// <summary>The last position, to be carried: a copy where there are several, for a view would keep them all. [B,C]</summary>
    public static Tensor Last(Tensor x) => x.shape[1] == 1 ? x.select(1, 0) : x.select(1, x.shape[1] - 1).clone();
}

/// <summary>Two thin matrices in place of a full one: y = f(x A) B. The checkpoint stores A [in,D] and B [D,out].</summary>
internal sealed class LowRank(Tensor a, Tensor b)
{
    private readonly Tensor _a = a.t(), _b = b.t();   // as linear wants them: [D,in], [out,D]

    public static LowRank Take(WeightScope scope, string name, long width)
    {
        var rank = scope.ShapeOf(name + "1")[^1];
        return new LowRank(scope.Matrix(name + "1", width, rank), scope.Matrix(name + "2", rank, width));
    }

    public Tensor Forward(Tensor x, Func<Tensor, Tensor>? activation = null)
    {
        var thin = TensorMath.Linear(x, _a);
        return TensorMath.Linear(activation is null ? thin : activation(thin), _b);
    }

    /// <summary>The same from x in the matrices' format, in that format.</summary>
    public Tensor ForwardNarrow(Tensor x, Func<Tensor, Tensor>? activation = null)
    {
        var thin = functional.linear(x, _a);
        return functional.linear(activation is null ? thin : activation(thin), _b);
    }
}
