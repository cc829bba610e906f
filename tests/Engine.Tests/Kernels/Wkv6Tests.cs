using RwkvSk.Engine.Kernels.Reference;
using RwkvSk.Engine.Kernels.Torch;
using RwkvSk.TestKit;
using Xunit;
using static TorchSharp.torch;

namespace RwkvSk.Engine.Tests.Kernels;

public class Wkv6Tests
{
    private const int Batch = 2, HeadCount = 3, Size = 8, Length = 100;

    public Wkv6Tests() => Assert.SkipWhen(LibTorch.Missing is not null, LibTorch.Missing ?? "");

    /// <summary>Log decays of a channel at a position.</summary>
    public static TheoryData<string> Decays => ["usual", "none", "extreme", "extreme and none in turns", "vanishing", "constant"];

    [Theory, MemberData(nameof(Decays))]
    public void Chunked_equals_the_recurrence_for_any_decay(string decays)
    {
        using var scope = NewDisposeScope();
        var random = new Random(61);
        var heads = new Heads(Batch, Length, HeadCount, Size, random);
        var (r, k, v) = (heads.Normal(), heads.Normal(), heads.Normal());
        var lw = LogDecay(heads, random, decays);
        var bonus = new Heads(1, 1, HeadCount, Size, random).Normal().view(HeadCount, Size);
        var start = new Heads(Batch, HeadCount, Size, Size, random).Normal();
        var (expected, expectedState) = Recurrence(r, lw, k, v, bonus, start);

        foreach (var chunk in new[] { 1, 2, 15, 16, 17, 33, 100 })
        {
            var (ys, state) = (new List<Tensor>(), start);
            for (var at = 0; at < Length; at += chunk)
            {
                var n = Math.Min(chunk, Length - at);
                (var y, state) = Wkv6.Forward(Cut(r), Cut(lw), Cut(k), Cut(v), bonus, state);
                ys.Add(y);

                Tensor Cut(Tensor t) => t.narrow(1, at, n).contiguous();
            }

            Tolerance.AssertClose(expected, cat(ys, 1).contiguous().data<float>().ToArray(), $"y, {decays} decay, {chunk} at a time", Tolerance.SameMath);
            Tolerance.AssertClose(expectedState, state.contiguous().data<float>().ToArray(), $"state, {decays} decay, {chunk} at a time", Tolerance.SameMath);
        }
    }

    [Fact]
    public void Gradients_are_finite_under_extreme_decays()
    {
        using var scope = NewDisposeScope();
        var random = new Random(62);
        var heads = new Heads(1, 40, 2, Size, random);
        var leaves = new[] { heads.Normal(), LogDecay(heads, random, "extreme"), heads.Normal(), heads.Normal() }.Select(static x => x.requires_grad_()).ToArray();
        var (y, state) = Wkv6.Forward(leaves[0], leaves[1], leaves[2], leaves[3], zeros([2, Size]), zeros([1, 2, Size, Size]));
        y.square().sum().add(state.square().sum(), 1).backward();
        Assert.All(leaves, static leaf => Assert.True(leaf.grad!.isfinite().all().item<bool>()));
    }

    private static Tensor LogDecay(Heads heads, Random random, string decays) => decays switch
    {
        "none" => heads.Make(static () => 0),
        "extreme" => heads.Uniform(-6, 4).exp().neg(),                                        // down to -e^4
        "extreme and none in turns" => heads.Make(() => random.Next(2) == 0 ? 0 : -54.598),
        "vanishing" => heads.Make(static () => -20_000),
        "constant" => heads.Uniform(-6, 2).exp().neg().narrow(1, 0, 1).expand(Batch, Length, HeadCount, Size),
        _ => heads.Uniform(-6, 0).exp().neg(),
    };

    private static (float[] Y, float[] State) Recurrence(Tensor r, Tensor lw, Tensor k, Tensor v, Tensor bonus, Tensor start)
    {
        var (rs, ws, ks, vs, us) = (Heads.Doubles(r), Heads.Doubles(lw), Heads.Doubles(k), Heads.Doubles(v), Heads.Doubles(bonus));
        var (y, s) = (new double[rs.Length], Heads.Doubles(start));
        for (var unit = 0; unit < Batch * HeadCount; unit++)
        {
            var (b, h) = (unit / HeadCount, unit % HeadCount);
            for (var t = 0; t < Length; t++)
            {
                var at = ((((b * Length) + t) * HeadCount) + h) * Size;
                ReferenceKernels.Wkv6(
                    rs.AsSpan(at, Size), ws[at..(at + Size)].Select(Math.Exp).ToArray(), ks.AsSpan(at, Size), vs.AsSpan(at, Size), us.AsSpan(h * Size, Size),
                    s.AsSpan(unit * Size * Size, Size * Size), y.AsSpan(at, Size));
            }
        }

        return ([.. y.Select(static x => (float)x)], [.. s.Select(static x => (float)x)]);
    }
}
