using RwkvSk.Engine.Kernels.Cuda.Parameters;
using RwkvSk.Engine.Models;
using static TorchSharp.torch;

namespace RwkvSk.Engine.Kernels.Cuda;

/// <summary>
/// The recurrences of RWKV-6 and 7 over a prompt's positions, between libtorch's matrix products and on its tensors: one launch where the chunked matrix form takes several per
/// sixteen positions. They go onto the default stream, which is libtorch's: so they come after what made their inputs and before what reads their results, and memory that
/// libtorch gives to others afterwards is given behind them.
/// </summary>
/// <param name="kernels">The kernels on libtorch's GPU.</param>
internal sealed class CudaRecurrences(CudaKernels kernels)
{
    /// <summary>What a step of libtorch's computes with these.</summary>
    public StepContext NewStep() => new() { Wkv7 = Wkv7, Wkv6 = Wkv6 };

    /// <summary>RWKV-7's, as <see cref="Kernels.Torch.Wkv7.Forward"/> defines it. All but the state [B,T,H,N], fp32.</summary>
    public (Tensor Y, Tensor State) Wkv7(Tensor r, Tensor logDecay, Tensor k, Tensor v, Tensor a, Tensor b, Tensor state)
    {
        var (last, y) = (Owned(state), empty_like(v.contiguous()));
        using var held = new Held(v.shape[0], r, logDecay, k, v, a, b);
        kernels.Span7(held.Parameters(y, last), (int)v.shape[0]);
        return (y, last);
    }

    /// <summary>RWKV-6's, as <see cref="Kernels.Torch.Wkv6.Forward"/> defines it. bonus [H,N].</summary>
    public (Tensor Y, Tensor State) Wkv6(Tensor r, Tensor logDecay, Tensor k, Tensor v, Tensor bonus, Tensor state)
    {
        var (last, y) = (Owned(state), empty_like(v.contiguous()));
        using var held = new Held(v.shape[0], r, logDecay, k, v, bonus, null);
        kernels.Span6(held.Parameters(y, last), (int)v.shape[0]);
        return (y, last);
    }

    // The kernel advances it in place. [B,H,N,N]
    private static Tensor Owned(Tensor state) => state.contiguous().clone();

    // The inputs without gaps, and rows 0 to B - 1 as the states' slots, alive until the launch is on the stream.
    private sealed class Held(long batch, Tensor r, Tensor logDecay, Tensor k, Tensor v, Tensor a, Tensor? b) : IDisposable
    {
        private readonly Tensor[] _inputs = [r.contiguous(), logDecay.contiguous(), k.contiguous(), v.contiguous(), a.contiguous(), (b ?? a).contiguous()];
        private readonly Tensor _slots = arange(batch, dtype: ScalarType.Int32, device: v.device);

        public SpanOfPositions Parameters(Tensor y, Tensor state) => new()
        {
            R = Address(0), LogDecay = Address(1), K = Address(2), V = Address(3), A = Address(4), B = Address(5),
            Y = LibTorchLoader.AddressOf(y), State = LibTorchLoader.AddressOf(state), Slots = LibTorchLoader.AddressOf(_slots), SlotStride = state.NumberOfElements / state.shape[0],
            Positions = (int)y.shape[1], Heads = (int)y.shape[2], Size = (int)y.shape[3],
        };

        public void Dispose()
        {
            foreach (var input in _inputs)
            {
                input.Dispose();
            }

            _slots.Dispose();
        }

        private nint Address(int input) => LibTorchLoader.AddressOf(_inputs[input]);
    }
}
