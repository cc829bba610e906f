using System.Runtime.InteropServices;
using static TorchSharp.torch;

namespace RwkvSk.Trainer.Training;

/// <summary>
/// RWKV-7's recurrence as an autograd function for training on the CPU: the values of the engine's chunked form, with a gradient that runs the
/// recurrence backwards in registers instead of through some forty tensor operations. Sequences start empty; the last state is not returned.
/// </summary>
internal sealed unsafe class Wkv7Function : autograd.SingleTensorFunction<Wkv7Function>
{
    /// <inheritdoc/>
    public override string Name => nameof(Wkv7Function);

    /// <summary>Fits <see cref="Engine.Models.Wkv7Kernel"/>; all of [B,T,H,64].</summary>
    public static (Tensor Y, Tensor State) Apply(Tensor r, Tensor logDecay, Tensor k, Tensor v, Tensor a, Tensor b, Tensor state) =>
        (apply(r, logDecay.exp(), k, v, a, b), state);

    /// <inheritdoc/>
    public override Tensor forward(autograd.AutogradContext ctx, params object[] vars)
    {
        var inputs = vars.Select(static x => ((Tensor)x).contiguous()).ToList();
        var (batch, length, heads, n) = (inputs[0].shape[0], (int)inputs[0].shape[1], inputs[0].shape[2], inputs[0].shape[3]);
        ArgumentOutOfRangeException.ThrowIfNotEqual(n, Wkv7Recurrence.N);

        var intervals = (length + Wkv7Recurrence.Interval - 1) / Wkv7Recurrence.Interval;
        var y = empty_like(inputs[0]);
        var states = empty([batch, heads, intervals, n, n], dtype: ScalarType.Float32);
        ctx.save_for_backward([.. inputs, states]);

        float* r = Address(inputs[0]), w = Address(inputs[1]), k = Address(inputs[2]), v = Address(inputs[3]), a = Address(inputs[4]), b = Address(inputs[5]);
        float* output = Address(y), kept = Address(states);
        var scratch = Allocate(n * n);
        for (var row = 0; row < batch * heads; row++)
        {
            var at = ((row / heads) * length * heads * n) + ((row % heads) * n);
            Wkv7Recurrence.Forward(length, heads * n, r + at, w + at, k + at, v + at, a + at, b + at, output + at, kept + (row * intervals * n * n), scratch);
        }

        NativeMemory.AlignedFree(scratch);
        return y;
    }

    /// <inheritdoc/>
    public override List<Tensor> backward(autograd.AutogradContext ctx, Tensor grad_output)
    {
        var saved = ctx.get_saved_variables();
        var dy = grad_output.contiguous();
        var (batch, length, heads, n) = (dy.shape[0], (int)dy.shape[1], dy.shape[2], dy.shape[3]);
        var intervals = (length + Wkv7Recurrence.Interval - 1) / Wkv7Recurrence.Interval;
        var gradients = Enumerable.Range(0, 6).Select(_ => empty_like(dy)).ToList();

        float* r = Address(saved[0]), w = Address(saved[1]), k = Address(saved[2]), v = Address(saved[3]), a = Address(saved[4]), b = Address(saved[5]);
        float* kept = Address(saved[6]), g = Address(dy);
        float* dr = Address(gradients[0]), dw = Address(gradients[1]), dk = Address(gradients[2]), dv = Address(gradients[3]), da = Address(gradients[4]), db = Address(gradients[5]);
        var scratch = Allocate(((Wkv7Recurrence.Interval + 2) * n * n) + ((Wkv7Recurrence.Interval + 1) * n));
        for (var row = 0; row < batch * heads; row++)
        {
            var at = ((row / heads) * length * heads * n) + ((row % heads) * n);
            Wkv7Recurrence.Backward(
                length, heads * n, r + at, w + at, k + at, v + at, a + at, b + at, kept + (row * intervals * n * n), g + at,
                dr + at, dw + at, dk + at, dv + at, da + at, db + at, scratch);
        }

        NativeMemory.AlignedFree(scratch);
        return gradients;
    }

    private static float* Allocate(long floats) => (float*)NativeMemory.AlignedAlloc((nuint)(floats * sizeof(float)), 64);

    // The tensor is contiguous and stays referenced by its caller while the address is used.
    private static float* Address(Tensor tensor) => (float*)System.Runtime.CompilerServices.Unsafe.AsPointer(ref MemoryMarshal.GetReference(tensor.bytes));
}
