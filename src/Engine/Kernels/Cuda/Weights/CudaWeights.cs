using System.Globalization;
using RwkvSk.Engine.Kernels.Cpu;
using RwkvSk.Engine.Kernels.Cuda.Parameters;
using RwkvSk.Engine.Weights;

namespace RwkvSk.Engine.Kernels.Cuda.Weights;

/// <summary>Weight and bias of a norm on the device. [C] each</summary>
internal readonly record struct DeviceNorm(nint Weight, nint Bias, float Epsilon);

/// <summary>
/// A cursor into a checkpoint that puts on the device what it takes. Vectors become fp32; matrices keep the format they are stored in unless another is asked for.
/// </summary>
/// <param name="file">The checkpoint; its shapes are checked already.</param>
/// <param name="arena">Where the weights go.</param>
/// <param name="wanted">The number format asked for.</param>
/// <param name="path">Where the cursor stands.</param>
internal sealed unsafe class CudaWeights(IWeightFile file, DeviceArena arena, WeightPrecision wanted, string path = "")
{
    public CudaWeights this[string child] => new(file, arena, wanted, $"{path}{child}.");

    public CudaWeights this[int index] => this[index.ToString(CultureInfo.InvariantCulture)];

    /// <summary>A tensor's shape.</summary>
    public IReadOnlyList<long> ShapeOf(string name) => file.Find(path + name).Shape;

    /// <summary>A vector in fp32; singleton axes are ignored.</summary>
    public nint Vector(string name, int length)
    {
        var values = file.Floats(path + name);
        if (values.Length != length)
        {
            throw Mismatch(name, $"[{length}]");
        }

        var range = arena.Take((long)length * sizeof(float));
        range.Write<float>(values);
        return range.Pointer;
    }

    /// <summary>Weight and bias of a norm.</summary>
    public DeviceNorm Norm(int length, float epsilon) => new(Vector("weight", length), Vector("bias", length), epsilon);

    /// <summary>A matrix stored [rows, columns]. The head, whose errors go straight into the logits, never has fewer than 8 bits.</summary>
    public DenseProduct Matrix(string name, int rows, int columns, bool isHead = false) =>
        Dense(IntegerFormat(isHead) ?? FloatFormat(name), Stored(name, rows, columns, columns, 1), rows, columns);

    /// <summary>A matrix stored the other way round, [columns, rows]: the first half of a low-rank pair. These are small and always keep a 16- or 32-bit format.</summary>
    public DenseProduct Turned(string name, int rows, int columns) =>
        Dense(FloatFormat(name), Stored(name, rows, columns, 1, rows), rows, columns);

    /// <summary>Some rows of such a matrix, from the one numbered <paramref name="first"/> on.</summary>
    public DenseProduct TurnedPart(string name, int first, int rows, int columns)
    {
        var all = (int)ShapeOf(name)[^1];
        var whole = Stored(name, all, columns, 1, all);
        var part = whole with { Data = whole.Data + (nint)(first * whole.Type.ItemSize()) };
        return Dense(FloatFormat(name), part, rows, columns);
    }

    /// <summary>A matrix stored [rows, columns] whose vectors are mostly zeros.</summary>
    public SparseProduct Sparse(string name, int rows, int columns)
    {
        var layout = new SparseLayout(IntegerFormat(isHead: false) ?? FloatFormat(name), Stored(name, rows, columns, columns, 1), rows, columns);
        var (words, scales) = layout.Upload(arena);
        return new SparseProduct
        {
            Weights = words, Scales = scales, Format = (int)layout.Format, Inner = columns, Tiles = layout.Tiles, Width = rows, Rounds = CudaKernels.SparseRounds(layout.Tiles, columns),
        };
    }

    /// <summary>The second half of a low-rank pair, stored [columns, rows]; one of several behind each other where there are parts.</summary>
    public Thin Thin(string name, int rows, int columns, int part = 0)
    {
        var layout = new RowLayout(FloatFormat(name), Stored(name, rows, columns, 1, rows, (long)part * rows * columns), rows, columns);
        return new Thin { Weights = layout.Upload(arena).Words, Format = (int)layout.Format, Eights = layout.Eights };
    }

    /// <summary>The embeddings as they are stored. [V,C]</summary>
    public (nint Table, WeightFormat Format) Table(string name, int rows, int columns)
    {
        const int Part = 64 << 20;
        _ = Stored(name, rows, columns, columns, 1);
        var info = file.Find(path + name);
        var format = FloatFormat(name, keep: true);
        file.Data(path + name, out var data);
        var bytes = info.Count * (format == WeightFormat.Float32 ? sizeof(float) : sizeof(ushort));
        var range = arena.Take(bytes);
        if (info.Type is not (WeightType.Float32 or WeightType.BFloat16 or WeightType.Float16))
        {
            range.Write<float>(file.Floats(path + name));
            return (range.Pointer, format);
        }

        for (var first = 0L; first < bytes; first += Part)
        {
            range.Write(new ReadOnlySpan<byte>(data + first, (int)Math.Min(Part, bytes - first)), first);
        }

        return (range.Pointer, format);
    }

    private DenseProduct Dense(WeightFormat format, StoredMatrix source, int rows, int columns)
    {
        var (words, scales) = MatrixLayout.Dense(format, source, rows, columns).Upload(arena);
        return new DenseProduct { Weights = words, Scales = scales, Format = (int)format, Rows = rows, Tiles = MatrixLayout.TilesOf(columns) };
    }

    private StoredMatrix Stored(string name, int rows, int columns, long rowStride, long columnStride, long offset = 0)
    {
        var info = file.Find(path + name);
        if (info.Count < offset + ((long)rows * columns))
        {
            throw Mismatch(name, $"[{rows},{columns}]");
        }

        file.Data(path + name, out var data);
        return new StoredMatrix((nint)(data + (offset * info.Type.ItemSize())), info.Type, rowStride, columnStride);
    }

    private WeightFormat? IntegerFormat(bool isHead) => wanted switch
    {
        WeightPrecision.Int8 => WeightFormat.Int8,
        WeightPrecision.Int4 => isHead ? WeightFormat.Int8 : WeightFormat.Int4,
        _ => null,
    };

    private WeightFormat FloatFormat(string name, bool keep = false) => (keep ? WeightPrecision.Auto : wanted, file.Find(path + name).Type) switch
    {
        (WeightPrecision.BFloat16, _) => WeightFormat.BFloat16,
        (WeightPrecision.Float16, _) => WeightFormat.Float16,
        (_, WeightType.BFloat16) => WeightFormat.BFloat16,
        (_, WeightType.Float16) => WeightFormat.Float16,
        _ => WeightFormat.Float32,
    };

    private ModelFormatException Mismatch(string name, string expected) =>
        new($"'{file.Path}': '{path}{name}' is {WeightTypes.Describe(ShapeOf(name))}, expected {expected}.");
}
