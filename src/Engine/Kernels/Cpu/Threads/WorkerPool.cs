using System.Diagnostics;
using System.Runtime.CompilerServices;

namespace RwkvSk.Engine.Kernels.Cpu;

/// <summary>
/// The threads that decode: the caller and a few workers that spin between passes and sleep between steps. Blocks are taken in shrinking runs, so memory is read in long
/// streams and all end together. A worker that the operating system takes from its core in the middle of a pass costs no more than the work it did not do: the caller
/// does its blocks over. One pass at a time, from one thread.
/// </summary>
internal sealed unsafe class WorkerPool : IDisposable
{
    private const int MostBlocks = 1 << 16;
    private const long Writing = 1, Done = 2;   // a block's state: 4 * the pass's number + one of these
    private const int Patience = 40;            // looks at an unfinished block before it is done over; about two microseconds
    private static readonly long SpinTicks = Stopwatch.Frequency / 20_000;   // 50 microseconds

    private readonly NativeArena _memory = new(1 << 21);
    private readonly object _gate = new();
    private readonly Thread[] _workers;
    private readonly long[] _states;
    private readonly float*[] _scratch;
    private readonly int _scratchFloats;

    // The low half of the pass's number in the upper half, blocks that nobody took yet in the lower one. A successful exchange says that what was read before it is the
    // current pass: while blocks are left, the caller does not go on.
    private long _ticket;
    private long _number;
    private int _parked;
    private volatile Pass? _pass;
    private volatile bool _isStopping;

    /// <summary>Starts the workers.</summary>
    /// <param name="threads">Threads that compute, the caller's among them.</param>
    /// <param name="scratchFloats">Scratch memory for each.</param>
    public WorkerPool(int threads, int scratchFloats)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(threads, 1);
        _scratchFloats = scratchFloats;
        _states = new long[MostBlocks];
        _scratch = new float*[threads];
        for (var i = 0; i < threads; i++)
        {
            _scratch[i] = _memory.Floats(scratchFloats);
        }

        _workers = new Thread[threads - 1];
        for (var i = 0; i < _workers.Length; i++)
        {
            var scratch = (nint)_scratch[i + 1];
            _workers[i] = new Thread(() => Serve((float*)scratch)) { IsBackground = true, Name = $"RwkvSk cpu {i + 1}" };
            _workers[i].Start();
        }
    }

    /// <summary>Threads that compute, the caller's among them.</summary>
    public int Threads => _workers.Length + 1;

    /// <summary>Does every block of a pass and returns when all are committed. Makes no garbage.</summary>
    public void Run(Pass pass)
    {
        var count = pass.BlockCount;
        Debug.Assert(count <= MostBlocks && pass.ScratchFloats <= _scratchFloats, "The pool was made for smaller passes.");
        var scratch = _scratch[0];
        if (count == 1 || _workers.Length == 0)
        {
            for (var block = 0; block < count; block++)
            {
                pass.Compute(block, scratch);
                pass.Commit(block, scratch);
            }

            return;
        }

        var number = _number + 1;
        (_pass, _number) = (pass, number);
        Interlocked.Exchange(ref _ticket, (number << 32) | (uint)count);   // a full fence: a worker that parks sees the ticket, or we see it parked
        if (Volatile.Read(ref _parked) > 0)
        {
            lock (_gate)
            {
                Monitor.PulseAll(_gate);
            }
        }

        TakeBlocks(scratch);
        Finish(pass, number, count, scratch);
    }

    /// <summary>Ends the workers.</summary>
    public void Dispose()
    {
        lock (_gate)
        {
            _isStopping = true;
            Monitor.PulseAll(_gate);
        }

        foreach (var worker in _workers)
        {
            worker.Join();
        }

        _memory.Dispose();
    }

    private void Serve(float* scratch)
    {
        while (!_isStopping)
        {
            TakeBlocks(scratch);
            var start = Stopwatch.GetTimestamp();
            while (!HasWork && !_isStopping)
            {
                Thread.SpinWait(1);
                if (Stopwatch.GetTimestamp() - start > SpinTicks)
                {
                    Park();
                    break;
                }
            }
        }
    }

    private bool HasWork => (uint)Volatile.Read(ref _ticket) > 0;

    private void Park()
    {
        lock (_gate)
        {
            Interlocked.Increment(ref _parked);
            while (!HasWork && !_isStopping)
            {
                Monitor.Wait(_gate);
            }

            Interlocked.Decrement(ref _parked);
        }
    }

    /// <summary>Takes runs of blocks until none are left.</summary>
    private void TakeBlocks(float* scratch)
    {
        while (true)
        {
            var ticket = Volatile.Read(ref _ticket);
            var left = (int)(uint)ticket;
            if (left == 0)
            {
                return;
            }

            var (pass, number) = (_pass!, Volatile.Read(ref _number));
            var first = pass.BlockCount - left;
            var take = Math.Max(1, left / (2 * Threads));
            if (Interlocked.CompareExchange(ref _ticket, ticket - take, ticket) != ticket)
            {
                continue;
            }

            for (var block = first; block < first + take; block++)
            {
                DoBlock(pass, number, block, scratch);
            }
        }
    }

    /// <summary>Computes a block and commits it, unless another thread was there first.</summary>
    private void DoBlock(Pass pass, long number, int block, float* scratch)
    {
        ref var state = ref _states[block];
        var before = Volatile.Read(ref state);
        if (before >> 2 >= number)
        {
            return;
        }

        pass.Compute(block, scratch);
        if (Interlocked.CompareExchange(ref state, (number << 2) | Writing, before) == before)
        {
            pass.Commit(block, scratch);
            Volatile.Write(ref state, (number << 2) | Done);
        }
    }

    /// <summary>Waits for the blocks that others took, from the last backwards; those that take too long are done over.</summary>
    private void Finish(Pass pass, long number, int count, float* scratch)
    {
        var done = (number << 2) | Done;
        for (var block = count - 1; block >= 0; block--)
        {
            for (var looks = 0; Volatile.Read(ref _states[block]) != done; looks++)
            {
                if (looks >= Patience && pass.IsRepeatable)
                {
                    DoBlock(pass, number, block, scratch);
                }

                Wait(looks);
            }
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Wait(int looks)
    {
        if (looks < 20 * Patience)
        {
            Thread.SpinWait(1);
        }
        else
        {
            Thread.Yield();   // whoever we wait for may need this very core
        }
    }
}
