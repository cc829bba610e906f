namespace RwkvSk.Engine.Kernels.Cuda.Driver;

/// <summary>
/// The functions of NVIDIA's driver that are used, one method each, nothing decided and nothing thrown: <see cref="CudaContext"/> and what it makes check the answers.
/// All but the questions about devices act on the calling thread's current context. Sizes are bytes; a handle of zero is none.
/// </summary>
internal unsafe interface ICudaDriver
{
    /// <summary>cuInit: before everything else, any number of times.</summary>
    CudaStatus Init();

    /// <summary>cuDriverGetVersion: the newest CUDA that the driver knows, 1000 x major + 10 x minor.</summary>
    CudaStatus DriverVersion(out int version);

    /// <summary>cuDeviceGetCount.</summary>
    CudaStatus DeviceCount(out int count);

    /// <summary>cuDeviceGetName.</summary>
    CudaStatus DeviceName(int device, out string name);

    /// <summary>cuDeviceGetAttribute.</summary>
    CudaStatus DeviceAttribute(int device, CudaAttribute attribute, out int value);

    /// <summary>cuDeviceTotalMem.</summary>
    CudaStatus DeviceMemory(int device, out long bytes);

    /// <summary>cuDevicePrimaryCtxRetain: the context that the CUDA runtime, and so libtorch, uses.</summary>
    CudaStatus RetainPrimaryContext(int device, out nint context);

    /// <summary>cuDevicePrimaryCtxRelease.</summary>
    CudaStatus ReleasePrimaryContext(int device);

    /// <summary>cuCtxSetCurrent, for the calling thread.</summary>
    CudaStatus SetCurrentContext(nint context);

    /// <summary>cuModuleLoadDataEx: translates PTX for the device.</summary>
    /// <param name="ptx">The text, ended by a zero.</param>
    /// <param name="module">The module.</param>
    /// <param name="log">What the translator says, empty if nothing.</param>
    CudaStatus LoadModule(ReadOnlySpan<byte> ptx, out nint module, out string log);

    /// <summary>cuModuleUnload.</summary>
    CudaStatus UnloadModule(nint module);

    /// <summary>cuModuleGetFunction.</summary>
    CudaStatus FindFunction(nint module, string name, out nint function);

    /// <summary>cuFuncSetAttribute: lets a kernel have that much dynamic shared memory; 48 KiB need no leave.</summary>
    CudaStatus AllowSharedMemory(nint function, int bytes);

    /// <summary>cuMemAlloc.</summary>
    CudaStatus Allocate(long bytes, out nint pointer);

    /// <summary>cuMemFree: waits for the device.</summary>
    CudaStatus Free(nint pointer);

    /// <summary>cuMemGetInfo.</summary>
    CudaStatus MemoryInfo(out long free, out long total);

    /// <summary>cuMemHostAlloc: host memory that does not move, which copies run to and from without a stop in between.</summary>
    CudaStatus AllocatePinned(long bytes, out nint pointer);

    /// <summary>cuMemFreeHost.</summary>
    CudaStatus FreePinned(nint pointer);

    /// <summary>cuMemcpyHtoD: returns when the source has been read; not ordered with non-blocking streams.</summary>
    CudaStatus CopyToDevice(nint target, void* source, long bytes);

    /// <summary>cuMemcpyDtoH: returns when the target is written; not ordered with non-blocking streams.</summary>
    CudaStatus CopyToHost(void* target, nint source, long bytes);

    /// <summary>cuMemcpyHtoDAsync: pinned memory is read when the stream gets there.</summary>
    CudaStatus QueueCopyToDevice(nint target, void* source, long bytes, nint stream);

    /// <summary>cuMemcpyDtoHAsync.</summary>
    CudaStatus QueueCopyToHost(void* target, nint source, long bytes, nint stream);

    /// <summary>cuMemcpyDtoDAsync.</summary>
    CudaStatus QueueCopyOnDevice(nint target, nint source, long bytes, nint stream);

    /// <summary>cuMemcpy2DAsync.</summary>
    CudaStatus QueueCopyRows(in PitchedCopy copy, nint stream);

    /// <summary>cuMemsetD8Async.</summary>
    CudaStatus QueueFill(nint target, byte value, long bytes, nint stream);

    /// <summary>cuStreamCreate, not blocking: independent of the default stream.</summary>
    CudaStatus CreateStream(out nint stream);

    /// <summary>cuStreamSynchronize.</summary>
    CudaStatus SynchronizeStream(nint stream);

    /// <summary>cuStreamDestroy.</summary>
    CudaStatus DestroyStream(nint stream);

    /// <summary>cuEventCreate, with a clock.</summary>
    CudaStatus CreateEvent(out nint created);

    /// <summary>cuEventRecord.</summary>
    CudaStatus RecordEvent(nint recorded, nint stream);

    /// <summary>cuEventSynchronize.</summary>
    CudaStatus SynchronizeEvent(nint awaited);

    /// <summary>cuEventElapsedTime: between two that have happened.</summary>
    CudaStatus ElapsedTime(nint from, nint to, out float milliseconds);

    /// <summary>cuEventDestroy.</summary>
    CudaStatus DestroyEvent(nint destroyed);

    /// <summary>cuLaunchKernel.</summary>
    /// <param name="function">The kernel.</param>
    /// <param name="shape">Blocks and threads.</param>
    /// <param name="arguments">One pointer per parameter, to its value; read before this returns.</param>
    /// <param name="stream">Where.</param>
    CudaStatus Launch(nint function, in LaunchShape shape, void** arguments, nint stream);

    /// <summary>cuStreamBeginCapture, of this thread's calls.</summary>
    CudaStatus BeginCapture(nint stream);

    /// <summary>cuStreamEndCapture.</summary>
    CudaStatus EndCapture(nint stream, out nint graph);

    /// <summary>cuGraphInstantiateWithFlags.</summary>
    CudaStatus Instantiate(nint graph, out nint executable);

    /// <summary>cuGraphLaunch.</summary>
    CudaStatus LaunchGraph(nint executable, nint stream);

    /// <summary>cuGraphExecDestroy.</summary>
    CudaStatus DestroyExecutable(nint executable);

    /// <summary>cuGraphDestroy.</summary>
    CudaStatus DestroyGraph(nint graph);

    /// <summary>cuGetErrorName and cuGetErrorString.</summary>
    (string Name, string Sentence) Describe(CudaStatus status);
}
