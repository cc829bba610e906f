using RwkvSk.Engine.Kernels.Torch.Spans;
using static TorchSharp.torch;

namespace RwkvSk.Engine.Models;

/// <summary>
/// RWKV-6's time mix (Finch, arXiv 2404.05892), the data-dependent recurrence: what is mixed in from the position before, and how fast each channel of
/// the state decays, depend on the input. y = r (S + diag(u) k v^T), S &lt;- diag(w) S + k v^T.
/// </summary>
internal sealed class Rwkv6TimeMix : IMixer
{
    private const int Mixes = 5;   // w, k, v, r, g: the order in which the checkpoint stacks them
    private readonly int _heads, _size;
    private readonly Tensor _mixX, _mixIn;
    private readonly Tensor[] _mix, _mixOut;
    private readonly Tensor _receptance, _key, _value, _gate, _output;
    private readonly Tensor _decay, _bonus;
    private readonly LowRank _decayRank;
    private readonly HeadNorm _norm;

    public Rwkv6TimeMix(WeightScope att, RwkvConfig config)
    {
        long c = config.Width;
        (_heads, _size) = (config.HeadCount, config.HeadSize);
        var rank = att.ShapeOf("time_maa_w2")[1];
        _mixX = att.Vector("time_maa_x", c);
        _mix = [att.Vector("time_maa_w", c), att.Vector("time_maa_k", c), att.Vector("time_maa_v", c), att.Vector("time_maa_r", c), att.Vector("time_maa_g", c)];
        _mixIn = att.Matrix("time_maa_w1", c, Mixes * rank).t();                                        // [5R,C]
        var mixOut = att.Matrix("time_maa_w2", Mixes, rank, c);
        _mixOut = [.. Enumerable.Range(0, Mixes).Select(i => TensorMath.Scoped(() => mixOut.select(0, i).t()))];   // [C,R] each
        (_receptance, _key, _value) = (att.Matrix("receptance.weight", c, c), att.Matrix("key.weight", c, c), att.Matrix("value.weight", c, c));
        (_gate, _output) = (att.Matrix("gate.weight", c, c), att.Matrix("output.weight", c, c));
        (_decay, _decayRank) = (att.Vector("time_decay", c), LowRank.Take(att, "time_decay_w", c));
        _bonus = att.Vector("time_faaaa", _heads, _size);
        _norm = new HeadNorm(att["ln_x"], config);
    }

    public Tensor Forward(Tensor x, LayerState state, StepContext step)
    {
        var (batch, length) = (x.shape[0], x.shape[1]);
        var dx = TokenShift.Difference(x, state.TimeShift);                                             // [B,T,C]  x(t-1) - x(t)
        state.TimeShift = TokenShift.Last(x);

        var thin = TensorMath.Linear(x.PlusProduct(dx, _mixX), _mixIn).tanh();                          // [B,T,5R]
        var r = Heads(TensorMath.Linear(Mixed(3), _receptance));                                        // [B,T,H,N]
        var k = Heads(TensorMath.Linear(Mixed(1), _key));
        var v = Heads(TensorMath.Linear(Mixed(2), _value));
        var g = nn.functional.silu(TensorMath.Linear(Mixed(4), _gate));                                 // [B,T,C]
        var logDecay = Heads(_decayRank.Forward(Mixed(0), tanh).Plus(_decay).exp().neg());

        (var y, state.Wkv) = step.UsesSpanPasses && _size == Wkv6Span.Size
            ? Wkv6Span.Forward(r, logDecay, k, v, _bonus, state.Wkv)
            : step.Wkv6(r, logDecay, k, v, _bonus, state.Wkv);
        return TensorMath.Linear(_norm.Apply(y).mul(g), _output);

        Tensor Heads(Tensor t) => t.view(batch, length, _heads, _size);

        // x + dx (mix + what the input itself asks for)
        Tensor Mixed(int i)
        {
            var rank = thin.shape[2] / Mixes;
            return x.PlusProduct(dx, TensorMath.Linear(thin.narrow(2, i * rank, rank), _mixOut[i]).Plus(_mix[i]));
        }
    }
}
