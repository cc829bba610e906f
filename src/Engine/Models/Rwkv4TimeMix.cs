using RwkvSk.Engine.Kernels.Torch;
using RwkvSk.Engine.Kernels.Torch.Spans;
using static TorchSharp.torch;

namespace RwkvSk.Engine.Models;

/// <summary>
/// RWKV-4's time mix (Dove, arXiv 2305.13048): every channel keeps a weighted mean of its values, weighted by exp(key), fading with age.
/// out = W_o (sigmoid(r) wkv).
/// </summary>
internal sealed class Rwkv4TimeMix : IMixer
{
    private readonly Tensor _mixK, _mixV, _mixR, _receptance, _key, _value, _output, _logDecay, _bonus;

    public Rwkv4TimeMix(WeightScope att, RwkvConfig config)
    {
        long c = config.Width;
        (_mixK, _mixV, _mixR) = (Mix("k"), Mix("v"), Mix("r"));
        (_receptance, _key) = (att.Matrix("receptance.weight", c, c), att.Matrix("key.weight", c, c));
        (_value, _output) = (att.Matrix("value.weight", c, c), att.Matrix("output.weight", c, c));
        var decay = att.Vector("time_decay", c);
        _logDecay = TensorMath.Scoped(() => decay.exp().neg());
        _bonus = att.Vector("time_first", c);

        Tensor Mix(string of) => TensorMath.Complement(att.Vector("time_mix_" + of, c));
    }

    public Tensor Forward(Tensor x, LayerState state, StepContext step)
    {
        var dx = TokenShift.Difference(x, state.TimeShift);                              // [B,T,C]  x(t-1) - x(t)
        state.TimeShift = TokenShift.Last(x);
        var r = TensorMath.Linear(x.PlusProduct(dx, _mixR), _receptance).sigmoid();      // [B,T,C]
        var k = TensorMath.Linear(x.PlusProduct(dx, _mixK), _key);
        var v = TensorMath.Linear(x.PlusProduct(dx, _mixV), _value);
        (var y, state.Wkv) = step.UsesSpanPasses && x.shape[2] % SpanPasses.Lanes == 0
            ? Wkv4Span.Forward(k, v, _logDecay, _bonus, state.Wkv)
            : Wkv4.Forward(k, v, _logDecay, _bonus, state.Wkv);
        return TensorMath.Linear(r.mul(y), _output);
    }
}
