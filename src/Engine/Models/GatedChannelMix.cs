using TorchSharp;
using static TorchSharp.torch;

namespace RwkvSk.Engine.Models;

/// <summary>The channel mix of RWKV-4, 5 and 6: sigmoid(R xr) V relu(K xk)^2.</summary>
internal sealed class GatedChannelMix : IMixer
{
    // fp16 ends at 65504, which relu^2 may pass: it is kept 256 times smaller on its way through the value matrix.
    private static readonly Scalar Down = 1f / 16, Up = 256f;

    private readonly Tensor _mixK, _mixR, _key, _receptance, _value;

    public GatedChannelMix(WeightScope ffn, RwkvConfig config)
    {
        long c = config.Width, f = config.FfnWidth;

        // RWKV-6 stores what x(t-1) contributes, RWKV-4 and 5 what x(t) does.
        (_mixK, _mixR) = ffn.Has("time_maa_k")
            ? (ffn.Vector("time_maa_k", c), ffn.Vector("time_maa_r", c))
            : (TensorMath.Complement(ffn.Vector("time_mix_k", c)), TensorMath.Complement(ffn.Vector("time_mix_r", c)));
        (_key, _receptance, _value) = (ffn.Matrix("key.weight", f, c), ffn.Matrix("receptance.weight", c, c), ffn.Matrix("value.weight", c, f));
    }

    public Tensor Forward(Tensor x, LayerState state, StepContext step)
    {
        var dx = TokenShift.Difference(x, state.ChannelShift);                               // [B,T,C]  x(t-1) - x(t)
        state.ChannelShift = TokenShift.Last(x);
        var r = TensorMath.Linear(x.PlusProduct(dx, _mixR), _receptance).sigmoid();          // [B,T,C]
        var k = TensorMath.Linear(x.PlusProduct(dx, _mixK), _key).relu();                    // [B,T,F]
        return _value.dtype == ScalarType.Float16
            ? r.mul(TensorMath.Linear(k.mul(Down).square(), _value)).mul(Up)
            : r.mul(TensorMath.Linear(k.square(), _value));
    }
}
