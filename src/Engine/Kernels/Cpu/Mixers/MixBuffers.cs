using RwkvSk.Engine.Models;

namespace RwkvSk.Engine.Kernels.Cpu;

/// <summary>The intermediate vectors of a step, one of each per position, shared by all layers. [C] unless said otherwise.</summary>
internal sealed class MixBuffers
{
    private readonly NativeArena _arena;
    private readonly int _positions;

    /// <summary>Buffers for a model.</summary>
    public MixBuffers(RwkvConfig config, int positions, NativeArena arena)
    {
        (_arena, _positions) = (arena, positions);
        (Normed, Shifted) = (Take(config.Width), Take(config.Width));
        (MixedR, MixedW, MixedK) = (Take(config.Width), Take(config.Width), Take(config.Width));
        (MixedV, MixedA, MixedG) = (Take(config.Width), Take(config.Width), Take(config.Width));
        (R, K, V, G) = (Take(config.Width), Take(config.Width), Take(config.Width), Take(config.Width));
        (FirstV, Y, Hidden) = (Take(config.Width), Take(config.Width), Take(config.FfnWidth));
    }

    /// <summary>x(t) after its norm.</summary>
    public Vectors Normed { get; }

    /// <summary>x(t-1) - x(t).</summary>
    public Vectors Shifted { get; }

    /// <summary>What the receptance reads.</summary>
    public Vectors MixedR { get; }

    /// <summary>What the decay reads.</summary>
    public Vectors MixedW { get; }

    /// <summary>What the key reads.</summary>
    public Vectors MixedK { get; }

    /// <summary>What the value reads.</summary>
    public Vectors MixedV { get; }

    /// <summary>What RWKV-7's in-context rate, or RWKV-6's choice of mixes, reads.</summary>
    public Vectors MixedA { get; }

    /// <summary>What the gate reads.</summary>
    public Vectors MixedG { get; }

    /// <summary>Receptance.</summary>
    public Vectors R { get; }

    /// <summary>Key.</summary>
    public Vectors K { get; }

    /// <summary>Value.</summary>
    public Vectors V { get; }

    /// <summary>Gate.</summary>
    public Vectors G { get; }

    /// <summary>RWKV-7: layer 0's values.</summary>
    public Vectors FirstV { get; }

    /// <summary>What the output matrix reads.</summary>
    public Vectors Y { get; }

    /// <summary>The channel mix's inner vectors. [F]</summary>
    public Vectors Hidden { get; }

    /// <summary>Where the first of <see cref="Hidden"/> is not zero; null in versions that do not look for that.</summary>
    public FilledUnits? Filled { get; private set; }

    /// <summary><see cref="Filled"/> for the matrix that reads it: the same list for all layers, in whose matrices columns are packed alike.</summary>
    public FilledUnits FilledFor(PackedMatrix matrix) => Filled = Filled?.Unit == matrix.Product.UnitColumns
        ? Filled
        : new FilledUnits(matrix.Columns, matrix.Product.UnitColumns, _arena, matrix.Product.MostFilled);

    /// <summary>More of them, of any length.</summary>
    public Vectors Take(int length) => Vectors.Take(_arena, _positions, length);
}

/// <summary>What every mixer of a model computes with.</summary>
/// <param name="Config">The sizes.</param>
/// <param name="Frame">The step.</param>
/// <param name="Buffers">Its intermediate vectors.</param>
/// <param name="Vectors">Kernels over whole vectors.</param>
/// <param name="Pool">The threads.</param>
internal sealed record MixerParts(RwkvConfig Config, DecodeFrame Frame, MixBuffers Buffers, VectorKernels Vectors, WorkerPool Pool)
{
    /// <summary>A pass over products of this step.</summary>
    public ProductPass Products(params Product[] products) => new(Frame.Count, Frame.Capacity, products);
}
