using System.Runtime.Intrinsics;

namespace RwkvSk.Engine.Kernels.Cpu;

/// <summary>How wide the vectors are that the kernels compute with. Every level works on every machine; the ones it has no registers for are slow.</summary>
internal enum SimdLevel
{
    /// <summary>One number at a time.</summary>
    Scalar = 1,

    /// <summary>4 fp32 numbers: SSE, NEON.</summary>
    Vector128 = 4,

    /// <summary>8 fp32 numbers: AVX2.</summary>
    Vector256 = 8,

    /// <summary>16 fp32 numbers: AVX-512.</summary>
    Vector512 = 16,
}

/// <summary>Which level to use.</summary>
internal static class SimdLevels
{
    /// <summary>
    /// The widest level this process has hardware for. The runtime's own switches (<c>DOTNET_EnableAVX512=0</c>, <c>DOTNET_EnableAVX2=0</c>,
    /// <c>DOTNET_EnableHWIntrinsic=0</c>) narrow it.
    /// </summary>
    public static SimdLevel Best { get; } =
        Vector512.IsHardwareAccelerated ? SimdLevel.Vector512 :
        Vector256.IsHardwareAccelerated ? SimdLevel.Vector256 :
        Vector128.IsHardwareAccelerated ? SimdLevel.Vector128 :
        SimdLevel.Scalar;

    /// <summary>The widest level, at most <paramref name="level"/>, whose vectors divide <paramref name="length"/>: a kernel over such a length has no remainder to care for.</summary>
    public static SimdLevel Dividing(this SimdLevel level, int length) =>
        level >= SimdLevel.Vector512 && length % 16 == 0 ? SimdLevel.Vector512 :
        level >= SimdLevel.Vector256 && length % 8 == 0 ? SimdLevel.Vector256 :
        level >= SimdLevel.Vector128 && length % 4 == 0 ? SimdLevel.Vector128 :
        SimdLevel.Scalar;
}
