using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using RwkvSk.Engine.Weights;
using static TorchSharp.torch;

namespace RwkvSk.Engine.Models;

/// <summary>
/// Tensors over a checkpoint's mapping: no copy, the pages stay the file cache's. TorchSharp has no public way to wrap memory it does not own, so its
/// native constructor is called directly. The mapping must outlive the tensor, and nothing may write into it (the pages are read-only).
/// </summary>
internal static unsafe class MappedTensor
{
    /// <summary>Wraps one tensor of a checkpoint, on the CPU, in the type it is stored in.</summary>
    public static Tensor Wrap(IWeightFile file, string name)
    {
        var info = file.Find(name);
        file.Data(name, out var address);
        fixed (long* shape = info.Shape.ToArray())
        {
            var type = (sbyte)TypeOf(info, file.Path);
            var create = (delegate* unmanaged<byte*, delegate* unmanaged[Cdecl]<nint, void>, long*, int, sbyte, sbyte, int, int, byte, nint>)NativeLibrary.GetExport(LibTorchLoader.Bridge, "THSTensor_new");
            var handle = create(address, &NothingToFree, shape, info.Shape.Count, type, type, 0, -1, 0);
            return handle != 0 ? Tensor.UnsafeCreateTensor(handle) : throw new ModelFormatException($"libtorch refused tensor '{name}' of '{file.Path}'.");
        }
    }

    /// <summary>The type of a tensor as stored.</summary>
    /// <exception cref="ModelFormatException">It is none that weights have.</exception>
    public static ScalarType TypeOf(WeightInfo info, string path) => info.Type switch
    {
        WeightType.Float32 => ScalarType.Float32,
        WeightType.Float64 => ScalarType.Float64,
        WeightType.Float16 => ScalarType.Float16,
        WeightType.BFloat16 => ScalarType.BFloat16,
        WeightType.Int64 => ScalarType.Int64,
        WeightType.Int32 => ScalarType.Int32,
        _ => throw new ModelFormatException($"'{path}': tensor '{info.Name}' is {info.Type}, expected floating-point weights."),
    };

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static void NothingToFree(nint memory)
    {
    }
}
