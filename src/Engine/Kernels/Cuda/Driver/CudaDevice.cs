namespace RwkvSk.Engine.Kernels.Cuda.Driver;

/// <summary>What is known of a GPU.</summary>
/// <param name="Ordinal">Its number, 0 for the first.</param>
/// <param name="Name">As the driver names it.</param>
/// <param name="Capability">Compute capability, 10 x major + minor.</param>
/// <param name="Multiprocessors">How many.</param>
/// <param name="SharedBytes">Most dynamic shared memory of a block.</param>
/// <param name="MemoryBytes">All of its memory.</param>
internal sealed record CudaDevice(int Ordinal, string Name, int Capability, int Multiprocessors, int SharedBytes, long MemoryBytes)
{
    /// <summary>Asks the driver.</summary>
    /// <exception cref="CudaException">There is no such device.</exception>
    public static CudaDevice Read(ICudaDriver driver, int ordinal)
    {
        CudaErrors.Check(driver, driver.DeviceName(ordinal, out var name), "cuDeviceGetName");
        CudaErrors.Check(driver, driver.DeviceMemory(ordinal, out var bytes), "cuDeviceTotalMem");
        return new CudaDevice(
            ordinal, name, (10 * Attribute(CudaAttribute.ComputeCapabilityMajor)) + Attribute(CudaAttribute.ComputeCapabilityMinor),
            Attribute(CudaAttribute.MultiprocessorCount), Attribute(CudaAttribute.SharedMemoryPerBlock), bytes);

        int Attribute(CudaAttribute attribute)
        {
            CudaErrors.Check(driver, driver.DeviceAttribute(ordinal, attribute, out var value), "cuDeviceGetAttribute");
            return value;
        }
    }
}
