using RwkvSk.Engine.States;

namespace RwkvSk.Engine.Kernels.Cpu;

/// <summary>A pool in the host's memory: a layer after the other is copied.</summary>
/// <param name="states">The pool, which outlives this.</param>
/// <param name="layout">The shape of a slot's state.</param>
internal sealed unsafe class HostStates(StatesInPlace states, StateLayout layout) : IStateMemory
{
    private readonly int _length = layout.RowCount * layout.Width;

    /// <inheritdoc/>
    public void Capture(int slot, Span<float> state)
    {
        for (var layer = 0; layer < layout.LayerCount; layer++)
        {
            Layer(layer, slot).CopyTo(state[(layer * _length)..]);
        }
    }

    /// <inheritdoc/>
    public void Restore(int slot, ReadOnlySpan<float> state)
    {
        for (var layer = 0; layer < layout.LayerCount; layer++)
        {
            state.Slice(layer * _length, _length).CopyTo(Layer(layer, slot));
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
    }

    // [R,C]
    private Span<float> Layer(int layer, int slot)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual((uint)slot, (uint)states.SlotCount, nameof(slot));
        return new Span<float>((float*)states.Data + ((((long)layer * states.SlotCount) + slot) * _length), _length);
    }
}
