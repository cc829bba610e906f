using RwkvSk.Engine.Kernels.Torch.Spans;
using static TorchSharp.torch;

namespace RwkvSk.Engine.Models;

/// <summary>
/// RWKV-5's time mix (Eagle, arXiv 2404.05892): RWKV-6's recurrence with a decay that does not change over time and plain mixes. 5.2 has a decay and a
/// bonus per channel; 5.1 one of each per head, the bonus stored as its logarithm.
/// </summary>
internal sealed class Rwkv5TimeMix : IMixer
{
    private readonly int _heads, _size;
    private readonly Tensor _mixK, _mixV, _mixR, _mixG, _receptance, _key, _value, _gate, _output, _logDecay, _bonus;
    private readonly HeadNorm _norm;

    public Rwkv5TimeMix(WeightScope att, RwkvConfig config)
    {
        long c = config.Width;
        (_heads, _size) = (config.HeadCount, config.HeadSize);
        (_mixK, _mixV) = (TensorMath.Complement(att.Vector("time_mix_k", c)), TensorMath.Complement(att.Vector("time_mix_v", c)));
        (_mixR, _mixG) = (TensorMath.Complement(att.Vector("time_mix_r", c)), TensorMath.Complement(att.Vector("time_mix_g", c)));
        (_receptance, _key, _value) = (att.Matrix("receptance.weight", c, c), att.Matrix("key.weight", c, c), att.Matrix("value.weight", c, c));
        (_gate, _output) = (att.Matrix("gate.weight", c, c), att.Matrix("output.weight", c, c));
        _norm = new HeadNorm(att["ln_x"], config);

        var isPerChannel = att.Has("time_faaaa");
        var decay = isPerChannel ? att.Vector("time_decay", _heads, _size) : att.Vector("time_decay", _heads, 1);
        _logDecay = TensorMath.Scoped(() => decay.exp().neg().expand(_heads, _size));
        if (isPerChannel)
        {
            _bonus = att.Vector("time_faaaa", _heads, _size);
        }
        else
        {
            var first = att.Vector("time_first", _heads, 1);
            _bonus = TensorMath.Scoped(() => first.exp().expand(_heads, _size));
        }
    }

    public Tensor Forward(Tensor x, LayerState state, StepContext step)
    {
        var (batch, length) = (x.shape[0], x.shape[1]);
        var dx = TokenShift.Difference(x, state.TimeShift);                                             // [B,T,C]  x(t-1) - x(t)
        state.TimeShift = TokenShift.Last(x);

        var r = Heads(TensorMath.Linear(x.PlusProduct(dx, _mixR), _receptance));                        // [B,T,H,N]
        var k = Heads(TensorMath.Linear(x.PlusProduct(dx, _mixK), _key));
        var v = Heads(TensorMath.Linear(x.PlusProduct(dx, _mixV), _value));
        var g = nn.functional.silu(TensorMath.Linear(x.PlusProduct(dx, _mixG), _gate));                 // [B,T,C]

        var logDecay = _logDecay.expand(batch, length, _heads, _size);
        (var y, state.Wkv) = step.UsesSpanPasses && _size == Wkv6Span.Size
            ? Wkv6Span.Forward(r, logDecay, k, v, _bonus, state.Wkv)
            : step.Wkv6(r, logDecay, k, v, _bonus, state.Wkv);
        return TensorMath.Linear(_norm.Apply(y).mul(g), _output);

        Tensor Heads(Tensor t) => t.view(batch, length, _heads, _size);
    }
}
