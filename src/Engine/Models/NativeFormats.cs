using System.Runtime.Intrinsics.X86;

namespace RwkvSk.Engine.Models;

/// <summary>Which number formats this processor multiplies by itself; elsewhere libtorch imitates them, slower than fp32.</summary>
internal static class NativeFormats
{
    /// <summary>Whether bf16 products are native: AVX512_BF16 or AMX-BF16.</summary>
    public static bool HasBFloat16 { get; } = X86Base.IsSupported && Bit(X86Base.CpuId(7, 1).Eax, 5) | Bit(X86Base.CpuId(7, 0).Edx, 22);

    private static bool Bit(int register, int bit) => ((register >> bit) & 1) != 0;
}
