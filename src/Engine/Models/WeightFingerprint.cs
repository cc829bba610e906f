using System.Security.Cryptography;
using System.Text;
using RwkvSk.Engine.Weights;

namespace RwkvSk.Engine.Models;

/// <summary>What decides a model's numbers, as one hash.</summary>
internal static unsafe class WeightFingerprint
{
    private const int Leaf = 4 << 20;

    /// <summary>SHA-256 over the SHA-256 of every 4 MiB of every tensor, in name order: as good as one pass, and spread over the cores. Keeps no copy of any tensor.</summary>
    public static byte[] Of(IWeightFile weights)
    {
        using var root = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        foreach (var name in weights.Tensors.Keys.Order(StringComparer.Ordinal))
        {
            var info = weights.Tensors[name];
            root.AppendData(Encoding.UTF8.GetBytes($"\n{name}|{info.Type}|{string.Join(',', info.Shape)}\n"));
            var length = weights.Data(name, out var address).Length;
            var leaves = new byte[(length + Leaf - 1) / Leaf][];
            Parallel.For(0, leaves.Length, i =>
                leaves[i] = SHA256.HashData(new ReadOnlySpan<byte>(address + ((long)i * Leaf), (int)Math.Min(Leaf, length - ((long)i * Leaf)))));
            weights.Release(name);
            foreach (var leaf in leaves)
            {
                root.AppendData(leaf);
            }
        }

        return root.GetHashAndReset();
    }

    /// <summary>The hash of weights and of what else decides the numbers.</summary>
    public static byte[] With(byte[] weights, string settings, ReadOnlySpan<byte> initialState) => SHA256.HashData([.. weights, .. SHA256.HashData(initialState), .. Encoding.UTF8.GetBytes(settings)]);
}
