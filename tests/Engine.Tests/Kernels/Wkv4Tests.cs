using RwkvSk.Engine.Kernels.Reference;
using RwkvSk.Engine.Kernels.Torch;
using RwkvSk.TestKit;
using Xunit;
using static TorchSharp.torch;

namespace RwkvSk.Engine.Tests.Kernels;

public class Wkv4Tests
{
    private const int Length = 100, Width = 48;

    public Wkv4Tests() => Assert.SkipWhen(LibTorch.Missing is not null, LibTorch.Missing ?? "");

    [Theory]
    [InlineData(1), InlineData(10), InlineData(60)]
    public void Chunked_equals_the_recurrence_for_keys_of_any_size(double keyScale)
    {
        using var scope = NewDisposeScope();
        var random = new Random(41);
        var channels = new Heads(1, Length, 1, Width, random);
        var (k, v) = (channels.Normal(keyScale), channels.Normal());
        var once = new Heads(1, 1, 1, Width, random);
        var (w, u) = (once.Uniform(-6, 3).exp().neg().view(Width), once.Normal().view(Width));   // decays from e^-6 to e^3 per position
        var (expected, expectedState) = Recurrence(k, v, w, u);

        foreach (var chunk in new[] { 1, 2, 31, 32, 33, 100 })
        {
            var (ys, state) = (new List<Tensor>(), cat([zeros([1, 2, Width]), full([1, 1, Width], -1e30f)], 1));
            for (var at = 0; at < Length; at += chunk)
            {
                var n = Math.Min(chunk, Length - at);
                (var y, state) = Wkv4.Forward(k.view(1, Length, Width).narrow(1, at, n), v.view(1, Length, Width).narrow(1, at, n), w, u, state);
                ys.Add(y);
            }

            Tolerance.AssertClose(expected, cat(ys, 1).contiguous().data<float>().ToArray(), $"wkv, keys of {keyScale}, {chunk} at a time", Tolerance.Exponents);
            Tolerance.AssertClose(expectedState, state.contiguous().data<float>().ToArray(), $"state, keys of {keyScale}, {chunk} at a time", Tolerance.Exponents);
        }
    }

    private static (float[] Y, float[] State) Recurrence(Tensor k, Tensor v, Tensor w, Tensor u)
    {
        var (ks, vs, ws, us) = (Heads.Doubles(k), Heads.Doubles(v), Heads.Doubles(w), Heads.Doubles(u));
        var (y, a, b, p) = (new double[Length * Width], new double[Width], new double[Width], Enumerable.Repeat(-1e30, Width).ToArray());
        for (var t = 0; t < Length; t++)
        {
            ReferenceKernels.Wkv4(ks.AsSpan(t * Width, Width), vs.AsSpan(t * Width, Width), ws, us, a, b, p, y.AsSpan(t * Width, Width));
        }

        return ([.. y.Select(static x => (float)x)], [.. a.Concat(b).Concat(p).Select(static x => (float)x)]);
    }
}
