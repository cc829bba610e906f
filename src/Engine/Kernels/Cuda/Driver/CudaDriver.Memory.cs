using System.Runtime.InteropServices;

namespace RwkvSk.Engine.Kernels.Cuda.Driver;

// Memory, streams, events and graphs.
internal sealed unsafe partial class CudaDriver
{
    private readonly CudaExports _cu;

    /// <inheritdoc/>
    public CudaStatus Allocate(long bytes, out nint pointer)
    {
        fixed (nint* result = &pointer)
        {
            return _cu.MemAlloc(result, (nuint)bytes);
        }
    }

    /// <inheritdoc/>
    public CudaStatus Free(nint pointer) => _cu.MemFree(pointer);

    /// <inheritdoc/>
    public CudaStatus MemoryInfo(out long free, out long total)
    {
        nuint left = 0, all = 0;
        var status = _cu.MemGetInfo(&left, &all);
        (free, total) = ((long)left, (long)all);
        return status;
    }

    /// <inheritdoc/>
    public CudaStatus AllocatePinned(long bytes, out nint pointer)
    {
        fixed (nint* result = &pointer)
        {
            return _cu.MemHostAlloc(result, (nuint)bytes, 0);
        }
    }

    /// <inheritdoc/>
    public CudaStatus FreePinned(nint pointer) => _cu.MemFreeHost(pointer);

    /// <inheritdoc/>
    public CudaStatus CopyToDevice(nint target, void* source, long bytes) => _cu.MemcpyHtoD(target, source, (nuint)bytes);

    /// <inheritdoc/>
    public CudaStatus CopyToHost(void* target, nint source, long bytes) => _cu.MemcpyDtoH(target, source, (nuint)bytes);

    /// <inheritdoc/>
    public CudaStatus QueueCopyToDevice(nint target, void* source, long bytes, nint stream) => _cu.MemcpyHtoDAsync(target, source, (nuint)bytes, stream);

    /// <inheritdoc/>
    public CudaStatus QueueCopyToHost(void* target, nint source, long bytes, nint stream) => _cu.MemcpyDtoHAsync(target, source, (nuint)bytes, stream);

    /// <inheritdoc/>
    public CudaStatus QueueCopyOnDevice(nint target, nint source, long bytes, nint stream) => _cu.MemcpyDtoDAsync(target, source, (nuint)bytes, stream);

    /// <inheritdoc/>
    public CudaStatus QueueCopyRows(in PitchedCopy copy, nint stream)
    {
        var (fromHost, toHost) = (copy.Direction == CopyDirection.ToDevice, copy.Direction == CopyDirection.ToHost);
        var native = new Memcpy2D
        {
            SourceType = fromHost ? HostSide : DeviceSide,
            SourceHost = fromHost ? copy.Source : 0,
            SourceDevice = fromHost ? 0 : copy.Source,
            SourcePitch = (nuint)copy.SourcePitch,
            TargetType = toHost ? HostSide : DeviceSide,
            TargetHost = toHost ? copy.Target : 0,
            TargetDevice = toHost ? 0 : copy.Target,
            TargetPitch = (nuint)copy.TargetPitch,
            WidthInBytes = (nuint)copy.RowBytes,
            Height = (nuint)copy.Rows,
        };
        return _cu.Memcpy2DAsync(&native, stream);
    }

    /// <inheritdoc/>
    public CudaStatus QueueFill(nint target, byte value, long bytes, nint stream) => _cu.MemsetD8Async(target, value, (nuint)bytes, stream);

    /// <inheritdoc/>
    public CudaStatus CreateStream(out nint stream)
    {
        fixed (nint* result = &stream)
        {
            return _cu.StreamCreate(result, NonBlocking);
        }
    }

    /// <inheritdoc/>
    public CudaStatus SynchronizeStream(nint stream) => _cu.StreamSynchronize(stream);

    /// <inheritdoc/>
    public CudaStatus DestroyStream(nint stream) => _cu.StreamDestroy(stream);

    /// <inheritdoc/>
    public CudaStatus CreateEvent(out nint created)
    {
        fixed (nint* result = &created)
        {
            return _cu.EventCreate(result, 0);
        }
    }

    /// <inheritdoc/>
    public CudaStatus RecordEvent(nint recorded, nint stream) => _cu.EventRecord(recorded, stream);

    /// <inheritdoc/>
    public CudaStatus SynchronizeEvent(nint awaited) => _cu.EventSynchronize(awaited);

    /// <inheritdoc/>
    public CudaStatus ElapsedTime(nint from, nint to, out float milliseconds)
    {
        fixed (float* result = &milliseconds)
        {
            return _cu.EventElapsedTime(result, from, to);
        }
    }

    /// <inheritdoc/>
    public CudaStatus DestroyEvent(nint destroyed) => _cu.EventDestroy(destroyed);

    /// <inheritdoc/>
    public CudaStatus BeginCapture(nint stream) => _cu.StreamBeginCapture(stream, ThreadLocal);

    /// <inheritdoc/>
    public CudaStatus EndCapture(nint stream, out nint graph)
    {
        fixed (nint* result = &graph)
        {
            return _cu.StreamEndCapture(stream, result);
        }
    }

    /// <inheritdoc/>
    public CudaStatus Instantiate(nint graph, out nint executable)
    {
        fixed (nint* result = &executable)
        {
            return _cu.GraphInstantiate(result, graph, 0);
        }
    }

    /// <inheritdoc/>
    public CudaStatus LaunchGraph(nint executable, nint stream) => _cu.GraphLaunch(executable, stream);

    /// <inheritdoc/>
    public CudaStatus DestroyExecutable(nint executable) => _cu.GraphExecDestroy(executable);

    /// <inheritdoc/>
    public CudaStatus DestroyGraph(nint graph) => _cu.GraphDestroy(graph);

    // CUDA_MEMCPY2D_v2; the offsets and arrays that are not used stay zero.
    [StructLayout(LayoutKind.Sequential)]
    internal struct Memcpy2D
    {
        public nuint SourceX, SourceY;
        public uint SourceType;
        public nint SourceHost, SourceDevice, SourceArray;
        public nuint SourcePitch;
        public nuint TargetX, TargetY;
        public uint TargetType;
        public nint TargetHost, TargetDevice, TargetArray;
        public nuint TargetPitch;
        public nuint WidthInBytes, Height;
    }
}
