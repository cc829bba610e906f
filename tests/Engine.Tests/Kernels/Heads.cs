using static TorchSharp.torch;

namespace RwkvSk.Engine.Tests.Kernels;

/// <summary>Seeded random inputs of a kernel, [B,T,H,N], with access to one head at one position as doubles.</summary>
internal sealed class Heads(long batch, long length, long heads, long size, Random random)
{
    public Tensor Normal(double scale = 1) => Make(() => scale * Math.Sqrt(-2 * Math.Log(1 - random.NextDouble())) * Math.Cos(2 * Math.PI * random.NextDouble()));

    public Tensor Uniform(double from, double to) => Make(() => from + ((to - from) * random.NextDouble()));

    public Tensor Make(Func<double> draw) =>
        tensor(Enumerable.Range(0, (int)(batch * length * heads * size)).Select(_ => (float)draw()).ToArray()).view(batch, length, heads, size);

    public static double[] Doubles(Tensor t) => [.. t.contiguous().data<float>().Select(static x => (double)x)];
}
