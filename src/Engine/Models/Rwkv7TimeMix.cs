using RwkvSk.Engine.Kernels.Torch.Spans;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace RwkvSk.Engine.Models;

/// <summary>
/// RWKV-7's time mix (Goose, arXiv 2503.14456): a state that forgets by a decay per channel, removes what a key points at, and adds what is new.
/// S &lt;- S diag(w) - (S kk)(kk a)^T + v k^T, y = S r.
/// </summary>
internal sealed class Rwkv7TimeMix : IMixer
{
    private readonly int _heads, _size;
    private readonly bool _isFirst;
    private readonly Tensor _mixR, _mixW, _mixK, _mixV, _mixA, _mixG;
    private readonly Tensor _receptance, _key, _value, _output;
    private readonly Tensor _decay, _rate, _removalKey, _keyRate, _bonus;
    private readonly Tensor? _residual;
    private readonly LowRank _decayRank, _rateRank, _gateRank;
    private readonly LowRank? _residualRank;
    private readonly HeadNorm _norm;
    private readonly Rwkv7Channels _channels;

    public Rwkv7TimeMix(WeightScope att, RwkvConfig config, int layer)
    {
        long c = config.Width;
        (_heads, _size, _isFirst) = (config.HeadCount, config.HeadSize, layer == 0);
        (_mixR, _mixW, _mixK) = (att.Vector("x_r", c), att.Vector("x_w", c), att.Vector("x_k", c));
        (_mixV, _mixA, _mixG) = (att.Vector("x_v", c), att.Vector("x_a", c), att.Vector("x_g", c));
        (_receptance, _key) = (att.Matrix("receptance.weight", c, c), att.Matrix("key.weight", c, c));
        (_value, _output) = (att.Matrix("value.weight", c, c), att.Matrix("output.weight", c, c));
        (_decay, _decayRank) = (att.Vector("w0", c), LowRank.Take(att, "w", c));
        (_rate, _rateRank) = (att.Vector("a0", c), LowRank.Take(att, "a", c));
        _gateRank = LowRank.Take(att, "g", c);
        if (!_isFirst)   // layer 0 has nothing to take from; some files still carry unused tensors there
        {
            (_residual, _residualRank) = (att.Vector("v0", c), LowRank.Take(att, "v", c));
        }

        (_removalKey, _keyRate) = (att.Vector("k_k", c), att.Vector("k_a", c));
        _bonus = att.Vector("r_k", _heads, _size);
        _norm = new HeadNorm(att["ln_x"], config);
        _channels = new Rwkv7Channels(_decay, _rate, _residual, _removalKey, _keyRate, _bonus, _norm.Weight, _norm.Bias);
    }

    public Tensor Forward(Tensor x, LayerState state, StepContext step) =>
        step.UsesSpanPasses && _size == Rwkv7Heads.Size && SpanPasses.Know(_key.dtype) ? ForwardInPasses(x, state, step) : ForwardByFormula(x, state, step);

    private Tensor ForwardByFormula(Tensor x, LayerState state, StepContext step)
    {
        var (batch, length, width) = (x.shape[0], x.shape[1], x.shape[2]);
        var dx = TokenShift.Difference(x, state.TimeShift);                                             // [B,T,C]  x(t-1) - x(t)
        state.TimeShift = TokenShift.Last(x);

        var r = TensorMath.Linear(x.PlusProduct(dx, _mixR), _receptance);                               // [B,T,C]
        var k = TensorMath.Linear(x.PlusProduct(dx, _mixK), _key);
        var xv = x.PlusProduct(dx, _mixV);
        var v = TensorMath.Linear(xv, _value);
        var logDecay = _decayRank.Forward(x.PlusProduct(dx, _mixW), tanh).Plus(_decay).sigmoid().mul(TensorMath.MinusInverseRootE);
        var a = _rateRank.Forward(x.PlusProduct(dx, _mixA)).Plus(_rate).sigmoid();
        var g = _gateRank.Forward(x.PlusProduct(dx, _mixG), sigmoid);

        if (_isFirst)
        {
            step.FirstValue = v;
        }
        else
        {
            v = v.PlusProduct(step.FirstValue!.Minus(v), _residualRank!.Forward(xv).Plus(_residual!).sigmoid());
        }

        var kk = functional.normalize(Heads(k.mul(_removalKey)), 2, -1, 1e-12);                         // [B,T,H,N], unit length per head
        k = k.PlusProduct(k.mul(a).Minus(k), _keyRate);                                                 // k (1 + (a - 1) k_a)
        var (rh, kh, vh) = (Heads(r), Heads(k), Heads(v));

        var (y, wkv) = step.Wkv7(rh, Heads(logDecay), kh, vh, kk.neg(), kk.mul(Heads(a)), state.Wkv);
        state.Wkv = wkv;

        var bonus = rh.mul(kh).mul(_bonus).sum(-1, true).mul(vh);                                       // [B,T,H,N]
        y = _norm.Apply(y).Plus(bonus.view(batch, length, width));
        return TensorMath.Linear(y.mul(g), _output);

        Tensor Heads(Tensor t) => t.view(batch, length, _heads, _size);
    }

    // The same with two passes, one before the projections and one behind them. The result is as the output matrix gives it.
    private Tensor ForwardInPasses(Tensor x, LayerState state, StepContext step)
    {
        var mixes = stack([_mixR, _mixW, _mixK, _mixV, _mixA, _mixG], 0);                               // [6,C]
        var mixed = SpanPasses.Mixes(x, state.TimeShift, mixes, _key.dtype);                            // [6,B,T,C]
        state.TimeShift = TokenShift.Last(x);
        var (xw, xv) = (mixed.select(0, 1), mixed.select(0, 3));
        var v = functional.linear(xv, _value);
        var activations = new Rwkv7Activations(
            functional.linear(mixed.select(0, 0), _receptance), functional.linear(mixed.select(0, 2), _key), v,
            _decayRank.ForwardNarrow(xw, tanh), _rateRank.ForwardNarrow(mixed.select(0, 4)), _gateRank.ForwardNarrow(mixed.select(0, 5), sigmoid))
        {
            FirstValue = _isFirst ? null : (step.FirstValue!, _residualRank!.ForwardNarrow(xv)),
        };
        step.FirstValue = _isFirst ? v : step.FirstValue;
        state.Wkv = state.Wkv.contiguous().clone();
        return functional.linear(Rwkv7Heads.Forward(activations, _channels, state.Wkv), _output);
    }
}

/// <summary>RWKV-7's channel mix: V relu(K (x + dx x_k))^2.</summary>
internal sealed class Rwkv7ChannelMix(WeightScope ffn, RwkvConfig config) : IMixer
{
    private readonly Tensor _mixK = ffn.Vector("x_k", config.Width);
    private readonly Tensor _key = ffn.Matrix("key.weight", config.FfnWidth, config.Width), _value = ffn.Matrix("value.weight", config.Width, config.FfnWidth);

    public Tensor Forward(Tensor x, LayerState state, StepContext step)
    {
        if (step.UsesSpanPasses && SpanPasses.Know(_key.dtype) && x.shape[2] % SpanPasses.Lanes == 0 && _key.shape[0] % SpanPasses.Lanes == 0)
        {
            var mixed = SpanPasses.Mixes(x, state.ChannelShift, _mixK.view(1, -1), _key.dtype).select(0, 0);
            state.ChannelShift = TokenShift.Last(x);
            return functional.linear(SpanPasses.ReluSquared(functional.linear(mixed, _key)), _value);
        }

        var dx = TokenShift.Difference(x, state.ChannelShift);          // [B,T,C]
        state.ChannelShift = TokenShift.Last(x);
        var k = TensorMath.Linear(x.PlusProduct(dx, _mixK), _key).relu().square();   // [B,T,F]
        return TensorMath.Linear(k, _value);
    }
}
