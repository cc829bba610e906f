using System.Runtime.InteropServices;
using RwkvSk.Engine.Kernels.Cuda.Driver;

namespace RwkvSk.TestKit.Cuda;

// Streams, events, launches, graphs.
internal sealed unsafe partial class HostDriver
{
    private const int FreeShared = 48 << 10, MostShared = 160 << 10, MostThreads = 1024;

    private readonly Dictionary<nint, Queue<Action>> _streams = [];
    private readonly Dictionary<nint, (nint Stream, long PassedAt)> _events = [];
    private readonly Dictionary<nint, List<Action>> _graphs = [];
    private (nint Stream, int Thread, List<Action> Work)? _recording;
    private bool _isSpoilt;
    private long _ran;

    /// <inheritdoc/>
    public CudaStatus CreateStream(out nint stream)
    {
        stream = 0;
        if (EnterOutsideRecording("cuStreamCreate") is not CudaStatus.Success and var failed)
        {
            return failed;
        }

        stream = NewHandle(HandleKind.Stream);
        _streams.Add(stream, new Queue<Action>());
        return CudaStatus.Success;
    }

    /// <inheritdoc/>
    public CudaStatus SynchronizeStream(nint stream)
    {
        if (EnterOutsideRecording("cuStreamSynchronize") is not CudaStatus.Success and var failed)
        {
            return failed;
        }

        if (!Is(stream, HandleKind.Stream))
        {
            return CudaStatus.InvalidHandle;
        }

        Drain(stream);
        return _sticky;
    }

    /// <inheritdoc/>
    public CudaStatus DestroyStream(nint stream)
    {
        if (_streams.ContainsKey(stream))
        {
            Drain(stream);
            _streams.Remove(stream);
        }

        return Destroy("cuStreamDestroy", stream, HandleKind.Stream);
    }

    /// <inheritdoc/>
    public CudaStatus CreateEvent(out nint created)
    {
        created = 0;
        if (Enter("cuEventCreate") is not CudaStatus.Success and var failed)
        {
            return failed;
        }

        created = NewHandle(HandleKind.Event);
        _events.Add(created, (0, -1));
        return CudaStatus.Success;
    }

    /// <inheritdoc/>
    public CudaStatus RecordEvent(nint recorded, nint stream)
    {
        if (Enter("cuEventRecord") is not CudaStatus.Success and var failed)
        {
            return failed;
        }

        if (!_events.ContainsKey(recorded))
        {
            return CudaStatus.InvalidHandle;
        }

        _events[recorded] = (stream, -1);
        return Put(stream, () => _events[recorded] = (stream, _ran));
    }

    /// <inheritdoc/>
    public CudaStatus SynchronizeEvent(nint awaited)
    {
        if (EnterOutsideRecording("cuEventSynchronize") is not CudaStatus.Success and var failed)
        {
            return failed;
        }

        if (!_events.TryGetValue(awaited, out var known))
        {
            return CudaStatus.InvalidHandle;
        }

        Drain(known.Stream);
        return _sticky;
    }

    /// <inheritdoc/>
    public CudaStatus ElapsedTime(nint from, nint to, out float milliseconds)
    {
        milliseconds = 0;
        if (Enter("cuEventElapsedTime") is not CudaStatus.Success and var failed)
        {
            return failed;
        }

        if (!_events.TryGetValue(from, out var first) || !_events.TryGetValue(to, out var second) || first.PassedAt < 0 || second.PassedAt < 0)
        {
            return CudaStatus.InvalidHandle;
        }

        milliseconds = second.PassedAt - first.PassedAt;   // as if every operation took one
        return CudaStatus.Success;
    }

    /// <inheritdoc/>
    public CudaStatus DestroyEvent(nint destroyed)
    {
        _events.Remove(destroyed);
        return Destroy("cuEventDestroy", destroyed, HandleKind.Event);
    }

    /// <inheritdoc/>
    public CudaStatus Launch(nint function, in LaunchShape shape, void** arguments, nint stream)
    {
        if (Enter("cuLaunchKernel") is not CudaStatus.Success and var failed)
        {
            return failed;
        }

        if (!_functions.TryGetValue(function, out var kernel) || !Is(kernel.Module, HandleKind.Module))
        {
            return CudaStatus.InvalidHandle;
        }

        var threads = (long)shape.BlockX * shape.BlockY * shape.BlockZ;
        if (threads is 0 or > MostThreads || (long)shape.GridX * shape.GridY * shape.GridZ == 0 || shape.GridX > int.MaxValue || shape.GridY > ushort.MaxValue
            || shape.GridZ > ushort.MaxValue || shape.BlockZ > 64 || shape.SharedBytes > kernel.SharedBytes)
        {
            return CudaStatus.InvalidValue;
        }

        var values = new byte[kernel.Sizes.Length][];
        for (var i = 0; i < values.Length; i++)
        {
            values[i] = new ReadOnlySpan<byte>(arguments[i], kernel.Sizes[i]).ToArray();
        }

        var launched = shape;
        return Put(stream, () => Run(kernel.Name, launched, values));
    }

    /// <inheritdoc/>
    public CudaStatus BeginCapture(nint stream)
    {
        if (EnterOutsideRecording("cuStreamBeginCapture") is not CudaStatus.Success and var failed)
        {
            return failed;
        }

        if (!Is(stream, HandleKind.Stream))
        {
            return CudaStatus.InvalidHandle;   // the default stream cannot be recorded
        }

        (_recording, _isSpoilt) = ((stream, Environment.CurrentManagedThreadId, []), false);
        return CudaStatus.Success;
    }

    /// <inheritdoc/>
    public CudaStatus EndCapture(nint stream, out nint graph)
    {
        graph = 0;
        var failed = Enter("cuStreamEndCapture");
        if (_recording is not { } recording || recording.Stream != stream)
        {
            return CudaStatus.InvalidValue;
        }

        _recording = null;
        if (failed != CudaStatus.Success || _isSpoilt)
        {
            return failed != CudaStatus.Success ? failed : CudaStatus.StreamCaptureInvalidated;
        }

        graph = NewHandle(HandleKind.Graph);
        _graphs.Add(graph, recording.Work);
        return CudaStatus.Success;
    }

    /// <inheritdoc/>
    public CudaStatus Instantiate(nint graph, out nint executable)
    {
        executable = 0;
        if (EnterOutsideRecording("cuGraphInstantiate") is not CudaStatus.Success and var failed)
        {
            return failed;
        }

        if (!Is(graph, HandleKind.Graph))
        {
            return CudaStatus.InvalidHandle;
        }

        executable = NewHandle(HandleKind.Executable);
        _graphs.Add(executable, [.. _graphs[graph]]);
        return CudaStatus.Success;
    }

    /// <inheritdoc/>
    public CudaStatus LaunchGraph(nint executable, nint stream)
    {
        if (Enter("cuGraphLaunch") is not CudaStatus.Success and var failed)
        {
            return failed;
        }

        if (!Is(executable, HandleKind.Executable))
        {
            return CudaStatus.InvalidHandle;
        }

        GraphLaunches++;
        foreach (var step in _graphs[executable])
        {
            if (Put(stream, step) is not CudaStatus.Success and var refused)
            {
                return refused;
            }
        }

        return CudaStatus.Success;
    }

    /// <inheritdoc/>
    public CudaStatus DestroyExecutable(nint executable)
    {
        DrainAll();
        _graphs.Remove(executable);
        return Destroy("cuGraphExecDestroy", executable, HandleKind.Executable);
    }

    /// <inheritdoc/>
    public CudaStatus DestroyGraph(nint graph)
    {
        _graphs.Remove(graph);
        return Destroy("cuGraphDestroy", graph, HandleKind.Graph);
    }

    /// <summary>Puts a library's work on a stream, or into what it records, as the library itself would.</summary>
    public CudaStatus Queue(nint stream, string name, Action work) => !HasContext ? CudaStatus.InvalidContext : Put(stream, () =>
    {
        Launched.Add(name);
        work();
    });

    /// <summary>Whether the calling thread records.</summary>
    public bool IsRecording => _recording is { } recording && recording.Thread == Environment.CurrentManagedThreadId;

    /// <summary>A library did what cannot be recorded.</summary>
    public void SpoilRecording() => Spoil();

    private CudaStatus EnterOutsideRecording(string call)
    {
        var failed = Enter(call);
        return failed != CudaStatus.Success ? failed
            : _recording is { } recording && recording.Thread == Environment.CurrentManagedThreadId ? Spoil()
            : CudaStatus.Success;
    }

    private CudaStatus Spoil()
    {
        _isSpoilt = true;
        return CudaStatus.StreamCaptureUnsupported;
    }

    private CudaStatus Put(nint stream, Action work)
    {
        if (_recording is { } recording && recording.Stream == stream)
        {
            recording.Work.Add(work);
            return CudaStatus.Success;
        }

        if (stream == 0)
        {
            work();   // the default stream: now is when libtorch's work, which is done on the host, is behind it
            return _sticky;
        }

        if (!_streams.TryGetValue(stream, out var queue))
        {
            return CudaStatus.InvalidHandle;
        }

        queue.Enqueue(work);
        return CudaStatus.Success;
    }

    private void DrainAll()
    {
        foreach (var stream in _streams.Keys)
        {
            Drain(stream);
        }
    }

    // After a fault nothing runs any more.
    private void Drain(nint stream)
    {
        while (_streams.TryGetValue(stream, out var queue) && queue.TryDequeue(out var work))
        {
            if (_sticky == CudaStatus.Success)
            {
                _ran++;
                work();
            }
        }
    }

    private void Run(string kernel, in LaunchShape shape, byte[][] values)
    {
        var pins = values.Select(static value => GCHandle.Alloc(value, GCHandleType.Pinned)).ToArray();
        var arguments = stackalloc void*[values.Length + 1];
        for (var i = 0; i < pins.Length; i++)
        {
            arguments[i] = (void*)pins[i].AddrOfPinnedObject();
        }

        Launched.Add(kernel);
        if (kernels(kernel, shape, arguments) is { } problem)
        {
            Damage.Add(problem);
            _sticky = CudaStatus.LaunchFailed;
        }

        Array.ForEach(pins, static pin => pin.Free());
    }
}
