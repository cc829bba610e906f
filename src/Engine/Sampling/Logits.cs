using System.Numerics;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace RwkvSk.Engine.Sampling;

/// <summary>Passes over one row of logits [V]. With V = 65,536 and a token each few milliseconds they must not be felt, so they use vectors.</summary>
internal static class Logits
{
    /// <summary>The largest value; not a number if any is not.</summary>
    public static float Max(ReadOnlySpan<float> logits)
    {
        var largest = float.NegativeInfinity;
        var vectors = MemoryMarshal.Cast<float, Vector<float>>(logits);
        if (!vectors.IsEmpty)
        {
            var max = vectors[0];
            foreach (var vector in vectors)
            {
                max = Vector.Max(max, vector);
            }

            for (var i = 0; i < Vector<float>.Count; i++)
            {
                largest = MathF.Max(largest, max[i]);
            }
        }

        foreach (var value in logits[(vectors.Length * Vector<float>.Count)..])
        {
            largest = MathF.Max(largest, value);
        }

        return largest;
    }

    /// <summary>Where <paramref name="value"/> is first.</summary>
    public static int FirstIndexOf(ReadOnlySpan<float> logits, float value)
    {
        var vectors = MemoryMarshal.Cast<float, Vector<float>>(logits);
        var wanted = new Vector<float>(value);
        var v = 0;
        while (v < vectors.Length && !Vector.EqualsAny(vectors[v], wanted))
        {
            v++;
        }

        var start = v * Vector<float>.Count;
        return start + logits[start..].IndexOf(value);
    }

    /// <summary>Replaces each logit x by exp(x - max): the softmax without its division, so that the largest is 1.</summary>
    /// <returns>The sum, which the softmax would divide by.</returns>
    public static double ExpInPlace(Span<float> logits, float max)
    {
        var sum = 0.0;
        var i = 0;
        var shift = Vector256.Create(max);
        for (; i <= logits.Length - Vector256<float>.Count; i += Vector256<float>.Count)
        {
            var weights = Vector256.Exp(Vector256.LoadUnsafe(ref logits[i]) - shift);
            weights.StoreUnsafe(ref logits[i]);
            // Eight terms at a time in fp32, the blocks in double: 65,536 small terms lose nothing to the large ones.
            sum += Vector256.Sum(weights);
        }

        if (i < logits.Length)
        {
            // The rest through the same function: MathF.Exp rounds differently, and equal logits must have equal weights wherever they stand.
            Span<float> rest = stackalloc float[Vector256<float>.Count];
            rest.Fill(float.NegativeInfinity);
            logits[i..].CopyTo(rest);
            var weights = Vector256.Exp(Vector256.Create<float>(rest) - shift);
            weights.CopyTo(rest);
            rest[..(logits.Length - i)].CopyTo(logits[i..]);
            sum += Vector256.Sum(weights);
        }

        return sum;
    }

    /// <summary>Lists what weighs at least <paramref name="least"/> and more than nothing, by ascending id.</summary>
    /// <returns>How many were written.</returns>
    public static int Gather(ReadOnlySpan<float> weights, float least, Span<int> ids, Span<float> kept)
    {
        least = MathF.Max(least, float.Epsilon);
        var count = 0;
        var i = 0;
        var limit = Vector256.Create(least);
        for (; i <= weights.Length - Vector256<float>.Count; i += Vector256<float>.Count)
        {
            var vector = Vector256.Create(weights.Slice(i, Vector256<float>.Count));
            var bits = Vector256.GreaterThanOrEqual(vector, limit).ExtractMostSignificantBits();
            for (; bits != 0; bits &= bits - 1)
            {
                var id = i + BitOperations.TrailingZeroCount(bits);
                (ids[count], kept[count]) = (id, weights[id]);
                count++;
            }
        }

        for (; i < weights.Length; i++)
        {
            if (weights[i] >= least)
            {
                (ids[count], kept[count]) = (i, weights[i]);
                count++;
            }
        }

        return count;
    }
}
