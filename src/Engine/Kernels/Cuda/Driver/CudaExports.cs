using System.Runtime.InteropServices;

namespace RwkvSk.Engine.Kernels.Cuda.Driver;

/// <summary>The driver library's functions by address. Names with _v2 are what cuda.h maps the plain names to.</summary>
internal sealed unsafe class CudaExports
{
    public readonly delegate* unmanaged<uint, CudaStatus> Init;
    public readonly delegate* unmanaged<int*, CudaStatus> DriverGetVersion, DeviceGetCount;
    public readonly delegate* unmanaged<byte*, int, int, CudaStatus> DeviceGetName;
    public readonly delegate* unmanaged<int*, int, int, CudaStatus> DeviceGetAttribute;
    public readonly delegate* unmanaged<nuint*, int, CudaStatus> DeviceTotalMem;
    public readonly delegate* unmanaged<nint*, int, CudaStatus> DevicePrimaryCtxRetain;
    public readonly delegate* unmanaged<int, CudaStatus> DevicePrimaryCtxRelease;
    public readonly delegate* unmanaged<nint, CudaStatus> CtxSetCurrent, ModuleUnload, MemFree, MemFreeHost, StreamSynchronize, StreamDestroy, EventSynchronize, EventDestroy, GraphExecDestroy, GraphDestroy;
    public readonly delegate* unmanaged<nint*, byte*, uint, int*, void**, CudaStatus> ModuleLoadDataEx;
    public readonly delegate* unmanaged<nint*, nint, byte*, CudaStatus> ModuleGetFunction;
    public readonly delegate* unmanaged<nint, int, int, CudaStatus> FuncSetAttribute;
    public readonly delegate* unmanaged<nint*, nuint, CudaStatus> MemAlloc;
    public readonly delegate* unmanaged<nuint*, nuint*, CudaStatus> MemGetInfo;
    public readonly delegate* unmanaged<nint*, nuint, uint, CudaStatus> MemHostAlloc;
    public readonly delegate* unmanaged<nint, void*, nuint, CudaStatus> MemcpyHtoD;
    public readonly delegate* unmanaged<void*, nint, nuint, CudaStatus> MemcpyDtoH;
    public readonly delegate* unmanaged<nint, void*, nuint, nint, CudaStatus> MemcpyHtoDAsync;
    public readonly delegate* unmanaged<void*, nint, nuint, nint, CudaStatus> MemcpyDtoHAsync;
    public readonly delegate* unmanaged<nint, nint, nuint, nint, CudaStatus> MemcpyDtoDAsync;
    public readonly delegate* unmanaged<CudaDriver.Memcpy2D*, nint, CudaStatus> Memcpy2DAsync;
    public readonly delegate* unmanaged<nint, byte, nuint, nint, CudaStatus> MemsetD8Async;
    public readonly delegate* unmanaged<nint*, uint, CudaStatus> StreamCreate, EventCreate;
    public readonly delegate* unmanaged<nint, nint, CudaStatus> EventRecord, GraphLaunch;
    public readonly delegate* unmanaged<float*, nint, nint, CudaStatus> EventElapsedTime;
    public readonly delegate* unmanaged<nint, uint, uint, uint, uint, uint, uint, uint, nint, void**, void**, CudaStatus> LaunchKernel;
    public readonly delegate* unmanaged<nint, int, CudaStatus> StreamBeginCapture;
    public readonly delegate* unmanaged<nint, nint*, CudaStatus> StreamEndCapture;
    public readonly delegate* unmanaged<nint*, nint, ulong, CudaStatus> GraphInstantiate;
    public readonly delegate* unmanaged<CudaStatus, byte**, CudaStatus> GetErrorName, GetErrorString;

    private readonly nint _library;

    /// <summary>Looks all functions up.</summary>
    /// <param name="library">The loaded driver library.</param>
    public CudaExports(nint library)
    {
        _library = library;
        Init = (delegate* unmanaged<uint, CudaStatus>)Export("cuInit");
        DriverGetVersion = (delegate* unmanaged<int*, CudaStatus>)Export("cuDriverGetVersion");
        DeviceGetCount = (delegate* unmanaged<int*, CudaStatus>)Export("cuDeviceGetCount");
        DeviceGetName = (delegate* unmanaged<byte*, int, int, CudaStatus>)Export("cuDeviceGetName");
        DeviceGetAttribute = (delegate* unmanaged<int*, int, int, CudaStatus>)Export("cuDeviceGetAttribute");
        DeviceTotalMem = (delegate* unmanaged<nuint*, int, CudaStatus>)Export("cuDeviceTotalMem_v2");
        DevicePrimaryCtxRetain = (delegate* unmanaged<nint*, int, CudaStatus>)Export("cuDevicePrimaryCtxRetain");
        DevicePrimaryCtxRelease = (delegate* unmanaged<int, CudaStatus>)Export("cuDevicePrimaryCtxRelease_v2");
        CtxSetCurrent = OfHandle("cuCtxSetCurrent");
        ModuleLoadDataEx = (delegate* unmanaged<nint*, byte*, uint, int*, void**, CudaStatus>)Export("cuModuleLoadDataEx");
        ModuleUnload = OfHandle("cuModuleUnload");
        ModuleGetFunction = (delegate* unmanaged<nint*, nint, byte*, CudaStatus>)Export("cuModuleGetFunction");
        FuncSetAttribute = (delegate* unmanaged<nint, int, int, CudaStatus>)Export("cuFuncSetAttribute");
        MemAlloc = (delegate* unmanaged<nint*, nuint, CudaStatus>)Export("cuMemAlloc_v2");
        MemFree = OfHandle("cuMemFree_v2");
        MemGetInfo = (delegate* unmanaged<nuint*, nuint*, CudaStatus>)Export("cuMemGetInfo_v2");
        MemHostAlloc = (delegate* unmanaged<nint*, nuint, uint, CudaStatus>)Export("cuMemHostAlloc");
        MemFreeHost = OfHandle("cuMemFreeHost");
        MemcpyHtoD = (delegate* unmanaged<nint, void*, nuint, CudaStatus>)Export("cuMemcpyHtoD_v2");
        MemcpyDtoH = (delegate* unmanaged<void*, nint, nuint, CudaStatus>)Export("cuMemcpyDtoH_v2");
        MemcpyHtoDAsync = (delegate* unmanaged<nint, void*, nuint, nint, CudaStatus>)Export("cuMemcpyHtoDAsync_v2");
        MemcpyDtoHAsync = (delegate* unmanaged<void*, nint, nuint, nint, CudaStatus>)Export("cuMemcpyDtoHAsync_v2");
        MemcpyDtoDAsync = (delegate* unmanaged<nint, nint, nuint, nint, CudaStatus>)Export("cuMemcpyDtoDAsync_v2");
        Memcpy2DAsync = (delegate* unmanaged<CudaDriver.Memcpy2D*, nint, CudaStatus>)Export("cuMemcpy2DAsync_v2");
        MemsetD8Async = (delegate* unmanaged<nint, byte, nuint, nint, CudaStatus>)Export("cuMemsetD8Async");
        StreamCreate = (delegate* unmanaged<nint*, uint, CudaStatus>)Export("cuStreamCreate");
        StreamSynchronize = OfHandle("cuStreamSynchronize");
        StreamDestroy = OfHandle("cuStreamDestroy_v2");
        EventCreate = (delegate* unmanaged<nint*, uint, CudaStatus>)Export("cuEventCreate");
        EventRecord = (delegate* unmanaged<nint, nint, CudaStatus>)Export("cuEventRecord");
        EventSynchronize = OfHandle("cuEventSynchronize");
        EventElapsedTime = (delegate* unmanaged<float*, nint, nint, CudaStatus>)Export("cuEventElapsedTime");
        EventDestroy = OfHandle("cuEventDestroy_v2");
        LaunchKernel = (delegate* unmanaged<nint, uint, uint, uint, uint, uint, uint, uint, nint, void**, void**, CudaStatus>)Export("cuLaunchKernel");
        StreamBeginCapture = (delegate* unmanaged<nint, int, CudaStatus>)Export("cuStreamBeginCapture_v2");
        StreamEndCapture = (delegate* unmanaged<nint, nint*, CudaStatus>)Export("cuStreamEndCapture");
        GraphInstantiate = (delegate* unmanaged<nint*, nint, ulong, CudaStatus>)Export("cuGraphInstantiateWithFlags");
        GraphLaunch = (delegate* unmanaged<nint, nint, CudaStatus>)Export("cuGraphLaunch");
        GraphExecDestroy = OfHandle("cuGraphExecDestroy");
        GraphDestroy = OfHandle("cuGraphDestroy");
        GetErrorName = (delegate* unmanaged<CudaStatus, byte**, CudaStatus>)Export("cuGetErrorName");
        GetErrorString = (delegate* unmanaged<CudaStatus, byte**, CudaStatus>)Export("cuGetErrorString");
    }

    /// <summary>The first function that the library does not have; null when it has all.</summary>
    public string? Missing { get; private set; }

    private delegate* unmanaged<nint, CudaStatus> OfHandle(string name) => (delegate* unmanaged<nint, CudaStatus>)Export(name);

    private nint Export(string name)
    {
        if (!NativeLibrary.TryGetExport(_library, name, out var address))
        {
            Missing ??= name;
        }

        return address;
    }
}
