using System.Diagnostics;
using RwkvSk.Engine.Kernels.Cpu;
using RwkvSk.Engine.Weights;

namespace RwkvSk.Engine.Kernels.Cuda.Weights;

/// <summary>How eight neighbouring weights become words, the reverse of what <c>numbers.h</c> reads.</summary>
internal static class WeightWords
{
    /// <summary>Words of eight weights.</summary>
    public static int Count(WeightFormat format) => format switch
    {
        WeightFormat.Float32 => 8,
        WeightFormat.BFloat16 or WeightFormat.Float16 => 4,
        WeightFormat.Int8 => 2,
        WeightFormat.Int4 => 1,
        _ => throw new UnreachableException($"unhandled format {format}"),
    };

    /// <summary>Weights that share a scale; 0 where there are no scales.</summary>
    public static int Scaled(WeightFormat format) => format switch
    {
        WeightFormat.Int8 => 128,
        WeightFormat.Int4 => 64,
        _ => 0,
    };

    /// <summary>The scale of weights that share one: what a step of the integers is worth. Int4's largest is seven and a half steps, so that the error of no weight is more than half a step.</summary>
    public static float Scale(WeightFormat format, ReadOnlySpan<float> weights)
    {
        var largest = 0f;
        foreach (var weight in weights)
        {
            largest = MathF.Max(largest, MathF.Abs(weight));
        }

        return largest / (format == WeightFormat.Int8 ? 127 : 7.5f);
    }

    /// <summary>Writes eight weights.</summary>
    /// <param name="format">How.</param>
    /// <param name="weights">Eight.</param>
    /// <param name="scales">For integers: that of the first four and that of the others.</param>
    /// <param name="words">Receives <see cref="Count"/>.</param>
    public static void Put(WeightFormat format, ReadOnlySpan<float> weights, ReadOnlySpan<float> scales, Span<uint> words)
    {
        switch (format)
        {
            case WeightFormat.Float32:
                for (var i = 0; i < 8; i++)
                {
                    words[i] = BitConverter.SingleToUInt32Bits(weights[i]);
                }

                break;
            case WeightFormat.BFloat16:
            case WeightFormat.Float16:
                Span<byte> bytes = stackalloc byte[16];
                WeightFileExtensions.FromFloats(format == WeightFormat.BFloat16 ? WeightType.BFloat16 : WeightType.Float16, weights, bytes);
                for (var i = 0; i < 4; i++)
                {
                    words[i] = BitConverter.ToUInt32(bytes[(4 * i)..]);
                }

                break;
            case WeightFormat.Int8:
                PutIntegers(weights, scales, 8, words);
                break;
            case WeightFormat.Int4:
                PutIntegers(weights, scales, 4, words);
                break;
            default:
                throw new UnreachableException($"unhandled format {format}");
        }
    }

    // With an offset, so that they are not negative; the first in the lowest bits.
    private static void PutIntegers(ReadOnlySpan<float> weights, ReadOnlySpan<float> scales, int bits, Span<uint> words)
    {
        var (offset, perWord) = (1 << (bits - 1), 32 / bits);
        words[..(8 / perWord)].Clear();
        for (var i = 0; i < 8; i++)
        {
            var scale = scales[i / 4];
            var steps = scale == 0 ? 0 : Math.Clamp((int)MathF.Round(weights[i] / scale), -offset, offset - 1);
            words[i / perWord] |= (uint)(steps + offset) << (i % perWord * bits);
        }
    }
}
