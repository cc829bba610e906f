using System.Buffers.Binary;

namespace RwkvSk.Engine.Weights;

/// <summary>How a GGUF tensor's numbers are stored: plainly, or in blocks of 32 that share a scale. Block layouts as in ggml.</summary>
/// <param name="Name">ggml's name.</param>
/// <param name="Type">What it is read as; quantised ones become fp32.</param>
/// <param name="BlockCount">Numbers per block; 1 for plain ones.</param>
/// <param name="BlockBytes">Bytes per block.</param>
internal sealed record GgufEncoding(string Name, WeightType Type, int BlockCount, int BlockBytes)
{
    private static readonly Dictionary<uint, GgufEncoding> ByCode = new()
    {
        [0] = new("F32", WeightType.Float32, 1, 4),
        [1] = new("F16", WeightType.Float16, 1, 2),
        [2] = new("Q4_0", WeightType.Float32, 32, 18),
        [3] = new("Q4_1", WeightType.Float32, 32, 20),
        [6] = new("Q5_0", WeightType.Float32, 32, 22),
        [7] = new("Q5_1", WeightType.Float32, 32, 24),
        [8] = new("Q8_0", WeightType.Float32, 32, 34),
        [24] = new("I8", WeightType.Int8, 1, 1),
        [25] = new("I16", WeightType.Int16, 1, 2),
        [26] = new("I32", WeightType.Int32, 1, 4),
        [27] = new("I64", WeightType.Int64, 1, 8),
        [28] = new("F64", WeightType.Float64, 1, 8),
        [30] = new("BF16", WeightType.BFloat16, 1, 2),
    };

    private static readonly Dictionary<uint, string> Unsupported = new()
    {
        [9] = "Q8_1", [10] = "Q2_K", [11] = "Q3_K", [12] = "Q4_K", [13] = "Q5_K", [14] = "Q6_K", [15] = "Q8_K", [16] = "IQ2_XXS", [17] = "IQ2_XS", [18] = "IQ3_XXS",
        [19] = "IQ1_S", [20] = "IQ4_NL", [21] = "IQ3_S", [22] = "IQ2_S", [23] = "IQ4_XS", [29] = "IQ1_M", [34] = "TQ1_0", [35] = "TQ2_0", [39] = "MXFP4",
    };

    /// <summary>Whether the numbers must be unpacked before use.</summary>
    public bool IsQuantised => BlockCount > 1;

    /// <summary>The encoding of a type code; null when this engine cannot read it.</summary>
    public static GgufEncoding? Find(uint code) => ByCode.GetValueOrDefault(code);

    /// <summary>ggml's name for a type code, for messages.</summary>
    public static string Describe(uint code) => ByCode.GetValueOrDefault(code)?.Name ?? Unsupported.GetValueOrDefault(code, $"number {code}");

    /// <summary>The supported names, for messages.</summary>
    public static string Supported => string.Join(", ", ByCode.Values.Select(static encoding => encoding.Name));

    /// <summary>Unpacks blocks to fp32.</summary>
    public void Unpack(ReadOnlySpan<byte> blocks, Span<float> numbers)
    {
        for (var (at, to) = (0, 0); to < numbers.Length; (at, to) = (at + BlockBytes, to + BlockCount))
        {
            var block = blocks.Slice(at, BlockBytes);
            var scale = (float)BinaryPrimitives.ReadHalfLittleEndian(block);
            var into = numbers.Slice(to, BlockCount);
            switch (Name)
            {
                case "Q8_0":
                    for (var i = 0; i < into.Length; i++)
                    {
                        into[i] = (sbyte)block[2 + i] * scale;
                    }

                    break;
                case "Q4_0":
                    Nibbles(block[2..], fifthBits: 0, scale, -8 * scale, into);
                    break;
                case "Q4_1":
                    Nibbles(block[4..], fifthBits: 0, scale, (float)BinaryPrimitives.ReadHalfLittleEndian(block[2..]), into);
                    break;
                case "Q5_0":
                    Nibbles(block[6..], BinaryPrimitives.ReadUInt32LittleEndian(block[2..]), scale, -16 * scale, into);
                    break;
                default:
                    Nibbles(block[8..], BinaryPrimitives.ReadUInt32LittleEndian(block[4..]), scale, (float)BinaryPrimitives.ReadHalfLittleEndian(block[2..]), into);
                    break;
            }
        }
    }

    // Low nibbles are the numbers 0 to 15, high ones 16 to 31; bit i of fifthBits is the fifth bit of number i.
    private static void Nibbles(ReadOnlySpan<byte> packed, uint fifthBits, float scale, float offset, Span<float> numbers)
    {
        const int Half = 16;
        for (var i = 0; i < Half; i++)
        {
            numbers[i] = (((packed[i] & 15) | (int)(((fifthBits >> i) & 1) << 4)) * scale) + offset;
            numbers[i + Half] = (((packed[i] >> 4) | (int)(((fifthBits >> (i + Half)) & 1) << 4)) * scale) + offset;
        }
    }
}
