using RwkvSk.Engine.States;

namespace RwkvSk.Engine.Kernels.Cpu;

/// <summary>
/// What a step works on: the residual stream of its positions and where their states lie. Positions of one sequence stand in their order, so that whoever goes through
/// them one by one finds the state as the position before left it.
/// </summary>
internal sealed unsafe class DecodeFrame
{
    private readonly int[] _slots;
    private readonly StateLayout _layout;
    private readonly float* _states;
    private readonly int _slotCount;

    /// <summary>A frame over a pool of states.</summary>
    /// <param name="states">[L,slots,R,C]</param>
    /// <param name="slotCount">Slots of the pool.</param>
    /// <param name="layout">The shape of one state.</param>
    /// <param name="positions">Most positions of a step.</param>
    /// <param name="arena">Where the residual stream is kept.</param>
    public DecodeFrame(float* states, int slotCount, StateLayout layout, int positions, NativeArena arena)
    {
        _states = states;
        (_slotCount, _layout) = (slotCount, layout);
        _slots = new int[positions];
        X = Vectors.Take(arena, positions, layout.Width);
    }

    /// <summary>Positions of this step.</summary>
    public VectorCount Count { get; } = new();

    /// <summary>Most positions of a step.</summary>
    public int Capacity => _slots.Length;

    /// <summary>The residual stream. [positions, C]</summary>
    public Vectors X { get; }

    /// <summary>Puts a position into the step.</summary>
    public void Place(int position, int slot) => _slots[position] = slot;

    /// <summary>A position's state in a layer. [R,C]</summary>
    public float* State(int layer, int position) => _states + (((((long)layer * _slotCount) + _slots[position]) * _layout.RowCount) * _layout.Width);

    /// <summary>One row of it. [C]</summary>
    public float* StateRow(int layer, int position, int row) => State(layer, position) + ((long)row * _layout.Width);
}

/// <summary>A time mix or a channel mix of one layer: adds its output to the frame's residual stream and advances the states.</summary>
internal interface IDecodeMixer
{
    void Forward(DecodeFrame frame);
}
