using RwkvSk.Engine.Kernels.Torch;
using RwkvSk.Engine.Kernels.Torch.Spans;
using static TorchSharp.torch;

namespace RwkvSk.Engine.Models;

/// <summary>What one layer remembers of B sequences. Mixers replace the tensors; they never write into them.</summary>
internal sealed class LayerState(Tensor timeShift, Tensor wkv, Tensor channelShift)
{
    /// <summary>The time mix's last input, after ln1. [B,C]</summary>
    public Tensor TimeShift { get; set; } = timeShift;

    /// <summary>
    /// The recurrence's state. RWKV-7: [B,H,N,N], row = value channel, column = key channel. RWKV-5 and 6: [B,H,N,N] the other way round, row = key
    /// channel. RWKV-4: [B,3,C], numerator, denominator and the largest exponent both are scaled by.
    /// </summary>
    public Tensor Wkv { get; set; } = wkv;

    /// <summary>The channel mix's last input, after ln2. [B,C]</summary>
    public Tensor ChannelShift { get; set; } = channelShift;

    /// <summary>Views of a state's rows as <see cref="States.StateLayout"/> orders them. [B,R,C]</summary>
    public static LayerState Of(Tensor rows, RwkvConfig config)
    {
        var wkvRows = config.StateRows - 2;
        return new LayerState(rows.select(1, 0), rows.narrow(1, 1, wkvRows).reshape([rows.shape[0], .. config.WkvShape]), rows.select(1, wkvRows + 1));
    }

    /// <summary>Lets the tensors outlive a scope. Those that are not in it stay where they are.</summary>
    public void MoveToOuter(TorchSharp.DisposeScope scope) => scope.MoveToOuter(TimeShift, Wkv, ChannelShift);

    /// <summary>The rows again. [B,R,C]</summary>
    public Tensor Rows() => cat([TimeShift.unsqueeze(1), Wkv.reshape(TimeShift.shape[0], -1, TimeShift.shape[1]), ChannelShift.unsqueeze(1)], 1);
}

/// <summary>The state of a sequence that has read nothing. [L,R,C]</summary>
internal static class InitialState
{
    // RWKV-4's largest exponent so far, before there is one; exp of it is 0 beside any other.
    private const float NoExponent = -1e30f;

    /// <summary>
    /// Zeros (RWKV-4: with its smallest exponent), or the tuned state the checkpoint brings as <c>att.time_state</c>: [H, value, key] in every version, so the
    /// versions whose rows are keys turn it.
    /// </summary>
    public static Tensor Read(WeightScope rwkv, RwkvConfig config, TorchSharp.torch.Device device) => TensorMath.Scoped(() =>
        stack(Enumerable.Range(0, config.LayerCount).Select(i => Layer(rwkv["blocks"][i]["att"], config, device)), 0));

    private static Tensor Layer(WeightScope att, RwkvConfig config, TorchSharp.torch.Device device)
    {
        var shift = Rows(1, 0);
        if (config.HeadCount == 0)
        {
            return cat([shift, Rows(2, 0), Rows(1, NoExponent), shift], 0);
        }

        if (!att.Has("time_state"))
        {
            return Rows(config.StateRows, 0);
        }

        var tuned = att.Vector("time_state", config.HeadCount, config.HeadSize, config.HeadSize);
        tuned = config.HasKeyRows ? tuned.transpose(1, 2) : tuned;
        return cat([shift, tuned.reshape(config.HeadSize, config.Width), shift], 0);

        Tensor Rows(long count, float value) => full([count, config.Width], value, dtype: ScalarType.Float32, device: device);
    }
}

/// <summary>RWKV-7's recurrence over a span, as <see cref="Wkv7.Forward"/> defines it; training may put a faster differentiable one in its place.</summary>
internal delegate (Tensor Y, Tensor State) Wkv7Kernel(Tensor r, Tensor logDecay, Tensor k, Tensor v, Tensor a, Tensor b, Tensor state);

/// <summary>RWKV-6's recurrence over a span, as <see cref="Wkv6.Forward"/> defines it.</summary>
internal delegate (Tensor Y, Tensor State) Wkv6Kernel(Tensor r, Tensor logDecay, Tensor k, Tensor v, Tensor bonus, Tensor state);

/// <summary>What layers of one step hand on to each other. Not part of the state.</summary>
internal sealed class StepContext
{
    /// <summary>RWKV-7's recurrence.</summary>
    public Wkv7Kernel Wkv7 { get; init; } = Kernels.Torch.Wkv7.Forward;

    /// <summary>RWKV-6's recurrence, RWKV-5's too.</summary>
    public Wkv6Kernel Wkv6 { get; init; } = Kernels.Torch.Wkv6.Forward;

    /// <summary>Whether mixers that have them use the passes of <see cref="SpanPasses"/>; the one that trains or compares does not.</summary>
    public bool UsesSpanPasses { get; init; }

    /// <summary>RWKV-7: the value projection of layer 0, with span passes in the products' format. [B,T,C]</summary>
    public Tensor? FirstValue { get; set; }
}
