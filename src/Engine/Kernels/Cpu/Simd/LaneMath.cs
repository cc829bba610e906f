using System.Runtime.CompilerServices;

namespace RwkvSk.Engine.Kernels.Cpu;

/// <summary>What the mixers need beyond arithmetic, lane by lane.</summary>
internal static class LaneMath<TLanes>
    where TLanes : struct, ILanes<TLanes>
{
    /// <summary>1 / (1 + e^-x).</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TLanes Sigmoid(TLanes x)
    {
        var one = TLanes.Broadcast(1);
        return one / (one + TLanes.Exp(default(TLanes) - x));
    }
}
