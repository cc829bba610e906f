using System.Buffers.Binary;
using System.Runtime.InteropServices;
using System.Security.Cryptography;
using System.Text;
using RwkvSk.Engine.Weights;

namespace RwkvSk.Cli.Generation;

/// <summary>
/// One tensor's random numbers, written to a stream a block at a time. What they are depends on the seed and the tensor's name alone, so the order of the tensors in
/// a file, and which others there are, change nothing. Generator: SplitMix64 (Steele, Lea and Flood 2014).
/// </summary>
internal sealed class RandomNumbers(long seed, string name)
{
    private const int BlockLength = 1 << 16;

    private ulong _state = BinaryPrimitives.ReadUInt64LittleEndian(SHA256.HashData(Encoding.UTF8.GetBytes($"{seed}|{name}")));

    /// <summary>Numbers spread evenly over [low, high).</summary>
    public void WriteEven(Stream stream, WeightType type, long count, float low, float high) =>
        Write(stream, type, count, block =>
        {
            foreach (ref var value in block)
            {
                value = low + ((high - low) * ((Next() >> 40) * (1f / (1 << 24))));
            }
        });

    /// <summary>Bell-shaped numbers of a standard deviation, mean 0, none beyond 3.5 deviations: sums of four bytes.</summary>
    public void WriteBell(Stream stream, WeightType type, long count, float deviation)
    {
        // A byte has variance (256^2 - 1) / 12, four of them together four times that.
        var scale = deviation / MathF.Sqrt((256f * 256 - 1) / 3);
        Write(stream, type, count, block =>
        {
            for (var i = 0; i < block.Length; i += 2)
            {
                var bits = Next();
                block[i] = Sum((uint)bits) * scale;
                if (i + 1 < block.Length)
                {
                    block[i + 1] = Sum((uint)(bits >> 32)) * scale;
                }
            }
        });
    }

    private static int Sum(uint bits) => (int)((bits & 0xFF) + ((bits >> 8) & 0xFF) + ((bits >> 16) & 0xFF) + (bits >> 24)) - 510;

    private static void Write(Stream stream, WeightType type, long count, Filler fill)
    {
        var values = new float[BlockLength];
        var narrow = new ushort[BlockLength];
        for (var left = count; left > 0;)
        {
            var block = values.AsSpan(0, (int)Math.Min(left, BlockLength));
            fill(block);
            left -= block.Length;
            switch (type)
            {
                case WeightType.Float32:
                    stream.Write(MemoryMarshal.AsBytes(block));
                    continue;
                case WeightType.BFloat16:
                    for (var i = 0; i < block.Length; i++)
                    {
                        var bits = BitConverter.SingleToUInt32Bits(block[i]);
                        narrow[i] = (ushort)((bits + 0x7FFF + ((bits >> 16) & 1)) >> 16);   // to nearest, ties to even
                    }

                    break;
                case WeightType.Float16:
                    for (var i = 0; i < block.Length; i++)
                    {
                        narrow[i] = BitConverter.HalfToUInt16Bits((Half)block[i]);
                    }

                    break;
                default:
                    throw new ArgumentException($"Weights can be float32, bfloat16 or float16, not {type}.", nameof(type));
            }

            stream.Write(MemoryMarshal.AsBytes(narrow.AsSpan(0, block.Length)));
        }
    }

    private ulong Next()
    {
        var z = _state += 0x9E3779B97F4A7C15;
        z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9;
        z = (z ^ (z >> 27)) * 0x94D049BB133111EB;
        return z ^ (z >> 31);
    }

    private delegate void Filler(Span<float> block);
}
