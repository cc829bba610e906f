using System.Runtime.InteropServices;

namespace RwkvSk.Engine.Kernels.Cuda.Parameters;

/// <summary>Parameters of the recurrences over many positions; see <c>spans.h</c>.</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct SpanOfPositions
{
    public nint R, LogDecay, K, V, A, B, Y, State, Slots;
    public long SlotStride;
    public int Positions, Heads, Size;
}
