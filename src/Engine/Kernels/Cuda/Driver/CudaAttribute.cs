namespace RwkvSk.Engine.Kernels.Cuda.Driver;

/// <summary>What can be asked of a device (CUdevice_attribute).</summary>
internal enum CudaAttribute
{
    MultiprocessorCount = 16,
    ComputeCapabilityMajor = 75,
    ComputeCapabilityMinor = 76,

    /// <summary>Most dynamic shared memory of a block, for kernels that ask for it. Bytes.</summary>
    SharedMemoryPerBlock = 97,
}
