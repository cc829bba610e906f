namespace RwkvSk.Engine.Kernels;

/// <summary>A pool of states in memory: the host's, or the GPU's.</summary>
/// <param name="Data">[L,slots,R,C] fp32.</param>
/// <param name="SlotCount">Slots. On a GPU the last one belongs to nobody: what a batch lacks to a size that there is a graph for is computed there.</param>
internal readonly record struct StatesInPlace(nint Data, int SlotCount);
