using System.Buffers.Binary;
using System.Runtime.InteropServices;

namespace RwkvSk.Engine.Weights;

/// <summary>What every reader of a checkpoint needs.</summary>
internal static unsafe class WeightFileExtensions
{
    /// <summary>Bytes of the tensor's data. Readers refuse tensors that do not fit (<see cref="WeightLimits.TensorBytes"/>).</summary>
    public static int ByteLength(this WeightInfo info) => checked((int)(info.Count * info.Type.ItemSize()));

    /// <summary>The tensor's entry.</summary>
    /// <exception cref="ModelFormatException">The file has no such tensor.</exception>
    public static WeightInfo Find(this IWeightFile file, string name) =>
        file.Tensors.TryGetValue(name, out var info)
            ? info
            : throw new ModelFormatException($"'{file.Path}' has no tensor '{name}' (it has {file.Tensors.Count} others).");

    /// <summary>The tensor's bytes, row-major.</summary>
    public static ReadOnlySpan<byte> Data(this IWeightFile file, string name) => file.Data(name, out _);

    /// <summary>The tensor's elements as fp32, row-major, widened or rounded from whatever type the file has.</summary>
    public static float[] Floats(this IWeightFile file, string name)
    {
        var info = file.Find(name);
        var floats = new float[info.Count];
        ToFloats(info.Type, file.Data(name), floats);
        return floats;
    }

    /// <summary>Converts raw little-endian elements to fp32.</summary>
    public static void ToFloats(WeightType type, ReadOnlySpan<byte> data, Span<float> floats)
    {
        switch (type)
        {
            case WeightType.Float32:
                MemoryMarshal.Cast<byte, float>(data).CopyTo(floats);
                break;
            case WeightType.BFloat16:
                for (var i = 0; i < floats.Length; i++)
                {
                    floats[i] = BitConverter.UInt32BitsToSingle((uint)BinaryPrimitives.ReadUInt16LittleEndian(data[(2 * i)..]) << 16);
                }

                break;
            case WeightType.Float16:
                for (var i = 0; i < floats.Length; i++)
                {
                    floats[i] = (float)BinaryPrimitives.ReadHalfLittleEndian(data[(2 * i)..]);
                }

                break;
            case WeightType.Float64:
                for (var i = 0; i < floats.Length; i++)
                {
                    floats[i] = (float)BinaryPrimitives.ReadDoubleLittleEndian(data[(8 * i)..]);
                }

                break;
            default:
                for (var i = 0; i < floats.Length; i++)
                {
                    floats[i] = type switch
                    {
                        WeightType.Int64 => BinaryPrimitives.ReadInt64LittleEndian(data[(8 * i)..]),
                        WeightType.Int32 => BinaryPrimitives.ReadInt32LittleEndian(data[(4 * i)..]),
                        WeightType.Int16 => BinaryPrimitives.ReadInt16LittleEndian(data[(2 * i)..]),
                        WeightType.Int8 => (sbyte)data[i],
                        WeightType.UInt8 or WeightType.Bool => data[i],
                        _ => throw new ArgumentOutOfRangeException(nameof(type), type, "not an element type"),
                    };
                }

                break;
        }
    }

    /// <summary>Converts fp32 to a 16- or 32-bit float type, rounding to nearest, ties to even.</summary>
    public static void FromFloats(WeightType type, ReadOnlySpan<float> floats, Span<byte> data)
    {
        switch (type)
        {
            case WeightType.Float32:
                MemoryMarshal.AsBytes(floats).CopyTo(data);
                break;
            case WeightType.Float16:
                for (var i = 0; i < floats.Length; i++)
                {
                    BinaryPrimitives.WriteHalfLittleEndian(data[(2 * i)..], (Half)floats[i]);
                }

                break;
            case WeightType.BFloat16:
                for (var i = 0; i < floats.Length; i++)
                {
                    BinaryPrimitives.WriteUInt16LittleEndian(data[(2 * i)..], ToBFloat16(floats[i]));
                }

                break;
            default:
                throw new ArgumentOutOfRangeException(nameof(type), type, "not a 16- or 32-bit float");
        }
    }

    private static ushort ToBFloat16(float value)
    {
        var bits = BitConverter.SingleToUInt32Bits(value);

        // Rounding could carry a NaN's payload into infinity; it keeps its upper half and stays one.
        return float.IsNaN(value) ? (ushort)((bits >> 16) | 0x40) : (ushort)((bits + 0x7fff + ((bits >> 16) & 1)) >> 16);
    }
}
