using RwkvSk.Engine.Kernels.Torch;
using static TorchSharp.torch;

namespace RwkvSk.Engine.Models;

/// <summary>What one layer remembers of B sequences. Mixers replace the tensors; they never write into them.</summary>
internal sealed class LayerState(Tensor timeShift, Tensor wkv, Tensor channelShift)
{
    /// <summary>The time mix's last input, after ln1. [B,C]</summary>
    public Tensor TimeShift { get; set; } = timeShift;

    /// <summary>RWKV-7: [B,H,N,N], row = value channel, column = key channel.</summary>
    public Tensor Wkv { get; set; } = wkv;

    /// <summary>The channel mix's last input, after ln2. [B,C]</summary>
    public Tensor ChannelShift { get; set; } = channelShift;
}

/// <summary>RWKV-7's recurrence over a span, as <see cref="Wkv7.Forward"/> defines it; training may put a faster differentiable one in its place.</summary>
internal delegate (Tensor Y, Tensor State) Wkv7Kernel(Tensor r, Tensor logDecay, Tensor k, Tensor v, Tensor a, Tensor b, Tensor state);

/// <summary>What layers of one step hand on to each other. Not part of the state.</summary>
internal sealed class StepContext
{
    /// <summary>The recurrence.</summary>
    public Wkv7Kernel Wkv7 { get; init; } = Kernels.Torch.Wkv7.Forward;

    /// <summary>RWKV-7: the value projection of layer 0. [B,T,C]</summary>
    public Tensor? FirstValue { get; set; }
}
