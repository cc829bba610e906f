namespace RwkvSk.Engine.Kernels;

/// <summary>How a slot's state is copied out of the pool and into it.</summary>
internal interface IStateMemory : IDisposable
{
    /// <summary>Copies out what a slot has read.</summary>
    /// <param name="slot">The slot.</param>
    /// <param name="state">Receives [L,R,C].</param>
    void Capture(int slot, Span<float> state);

    /// <summary>Puts a state into a slot.</summary>
    /// <param name="slot">The slot.</param>
    /// <param name="state">[L,R,C]</param>
    void Restore(int slot, ReadOnlySpan<float> state);
}
