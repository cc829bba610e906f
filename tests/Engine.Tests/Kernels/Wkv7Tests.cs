using RwkvSk.Engine.Kernels.Reference;
using RwkvSk.Engine.Kernels.Torch;
using RwkvSk.TestKit;
using Xunit;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace RwkvSk.Engine.Tests.Kernels;

public class Wkv7Tests
{
    private const int Batch = 2, HeadCount = 2, Size = 16, Length = 100;

    public Wkv7Tests() => Assert.SkipWhen(LibTorch.Missing is not null, LibTorch.Missing ?? "");

    [Theory]
    [InlineData(-0.6065, -0.6065), InlineData(-1e-6, -1e-6), InlineData(-0.6065, -1e-6)]
    public void Chunked_equals_the_recurrence_from_no_decay_to_the_strongest(double from, double to)
    {
        using var scope = NewDisposeScope();
        var random = new Random(71);
        var heads = new Heads(Batch, Length, HeadCount, Size, random);
        var (r, k, v, lw) = (heads.Normal(), heads.Normal(0.5), heads.Normal(), heads.Uniform(from, to));
        var removal = functional.normalize(heads.Normal(), 2, -1, 1e-12);
        var (a, b) = (removal.neg(), removal.mul(heads.Uniform(0, 1)));
        var start = new Heads(Batch, HeadCount, Size, Size, random).Normal();
        var (expected, expectedState) = Recurrence(r, lw, k, v, a, b, start);

        foreach (var chunk in new[] { 1, 2, 15, 16, 17, 33, 100 })
        {
            var (ys, state) = (new List<Tensor>(), start);
            for (var at = 0; at < Length; at += chunk)
            {
                var n = Math.Min(chunk, Length - at);
                (var y, state) = Wkv7.Forward(Cut(r), Cut(lw), Cut(k), Cut(v), Cut(a), Cut(b), state);
                ys.Add(y);

                Tensor Cut(Tensor t) => t.narrow(1, at, n).contiguous();
            }

            Tolerance.AssertClose(expected, cat(ys, 1).contiguous().data<float>().ToArray(), $"y, {chunk} at a time", Tolerance.SameMath);
            Tolerance.AssertClose(expectedState, state.contiguous().data<float>().ToArray(), $"state, {chunk} at a time", Tolerance.SameMath);
        }
    }

    private static (float[] Y, float[] State) Recurrence(Tensor r, Tensor lw, Tensor k, Tensor v, Tensor a, Tensor b, Tensor start)
    {
        var (rs, ws, ks, vs, @as, bs) = (Heads.Doubles(r), Heads.Doubles(lw), Heads.Doubles(k), Heads.Doubles(v), Heads.Doubles(a), Heads.Doubles(b));
        var (y, s) = (new double[rs.Length], Heads.Doubles(start));
        for (var unit = 0; unit < Batch * HeadCount; unit++)
        {
            for (var t = 0; t < Length; t++)
            {
                var at = (((((unit / HeadCount) * Length) + t) * HeadCount) + (unit % HeadCount)) * Size;
                ReferenceKernels.Wkv7(
                    rs.AsSpan(at, Size), ws[at..(at + Size)].Select(Math.Exp).ToArray(), ks.AsSpan(at, Size), vs.AsSpan(at, Size), @as.AsSpan(at, Size), bs.AsSpan(at, Size),
                    s.AsSpan(unit * Size * Size, Size * Size), y.AsSpan(at, Size));
            }
        }

        return ([.. y.Select(static x => (float)x)], [.. s.Select(static x => (float)x)]);
    }
}
