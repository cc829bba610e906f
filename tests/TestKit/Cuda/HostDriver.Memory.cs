using System.Runtime.InteropServices;
using RwkvSk.Engine.Kernels.Cuda.Driver;

namespace RwkvSk.TestKit.Cuda;

// Memory and copies.
internal sealed unsafe partial class HostDriver
{
    private readonly GuardedMemory _device = new(), _pinned = new();
    private readonly List<(nint Start, long Bytes)> _foreign = [];

    /// <summary>Bytes that were copied from the device to the host, by graphs too, when they were.</summary>
    public long BytesToHost { get; private set; }

    /// <summary>Bytes of device memory that are taken.</summary>
    public long DeviceBytes => _device.Bytes;

    /// <summary>Makes memory of somebody else, as libtorch's is, count as device memory.</summary>
    public void Adopt(nint pointer, long bytes) => _foreign.Add((pointer, bytes));

    /// <inheritdoc/>
    public CudaStatus Allocate(long bytes, out nint pointer)
    {
        pointer = 0;
        if (EnterOutsideRecording("cuMemAlloc") is not CudaStatus.Success and var failed)
        {
            return failed;
        }

        if (bytes <= 0)
        {
            return CudaStatus.InvalidValue;
        }

        if (_device.Bytes + bytes > MemoryBytes)
        {
            return CudaStatus.OutOfMemory;
        }

        pointer = _device.Take(bytes);
        return CudaStatus.Success;
    }

    /// <inheritdoc/>
    public CudaStatus Free(nint pointer)
    {
        Log.Add("cuMemFree");
        DrainAll();   // the real one waits for the device
        return Give(_device, pointer);
    }

    /// <inheritdoc/>
    public CudaStatus MemoryInfo(out long free, out long total)
    {
        (free, total) = (MemoryBytes - _device.Bytes, MemoryBytes);
        return HasContext ? CudaStatus.Success : CudaStatus.InvalidContext;
    }

    /// <inheritdoc/>
    public CudaStatus AllocatePinned(long bytes, out nint pointer)
    {
        pointer = 0;
        if (EnterOutsideRecording("cuMemHostAlloc") is not CudaStatus.Success and var failed)
        {
            return failed;
        }

        pointer = _pinned.Take(bytes);
        return CudaStatus.Success;
    }

    /// <inheritdoc/>
    public CudaStatus FreePinned(nint pointer)
    {
        Log.Add("cuMemFreeHost");
        DrainAll();
        return Give(_pinned, pointer);
    }

    /// <inheritdoc/>
    public CudaStatus CopyToDevice(nint target, void* source, long bytes) =>
        EnterOutsideRecording("cuMemcpyHtoD") is not CudaStatus.Success and var failed ? failed
        : !OnDevice(target, bytes) ? CudaStatus.InvalidValue
        : Move(target, (nint)source, bytes);

    /// <inheritdoc/>
    public CudaStatus CopyToHost(void* target, nint source, long bytes) =>
        EnterOutsideRecording("cuMemcpyDtoH") is not CudaStatus.Success and var failed ? failed
        : !OnDevice(source, bytes) ? CudaStatus.InvalidValue
        : ToHost((nint)target, source, bytes);

    /// <inheritdoc/>
    public CudaStatus QueueCopyToDevice(nint target, void* source, long bytes, nint stream) =>
        CopyRows("cuMemcpyHtoDAsync", new PitchedCopy(CopyDirection.ToDevice, target, bytes, (nint)source, bytes, bytes, 1), stream);

    /// <inheritdoc/>
    public CudaStatus QueueCopyToHost(void* target, nint source, long bytes, nint stream) =>
        CopyRows("cuMemcpyDtoHAsync", new PitchedCopy(CopyDirection.ToHost, (nint)target, bytes, source, bytes, bytes, 1), stream);

    /// <inheritdoc/>
    public CudaStatus QueueCopyOnDevice(nint target, nint source, long bytes, nint stream) =>
        CopyRows("cuMemcpyDtoDAsync", new PitchedCopy(CopyDirection.OnDevice, target, bytes, source, bytes, bytes, 1), stream);

    /// <inheritdoc/>
    public CudaStatus QueueCopyRows(in PitchedCopy copy, nint stream) => CopyRows("cuMemcpy2DAsync", copy, stream);

    /// <inheritdoc/>
    public CudaStatus QueueFill(nint target, byte value, long bytes, nint stream)
    {
        if (Enter("cuMemsetD8Async") is not CudaStatus.Success and var failed)
        {
            return failed;
        }

        return OnDevice(target, bytes) ? Put(stream, () => NativeMemory.Fill((void*)target, (nuint)bytes, value)) : CudaStatus.InvalidValue;
    }

    private CudaStatus CopyRows(string call, PitchedCopy copy, nint stream)
    {
        if (Enter(call) is not CudaStatus.Success and var failed)
        {
            return failed;
        }

        var (sourceBytes, targetBytes) = (Extent(copy.SourcePitch), Extent(copy.TargetPitch));
        if (copy.RowBytes > copy.SourcePitch || copy.RowBytes > copy.TargetPitch
            || (copy.Direction != CopyDirection.ToDevice && !OnDevice(copy.Source, sourceBytes))
            || (copy.Direction != CopyDirection.ToHost && !OnDevice(copy.Target, targetBytes)))
        {
            return CudaStatus.InvalidValue;
        }

        var (host, hostBytes) = copy.Direction == CopyDirection.ToHost ? (copy.Target, targetBytes) : (copy.Source, sourceBytes);
        if (copy.Direction == CopyDirection.OnDevice || _pinned.Contains(host, hostBytes))
        {
            return Put(stream, () => Rows(copy));
        }

        // Memory that can move is read or written before the call returns, and cannot be recorded.
        if (_recording is not null)
        {
            return Spoil();
        }

        if (copy.Direction == CopyDirection.ToHost)
        {
            Drain(stream);
            Rows(copy);
            return _sticky;
        }

        var staged = new byte[sourceBytes];
        new ReadOnlySpan<byte>((void*)copy.Source, staged.Length).CopyTo(staged);
        return Put(stream, () =>
        {
            fixed (byte* source = staged)
            {
                Rows(copy with { Source = (nint)source });
            }
        });

        long Extent(long pitch) => (pitch * (copy.Rows - 1)) + copy.RowBytes;
    }

    private CudaStatus ToHost(nint target, nint source, long bytes)
    {
        BytesToHost += bytes;
        return Move(target, source, bytes);
    }

    private void Rows(PitchedCopy copy)
    {
        BytesToHost += copy.Direction == CopyDirection.ToHost ? copy.Rows * copy.RowBytes : 0;
        for (var row = 0L; row < copy.Rows; row++)
        {
            _ = Move(copy.Target + (nint)(row * copy.TargetPitch), copy.Source + (nint)(row * copy.SourcePitch), copy.RowBytes);
        }
    }

    private static CudaStatus Move(nint target, nint source, long bytes)
    {
        Buffer.MemoryCopy((void*)source, (void*)target, bytes, bytes);
        return CudaStatus.Success;
    }

    /// <summary>Whether the bytes lie inside one piece of device memory.</summary>
    public bool OnDevice(nint pointer, long bytes) =>
        _device.Contains(pointer, bytes) || _foreign.Exists(piece => pointer >= piece.Start && pointer + (nint)bytes <= piece.Start + (nint)piece.Bytes);

    private CudaStatus Give(GuardedMemory memory, nint pointer)
    {
        var known = memory.Free(pointer, out var damage);
        if (damage is not null)
        {
            Damage.Add(damage);
        }

        return known ? CudaStatus.Success : CudaStatus.InvalidValue;
    }
}
