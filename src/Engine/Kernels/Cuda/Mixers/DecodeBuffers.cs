using RwkvSk.Engine.Kernels.Cpu;
using RwkvSk.Engine.Kernels.Cuda.Driver;
using RwkvSk.Engine.Models;

namespace RwkvSk.Engine.Kernels.Cuda.Mixers;

/// <summary>Vectors on the device, one per position.</summary>
/// <param name="Pointer">The first.</param>
/// <param name="Stride">Numbers from a position's to the next one's: whole tiles, whose end stays zero.</param>
internal readonly record struct DeviceVectors(nint Pointer, int Stride)
{
    /// <summary>The same vectors from one of their numbers on.</summary>
    public DeviceVectors From(int first) => this with { Pointer = Pointer + (nint)(first * sizeof(float)) };
}

/// <summary>What a step computes with between its tokens and its logits, shared by all layers. [positions, C] unless said otherwise.</summary>
internal sealed class DecodeBuffers
{
    private readonly CudaContext _context;
    private readonly RwkvConfig _config;
    private readonly int _positions;
    private readonly Dictionary<(nint Vectors, WeightFormat Format), DeviceVectors> _rounded = [];

    /// <summary>Buffers for so many positions, a bucket's number.</summary>
    public DecodeBuffers(CudaContext context, RwkvConfig config, int positions)
    {
        (_context, _config, _positions) = (context, config, positions);
        Inputs = context.Allocate(2L * positions * sizeof(int));
        (X, Normed, Shifted) = (Take(config.Width), Take(config.Width), Take(config.Width));
        Mixed = [.. Enumerable.Range(0, 6).Select(_ => Take(config.Width))];
        (R, K, V, Gate) = (Take(config.Width), Take(config.Width), Take(config.Width), Take(config.Width));
        (FirstV, Y, Hidden) = (Take(config.Width), Take(config.Width), Take(config.FfnWidth));

        var tiles = (config.Width + CudaKernels.TileColumns - 1) / CudaKernels.TileColumns;
        Parts = context.Allocate((long)CudaKernels.SparseSplits(config.FfnWidth, CudaKernels.SparseRounds(tiles, config.FfnWidth)) * positions * tiles * CudaKernels.TileColumns * sizeof(float));
        Arrived = Cleared((long)tiles * positions * sizeof(uint));
    }

    /// <summary>Token ids, then slots: so that one copy brings both. int [2, positions of the bucket]</summary>
    public DeviceBuffer Inputs { get; }

    /// <summary>The residual stream.</summary>
    public DeviceVectors X { get; }

    /// <summary>x(t) after its norm.</summary>
    public DeviceVectors Normed { get; }

    /// <summary>x(t-1) - x(t).</summary>
    public DeviceVectors Shifted { get; }

    /// <summary>What the projections read.</summary>
    public IReadOnlyList<DeviceVectors> Mixed { get; }

    /// <summary>Receptance.</summary>
    public DeviceVectors R { get; }

    /// <summary>Key.</summary>
    public DeviceVectors K { get; }

    /// <summary>Value.</summary>
    public DeviceVectors V { get; }

    /// <summary>RWKV-6's gate.</summary>
    public DeviceVectors Gate { get; }

    /// <summary>RWKV-7: layer 0's values.</summary>
    public DeviceVectors FirstV { get; }

    /// <summary>What the output matrix reads.</summary>
    public DeviceVectors Y { get; }

    /// <summary>The channel mix's inner vectors. [positions, F]</summary>
    public DeviceVectors Hidden { get; }

    /// <summary>Sums of a sparse product's rows that are not added up yet.</summary>
    public DeviceBuffer Parts { get; }

    /// <summary>Blocks of it that have theirs.</summary>
    public DeviceBuffer Arrived { get; }

    /// <summary>More vectors, of any length.</summary>
    public DeviceVectors Take(int length)
    {
        var stride = (length + CudaKernels.TileColumns - 1) / CudaKernels.TileColumns * CudaKernels.TileColumns;
        return new DeviceVectors(Cleared((long)_positions * stride * sizeof(float)).Pointer, stride);
    }

    /// <summary>Where such vectors are copied to in a 16-bit format: the same stride, half the bytes.</summary>
    public DeviceVectors Rounded(DeviceVectors vectors, WeightFormat format)
    {
        if (!_rounded.TryGetValue((vectors.Pointer, format), out var rounded))
        {
            rounded = new DeviceVectors(Cleared((long)_positions * vectors.Stride * sizeof(ushort)).Pointer, vectors.Stride);
            _rounded.Add((vectors.Pointer, format), rounded);
        }

        return rounded;
    }

    // Zeros: products read a vector's end up to a whole tile, and nobody writes there.
    private DeviceBuffer Cleared(long bytes)
    {
        var buffer = _context.Allocate(bytes);
        _context.Stream.Fill(buffer, 0);
        return buffer;
    }
}
