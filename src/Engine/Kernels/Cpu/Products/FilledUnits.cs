using System.Runtime.CompilerServices;

namespace RwkvSk.Engine.Kernels.Cpu;

/// <summary>
/// Where one vector is not zero, in the units its matrix's columns are packed in: what a product may leave out without another result. relu squared leaves most of a channel
/// mix's inner vector at zero once a model is trained.
/// </summary>
internal sealed unsafe class FilledUnits
{
    /// <summary>
    /// How many units beyond its end the list can be read: they repeat the last one. Memory is asked for so far ahead; what lies in between comes in no order that the processor
    /// could guess.
    /// </summary>
    public const int Ahead = 40;

    private readonly int* _units;
    private readonly double _mostFilled;
    private long _seen, _filled;

    /// <summary>Reserves the list.</summary>
    /// <param name="columns">Length of the vector.</param>
    /// <param name="unit">Columns of a unit, an even number: <see cref="BlockProduct.UnitColumns"/>.</param>
    /// <param name="arena">Where the list goes.</param>
    /// <param name="mostFilled">Share of filled units up to which leaving out the others pays: <see cref="BlockProduct.MostFilled"/>.</param>
    public FilledUnits(int columns, int unit, NativeArena arena, double mostFilled)
    {
        (Unit, All, _mostFilled) = (unit, (columns + unit - 1) / unit, mostFilled);
        _units = (int*)arena.Take((All + Ahead) * sizeof(int));
    }

    /// <summary>Columns of a unit.</summary>
    public int Unit { get; }

    /// <summary>Units of the whole vector.</summary>
    public int All { get; }

    /// <summary>Units that hold something.</summary>
    public int Count { get; private set; }

    /// <summary>Their numbers, ascending. [<see cref="Count"/> + <see cref="Ahead"/>]</summary>
    public int* Units => _units;

    /// <summary>Whether so few are filled that leaving out the others pays.</summary>
    public bool IsWorthwhile => Count <= _mostFilled * All;

    /// <summary>Share of the units looked through so far that could be left out; for measurements.</summary>
    public double EmptyShare => _seen == 0 ? 0 : 1 - (_filled / (double)_seen);

    /// <summary>Looks through a vector. Without branches: a trained model's zeros cannot be foreseen.</summary>
    /// <param name="x">Readable to the end of its last unit.</param>
    public void Find(float* x)
    {
        var count = 0;
        for (var unit = 0; unit < All; unit++)
        {
            _units[count] = unit;
            count += IsFilled(x + ((long)unit * Unit));
        }

        Count = count;
        (_seen, _filled) = (_seen + All, _filled + count);
        new Span<int>(_units + count, Ahead).Fill(count == 0 ? 0 : _units[count - 1]);
    }

    // All bits but the signs: -0 is as empty as 0.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private int IsFilled(float* x)
    {
        var bits = 0UL;
        for (var i = 0; i < Unit; i += 2)
        {
            bits |= *(ulong*)(x + i);
        }

        return (bits & 0x7FFF_FFFF_7FFF_FFFF) == 0 ? 0 : 1;
    }
}
