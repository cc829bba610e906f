using System.Runtime.InteropServices;

namespace RwkvSk.Engine.Kernels.Cpu;

/// <summary>
/// Native memory for what is read over and over: packed weights, activations. Everything begins on a cache line; regions begin on 2 MiB and ask for huge pages,
/// without which address translation costs a third of the read bandwidth. Zeroed. Freed as a whole.
/// </summary>
internal sealed unsafe class NativeArena : IDisposable
{
    private const int Line = 64;
    private const long HugePage = 2L << 20;
    private const long Region = 32L << 20;

    private readonly List<nint> _regions = [];
    private readonly long _regionBytes;
    private byte* _next, _end;

    /// <summary>An arena that grows by at least <paramref name="regionBytes"/> at a time.</summary>
    public NativeArena(long regionBytes = Region) => _regionBytes = regionBytes;

    /// <summary>Bytes handed out, for the memory ledger.</summary>
    public long Bytes { get; private set; }

    /// <summary>Zeroed memory on a cache line of its own.</summary>
    public byte* Take(long bytes)
    {
        bytes = RoundUp(bytes, Line);
        if (_end - _next < bytes)
        {
            Grow(Math.Max(bytes, _regionBytes));
        }

        var taken = _next;
        _next += bytes;
        Bytes += bytes;
        NativeMemory.Clear(taken, (nuint)bytes);
        return taken;
    }

    /// <summary>Zeroed numbers on a cache line of their own.</summary>
    public float* Floats(long count) => (float*)Take(count * sizeof(float));

    /// <summary>Frees everything. No pointer may be used afterwards.</summary>
    public void Dispose()
    {
        foreach (var region in _regions)
        {
            NativeMemory.AlignedFree((void*)region);
        }

        _regions.Clear();
        _next = _end = null;
        Bytes = 0;
    }

    // The rest of the region before is given up: of what was never touched, only addresses are lost.
    private void Grow(long bytes)
    {
        bytes = RoundUp(bytes, HugePage);
        _next = (byte*)NativeMemory.AlignedAlloc((nuint)bytes, (nuint)HugePage);
        _end = _next + bytes;
        _regions.Add((nint)_next);
        HugePages.Advise(_next, bytes);
    }

    private static long RoundUp(long value, long unit) => (value + unit - 1) / unit * unit;
}
