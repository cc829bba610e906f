using System.Globalization;
using RwkvSk.Engine.Weights;

namespace RwkvSk.Engine.Kernels.Cpu;

/// <summary>
/// A cursor into a checkpoint that packs what it takes. Vectors become fp32; matrices keep the format they are stored in, for a wider one would cost bandwidth and add
/// nothing, unless another is asked for.
/// </summary>
/// <param name="file">The checkpoint; its shapes are checked already.</param>
/// <param name="arena">Where the packed weights go, in the order they are taken.</param>
/// <param name="level">Vector width of the products.</param>
/// <param name="wanted">The number format asked for.</param>
/// <param name="path">Where the cursor stands.</param>
internal sealed unsafe class DecodeWeights(IWeightFile file, NativeArena arena, SimdLevel level, WeightPrecision wanted, string path = "")
{
    /// <summary>About how many bytes packing a language model takes, from the names and shapes alone; filling rows are not counted.</summary>
    public static long PackedBytes(IWeightFile file, string prefix, WeightPrecision wanted)
    {
        var bits = 0.0;
        foreach (var info in file.Tensors.Values)
        {
            var name = info.Name;
            if (!name.StartsWith(prefix, StringComparison.Ordinal) || name == prefix + "emb.weight"
                || name.StartsWith("vit.", StringComparison.Ordinal) || name.StartsWith("proj.", StringComparison.Ordinal))
            {
                continue;
            }

            // Thin matrices are not called weight; a row's scale is 32 bits.
            var isMatrix = info.Shape.Count(static size => size != 1) > 1;
            var isLarge = isMatrix && name.EndsWith(".weight", StringComparison.Ordinal);
            var stored = info.Type is WeightType.BFloat16 or WeightType.Float16 || wanted is WeightPrecision.BFloat16 or WeightPrecision.Float16 ? 16 : 32;
            bits += info.Count * (!isMatrix ? 32 : !isLarge ? stored : wanted switch
            {
                WeightPrecision.Int8 => 8 + (32.0 / 128),
                WeightPrecision.Int4 => name == prefix + "head.weight" ? 8 + (32.0 / 128) : 4 + (32.0 / 64),
                _ => stored,
            });
        }

        return (long)(bits / 8);
    }

    public DecodeWeights this[string child] => new(file, arena, level, wanted, $"{path}{child}.");

    public DecodeWeights this[int index] => this[index.ToString(CultureInfo.InvariantCulture)];

    /// <summary>Where the weights go.</summary>
    public NativeArena Arena => arena;

    /// <summary>Vector width of the products.</summary>
    public SimdLevel Level => level;

    /// <summary>Whether there is such a tensor.</summary>
    public bool Has(string name) => file.Tensors.ContainsKey(path + name);

    /// <summary>A tensor's shape.</summary>
    public IReadOnlyList<long> ShapeOf(string name) => file.Find(path + name).Shape;

    /// <summary>A vector in fp32; singleton axes are ignored.</summary>
    public float* Vector(string name, int length) => Vector(name, length, static x => x);

    /// <summary>A vector in fp32, changed on its way.</summary>
    public float* Vector(string name, int length, Func<float, float> change) => (float*)Repeated(name, length, 1, change);

    /// <summary>The same, of a vector that gives several numbers in turn the same value.</summary>
    public nint Repeated(string name, int length, int times, Func<float, float> change)
    {
        var values = file.Floats(path + name);
        if (values.Length * times != length)
        {
            throw new ModelFormatException($"'{file.Path}': '{path}{name}' has {values.Length} numbers, expected {length / times}.");
        }

        var vector = arena.Floats(length);
        for (var i = 0; i < length; i++)
        {
            vector[i] = change(values[i / times]);
        }

        return (nint)vector;
    }

    /// <summary>How much of x(t-1) goes into what a projection reads. RWKV-6 stores it as such, RWKV-4 and 5 what x(t) contributes.</summary>
    public nint ShiftMix(string of, int length) => Has("time_maa_" + of)
        ? Repeated("time_maa_" + of, length, 1, static mix => mix)
        : Repeated("time_mix_" + of, length, 1, static mix => 1 - mix);

    /// <summary>Weight and bias of a norm.</summary>
    public NormWeights Norm(int length, float epsilon) => new((nint)Vector("weight", length), (nint)Vector("bias", length), epsilon);

    /// <summary>A matrix stored [rows, columns]. The head, whose errors go straight into the logits, never has fewer than 8 bits.</summary>
    public PackedMatrix Matrix(string name, int rows, int columns, bool isHead = false) => Pack(name, rows, columns, columns, 1, 0, wanted switch
    {
        WeightPrecision.Int8 => WeightFormat.Int8,
        WeightPrecision.Int4 => isHead ? WeightFormat.Int8 : WeightFormat.Int4,
        _ => FloatFormat(name),
    });

    /// <summary>A matrix stored the other way round, [columns, rows]: half of a low-rank pair. These are small and always keep a 16- or 32-bit format.</summary>
    public PackedMatrix Turned(string name, int rows, int columns) => Pack(name, rows, columns, 1, rows, 0, FloatFormat(name));

    /// <summary>One of several matrices stored behind each other in one tensor, each [columns, rows].</summary>
    public PackedMatrix TurnedPart(string name, int part, int rows, int columns) =>
        Pack(name, rows, columns, 1, rows, (long)part * rows * columns, FloatFormat(name));

    private PackedMatrix Pack(string name, int rows, int columns, long rowStride, long columnStride, long offset, WeightFormat format)
    {
        var info = file.Find(path + name);
        if (info.Count < offset + ((long)rows * columns))
        {
            throw new ModelFormatException($"'{file.Path}': '{path}{name}' is {WeightTypes.Describe(info.Shape)}, expected [{rows},{columns}].");
        }

        file.Data(path + name, out var data);
        var matrix = new PackedMatrix(rows, columns, format, level, arena);
        MatrixPacker.Fill(matrix, new StoredMatrix((nint)(data + (offset * info.Type.ItemSize())), info.Type, rowStride, columnStride));
        return matrix;
    }

    private WeightFormat FloatFormat(string name)
    {
        var stored = file.Find(path + name).Type switch
        {
            WeightType.BFloat16 => WeightFormat.BFloat16,
            WeightType.Float16 => WeightFormat.Float16,
            _ => WeightFormat.Float32,
        };
        return wanted switch
        {
            WeightPrecision.BFloat16 => WeightFormat.BFloat16,
            WeightPrecision.Float16 => WeightFormat.Float16,
            _ => stored,
        };
    }
}
