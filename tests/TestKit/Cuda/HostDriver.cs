using System.Collections.Concurrent;
using System.Text;
using RwkvSk.Engine.Kernels.Cuda.Driver;

namespace RwkvSk.TestKit.Cuda;

/// <summary>
/// The driver over host memory, as strict as the real one may be: what is put on a stream runs at the last moment that is allowed, when somebody waits; copies that the real
/// driver would not order are not ordered; recording refuses what cannot be recorded; every call wants a current context. It counts what is alive and what was launched,
/// and fails when it is told to.
/// </summary>
/// <param name="kernels">Runs the kernels.</param>
internal sealed unsafe partial class HostDriver(HostKernels kernels) : ICudaDriver
{
    private readonly Dictionary<nint, HandleKind> _handles = [];
    private readonly Dictionary<nint, Dictionary<string, int[]>> _modules = [];
    private readonly Dictionary<nint, HostFunction> _functions = [];
    private readonly ConcurrentDictionary<int, nint> _current = [];   // by thread
    private nint _nextHandle = 0x1000;
    private nint _context;
    private int _contextUses;
    private CudaStatus _sticky;

    private enum HandleKind
    {
        Context,
        Module,
        Stream,
        Event,
        Graph,
        Executable,
    }

    /// <summary>Devices that there are.</summary>
    public int Devices { get; init; } = 1;

    /// <summary>The CUDA version that the driver knows, 1000 x major + 10 x minor.</summary>
    public int Version { get; init; } = 12080;

    /// <summary>Compute capability, 10 x major + minor.</summary>
    public int Capability { get; init; } = 80;

    /// <summary>Device memory.</summary>
    public long MemoryBytes { get; init; } = 1L << 30;

    /// <summary>The call, counted from 1 and without those that free, which fails; 0 for none.</summary>
    public int FailAt { get; set; }

    /// <summary>How it fails.</summary>
    public CudaStatus FailWith { get; set; } = CudaStatus.InvalidValue;

    /// <summary>Calls so far, without those that free.</summary>
    public int Calls { get; private set; }

    /// <summary>The driver's functions in the order of their calls.</summary>
    public List<string> Log { get; } = [];

    /// <summary>Kernels that were launched, in graphs too, when they ran.</summary>
    public List<string> Launched { get; } = [];

    /// <summary>Graphs that were launched.</summary>
    public int GraphLaunches { get; private set; }

    /// <summary>What went wrong in kernels, and writes outside of memory.</summary>
    public List<string> Damage { get; } = [];

    /// <summary>Everything that somebody has yet to give back: contexts, modules, streams, events, graphs, memory.</summary>
    public int LiveHandles => _handles.Count + _device.Count + _pinned.Count;

    /// <inheritdoc/>
    public CudaStatus Init() => Enter("cuInit", needsContext: false) is not CudaStatus.Success and var failed ? failed : Devices == 0 ? CudaStatus.NoDevice : CudaStatus.Success;

    /// <inheritdoc/>
    public CudaStatus DriverVersion(out int version)
    {
        version = Version;
        return Enter("cuDriverGetVersion", needsContext: false);
    }

    /// <inheritdoc/>
    public CudaStatus DeviceCount(out int count)
    {
        count = Devices;
        return Enter("cuDeviceGetCount", needsContext: false);
    }

    /// <inheritdoc/>
    public CudaStatus DeviceName(int device, out string name)
    {
        name = "host memory";
        return EnterDevice("cuDeviceGetName", device);
    }

    /// <inheritdoc/>
    public CudaStatus DeviceAttribute(int device, CudaAttribute attribute, out int value)
    {
        value = attribute switch
        {
            CudaAttribute.ComputeCapabilityMajor => Capability / 10,
            CudaAttribute.ComputeCapabilityMinor => Capability % 10,
            CudaAttribute.MultiprocessorCount => 4,
            CudaAttribute.SharedMemoryPerBlock => MostShared,
            _ => 0,
        };
        return EnterDevice("cuDeviceGetAttribute", device);
    }

    /// <inheritdoc/>
    public CudaStatus DeviceMemory(int device, out long bytes)
    {
        bytes = MemoryBytes;
        return EnterDevice("cuDeviceTotalMem", device);
    }

    /// <inheritdoc/>
    public CudaStatus RetainPrimaryContext(int device, out nint context)
    {
        context = 0;
        if (EnterDevice("cuDevicePrimaryCtxRetain", device) is not CudaStatus.Success and var failed)
        {
            return failed;
        }

        if (_contextUses++ == 0)
        {
            _context = NewHandle(HandleKind.Context);
        }

        context = _context;
        return CudaStatus.Success;
    }

    /// <inheritdoc/>
    public CudaStatus ReleasePrimaryContext(int device)
    {
        Log.Add("cuDevicePrimaryCtxRelease");
        if (_contextUses == 0)
        {
            return CudaStatus.InvalidContext;
        }

        if (--_contextUses == 0)
        {
            _handles.Remove(_context);
            _context = 0;
        }

        return CudaStatus.Success;
    }

    /// <inheritdoc/>
    public CudaStatus SetCurrentContext(nint context)
    {
        if (context != 0 && context != _context)
        {
            return CudaStatus.InvalidContext;
        }

        _current[Environment.CurrentManagedThreadId] = context;
        return CudaStatus.Success;
    }

    /// <inheritdoc/>
    public CudaStatus LoadModule(ReadOnlySpan<byte> ptx, out nint module, out string log)
    {
        (module, log) = (0, "");
        if (Enter("cuModuleLoadDataEx") is not CudaStatus.Success and var failed)
        {
            return failed;
        }

        var end = ptx.IndexOf((byte)0);
        if (end < 0 || (!ptx.StartsWith(".version"u8) && ptx.IndexOf("\n.version"u8) < 0))
        {
            log = end < 0 ? "no zero at the end" : "line 1; fatal: missing .version directive";
            return CudaStatus.InvalidPtx;
        }

        module = NewHandle(HandleKind.Module);
        _modules.Add(module, PtxEntries.Read(Encoding.UTF8.GetString(ptx[..end])));
        return CudaStatus.Success;
    }

    /// <inheritdoc/>
    public CudaStatus UnloadModule(nint module) => _modules.Remove(module) ? Destroy("cuModuleUnload", module, HandleKind.Module) : CudaStatus.InvalidHandle;

    /// <inheritdoc/>
    public CudaStatus FindFunction(nint module, string name, out nint function)
    {
        function = 0;
        if (Enter("cuModuleGetFunction") is not CudaStatus.Success and var failed)
        {
            return failed;
        }

        if (!_modules.TryGetValue(module, out var entries))
        {
            return CudaStatus.InvalidHandle;
        }

        if (!entries.TryGetValue(name, out var sizes))
        {
            return CudaStatus.NotFound;
        }

        function = _nextHandle += 0x10;
        _functions.Add(function, new HostFunction(module, name, sizes));
        return CudaStatus.Success;
    }

    /// <inheritdoc/>
    public CudaStatus AllowSharedMemory(nint function, int bytes)
    {
        if (Enter("cuFuncSetAttribute") is not CudaStatus.Success and var failed)
        {
            return failed;
        }

        if (bytes > MostShared || !_functions.TryGetValue(function, out var known))
        {
            return CudaStatus.InvalidValue;
        }

        known.SharedBytes = bytes;
        return CudaStatus.Success;
    }

    /// <inheritdoc/>
    public (string Name, string Sentence) Describe(CudaStatus status) => ($"CUDA_ERROR_{(int)status}", status.ToString());

    private bool HasContext => _context != 0 && _current.GetValueOrDefault(Environment.CurrentManagedThreadId) == _context;

    private CudaStatus EnterDevice(string call, int device) =>
        Enter(call, needsContext: false) is not CudaStatus.Success and var failed ? failed : device < 0 || device >= Devices ? CudaStatus.InvalidDevice : CudaStatus.Success;

    private CudaStatus Enter(string call, bool needsContext = true)
    {
        Log.Add(call);
        return ++Calls == FailAt ? FailWith
            : _sticky != CudaStatus.Success ? _sticky
            : needsContext && !HasContext ? CudaStatus.InvalidContext
            : CudaStatus.Success;
    }

    private nint NewHandle(HandleKind kind)
    {
        _nextHandle += 0x10;
        _handles.Add(_nextHandle, kind);
        return _nextHandle;
    }

    private bool Is(nint handle, HandleKind kind) => _handles.TryGetValue(handle, out var found) && found == kind;

    private CudaStatus Destroy(string call, nint handle, HandleKind kind)
    {
        Log.Add(call);
        return Is(handle, kind) && _handles.Remove(handle) ? CudaStatus.Success : CudaStatus.InvalidHandle;
    }

    private sealed class HostFunction(nint module, string name, int[] sizes)
    {
        public nint Module { get; } = module;

        public string Name { get; } = name;

        public int[] Sizes { get; } = sizes;

        public int SharedBytes { get; set; } = FreeShared;
    }
}
