using RwkvSk.Engine.Kernels.Cuda.Driver;
using TorchDevice = TorchSharp.torch.Device;

namespace RwkvSk.Engine.Models;

/// <summary>Where a model computes: libtorch's device, and where that is a GPU, the same GPU as the driver gives it.</summary>
/// <param name="torch">libtorch's.</param>
/// <param name="cuda">The driver's; null on the CPU. Disposed with this.</param>
internal sealed class ComputeDevice(TorchDevice torch, CudaContext? cuda) : IDisposable
{
    /// <summary>The oldest compute capability that our kernels are made for, 10 x major + minor.</summary>
    private const int LeastCapability = 80;

    /// <summary>The host.</summary>
    public static ComputeDevice Cpu { get; } = new(TorchSharp.torch.CPU, null);

    /// <summary>libtorch's name for it.</summary>
    public TorchDevice Torch => torch;

    /// <summary>The GPU; null on the CPU.</summary>
    public CudaContext? Cuda => cuda;

    /// <summary>Whether it is the CPU.</summary>
    public bool IsCpu => cuda is null;

    /// <summary>Whether a GPU is new enough for the kernels that decode.</summary>
    public bool HasKernels => cuda is { Device.Capability: >= LeastCapability };

    /// <inheritdoc/>
    public void Dispose() => cuda?.Dispose();
}
