using RwkvSk.Engine.Kernels.Cuda.Driver;
using RwkvSk.Engine.States;

namespace RwkvSk.Engine.Kernels.Cuda;

/// <summary>A pool in the GPU's memory: the layers of a slot, which lie a pool's width apart, are copied as one through pinned memory.</summary>
internal sealed class DeviceStates : IStateMemory
{
    private readonly CudaContext _context;
    private readonly StatesInPlace _states;
    private readonly StateLayout _layout;
    private readonly PinnedBuffer _staging;

    /// <summary>Takes staging memory of one state.</summary>
    /// <param name="context">The GPU.</param>
    /// <param name="states">The pool, which outlives this.</param>
    /// <param name="layout">The shape of a slot's state.</param>
    public DeviceStates(CudaContext context, StatesInPlace states, StateLayout layout)
    {
        (_context, _states, _layout) = (context, states, layout);
        _staging = context.Pin((long)layout.Length * sizeof(float));
    }

    /// <inheritdoc/>
    public void Capture(int slot, Span<float> state)
    {
        _context.MakeCurrent();
        _context.Stream.Copy(Rows(slot, CopyDirection.ToHost));
        _context.Stream.Synchronize();
        _staging.Span<float>().CopyTo(state);
    }

    /// <inheritdoc/>
    public void Restore(int slot, ReadOnlySpan<float> state)
    {
        _context.MakeCurrent();
        state.CopyTo(_staging.Span<float>());
        _context.Stream.Copy(Rows(slot, CopyDirection.ToDevice));
        _context.Stream.Synchronize();   // the staging memory is free again
    }

    /// <inheritdoc/>
    public void Dispose() => _staging.Dispose();

    private PitchedCopy Rows(int slot, CopyDirection direction)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual((uint)slot, (uint)_states.SlotCount, nameof(slot));
        var bytes = (long)_layout.RowCount * _layout.Width * sizeof(float);
        var (inPool, pitch) = (_states.Data + (nint)(slot * bytes), _states.SlotCount * bytes);
        return direction == CopyDirection.ToHost
            ? new PitchedCopy(direction, _staging.Pointer, bytes, inPool, pitch, bytes, _layout.LayerCount)
            : new PitchedCopy(direction, inPool, pitch, _staging.Pointer, bytes, bytes, _layout.LayerCount);
    }
}
