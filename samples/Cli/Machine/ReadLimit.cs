using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace RwkvSk.Cli.Machine;

/// <summary>
/// How fast this machine reads memory: threads that add up a buffer far larger than the caches, each its own part from front to back. Nothing that reads weights once
/// per token can be faster than this.
/// </summary>
internal sealed unsafe partial class ReadLimit : IDisposable
{
    private const int HugePage = 2 << 20, MadviseHugePage = 14;

    private readonly byte* _memory;
    private readonly Barrier _start, _end;
    private volatile bool _isOver;
    private long _sum;

    /// <param name="threads">How many read; each has a thread of its own.</param>
    /// <param name="wantsHugePages">Whether to ask the system for 2 MiB pages; where it has none to give, this says nothing.</param>
    /// <param name="bytes">Size of the buffer; rounded up to whole huge pages for every thread.</param>
    public ReadLimit(int threads, bool wantsHugePages, long bytes = 256L << 20)
    {
        var part = (nuint)((bytes / threads) + HugePage - 1) / HugePage * HugePage;
        Bytes = (double)part * threads;
        _memory = (byte*)NativeMemory.AlignedAlloc(part * (nuint)threads, HugePage);
        if (OperatingSystem.IsLinux())
        {
            // 4 KiB pages are asked for as well: the system's default may be either.
            _ = Madvise(_memory, part * (nuint)threads, wantsHugePages ? MadviseHugePage : MadviseHugePage + 1);
        }

        NativeMemory.Fill(_memory, part * (nuint)threads, 1);
        (_start, _end) = (new Barrier(threads + 1), new Barrier(threads + 1));
        for (var i = 0; i < threads; i++)
        {
            var at = _memory + (part * (nuint)i);
            new Thread(() => Serve(at, part)) { IsBackground = true, Name = "read limit" }.Start();
        }
    }

    /// <summary>Bytes that one pass reads.</summary>
    public double Bytes { get; }

    /// <summary>Reads everything once.</summary>
    public void Pass()
    {
        _start.SignalAndWait();
        _end.SignalAndWait();
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _isOver = true;
        _start.SignalAndWait();
        _end.SignalAndWait();
        NativeMemory.AlignedFree(_memory);
        _start.Dispose();
        _end.Dispose();
    }

    private void Serve(byte* memory, nuint bytes)
    {
        while (true)
        {
            _start.SignalAndWait();
            if (_isOver)
            {
                _end.SignalAndWait();
                return;
            }

            Interlocked.Add(ref _sum, Sum(memory, bytes));   // used, so that the reads are not optimised away
            _end.SignalAndWait();
        }
    }

    private static long Sum(byte* memory, nuint bytes)
    {
        var (a, b, c, d) = (Vector512<long>.Zero, Vector512<long>.Zero, Vector512<long>.Zero, Vector512<long>.Zero);
        for (nuint at = 0; at < bytes; at += 256)
        {
            var from = (long*)(memory + at);
            a += Vector512.Load(from);
            b += Vector512.Load(from + 8);
            c += Vector512.Load(from + 16);
            d += Vector512.Load(from + 24);
        }

        return Vector512.Sum(a + b + c + d);
    }

    [LibraryImport("libc", EntryPoint = "madvise")]
    private static partial int Madvise(byte* address, nuint length, int advice);
}
