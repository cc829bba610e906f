using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace RwkvSk.Engine.Kernels.Torch.Spans;

/// <summary>How numbers lie in a tensor; they are computed in fp32.</summary>
internal unsafe interface IElement
{
    /// <summary>16 numbers from <paramref name="index"/> on.</summary>
    static abstract Vector512<float> Load(void* data, nint index);

    /// <summary>Writes 16 numbers, rounded to nearest.</summary>
    static abstract void Store(void* data, nint index, Vector512<float> values);
}

/// <summary>fp32.</summary>
internal readonly unsafe struct SingleElement : IElement
{
    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<float> Load(void* data, nint index) => Vector512.Load((float*)data + index);

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Store(void* data, nint index, Vector512<float> values) => values.Store((float*)data + index);
}

/// <summary>bf16: the upper half of an fp32.</summary>
internal readonly unsafe struct BrainElement : IElement
{
    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<float> Load(void* data, nint index) =>
        (Avx512F.ConvertToVector512UInt32(Vector256.Load((ushort*)data + index)) << 16).AsSingle();

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Store(void* data, nint index, Vector512<float> values)
    {
        // Ties to even, as libtorch rounds. NaN is no activation of a model that can be used; it stays one, for its quiet bit is in the upper half.
        var bits = values.AsUInt32();
        var rounded = (bits + Vector512.Create(0x7FFFu) + ((bits >> 16) & Vector512<uint>.One)) >> 16;
        Avx512F.ConvertToVector256UInt16(rounded).Store((ushort*)data + index);
    }
}
