using Microsoft.Extensions.Logging;
using RwkvSk.Engine.Sampling;
using RwkvSk.Engine.States;

namespace RwkvSk.Engine.Scheduling;

/// <summary>
/// The one thread that touches the model. Requests come in through a queue and go out through their own channels; whatever ends a request (its answer, an error,
/// its caller, the engine's end), it leaves by the same door and its slot is free.
/// </summary>
internal sealed class EngineLoop : IDisposable
{
    private readonly IModelRunner _runner;
    private readonly ILogger _logger;
    private readonly int _slots;
    private readonly int _mostWaiting;
    private readonly Inbox _inbox;
    private readonly Func<bool> _isIdle;
    private readonly TimeSpan? _longestWait;
    private readonly TimeProvider _time;
    private readonly WaitEstimate _estimate;
    private readonly Scheduler<Sequence> _scheduler;
    private readonly SequenceSteps _steps;
    private readonly PrefixCache _cache;
    private readonly ImageCache _images;
    private readonly EngineMetrics _metrics;
    private readonly SnapshotTiers _tiers;
    private readonly StoredPrefixes _stored;
    private readonly LoopErrands _errands;
    private readonly Stack<int> _freeSlots;
    private readonly SamplingVocabulary? _vocabulary;
    private readonly Thread _thread;
    private readonly TaskCompletionSource _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>Starts the thread.</summary>
    public EngineLoop(IModelRunner runner, string modelName, SnapshotCodec codec, SamplingVocabulary? vocabulary, EngineOptions options, ILogger logger, TimeProvider time)
    {
        (_runner, _vocabulary, _logger, _time, _longestWait) = (runner, vocabulary, logger, time, options.MaxWait);
        _slots = Math.Min(options.MaxRunning, runner.SlotCount);
        _mostWaiting = options.MaxWaiting;
        _inbox = new Inbox(_slots + _mostWaiting, mostBackground: _slots);
        _isIdle = IsIdle;
        _estimate = new WaitEstimate(_slots);
        _freeSlots = new Stack<int>(Enumerable.Range(0, _slots).Reverse());
        _scheduler = new Scheduler<Sequence>(_slots);
        _cache = new PrefixCache(options.PrefixCacheBytes, options.PrefixCacheBytesPerScope ?? long.MaxValue, options.Eviction, runner.Recycle);
        _images = new ImageCache(options.ImageCacheBytes);
        _metrics = new EngineMetrics(modelName, () => _cache.Bytes, () => Math.Max(0, Live - _slots), Memory);
        _errands = new LoopErrands(() => _inbox.Wake());
        _tiers = new SnapshotTiers(options, codec, _metrics, logger, time);
        _stored = new StoredPrefixes(_tiers, _cache, runner.Layout, options.LeastStoredPositions, _inbox.Wake);
        Kept = new KeptStates(_errands, _cache, _images, _tiers, isMeant => _scheduler.Background().Where(isMeant).ToList().ForEach(static sequence => sequence.Cancel()));
        _steps = new SequenceSteps(runner, _slots, options.ChunkLength, _cache, _images, _stored, _metrics, logger, time);
        _thread = new Thread(Run) { IsBackground = true, Name = "RwkvSk engine" };
        _thread.Start();
    }

    /// <summary>Whether boundaries are worth waiting for: a state fits the budget.</summary>
    public bool KeepsBoundaries => _cache.CouldHold(_runner.Layout);

    /// <summary>What others may do to what is kept.</summary>
    public KeptStates Kept { get; }

    /// <summary>Whether the loop takes no more requests.</summary>
    public bool IsStopping => _inbox.IsStopping;

    /// <summary>Done when the thread has ended and the runner is disposed.</summary>
#pragma warning disable VSTHRD003 // completed by the loop's own thread, which waits for nobody
    public Task WaitForEndAsync() => _ended.Task;
#pragma warning restore VSTHRD003

    /// <summary>Requests that have not left yet, waiting or running; for tests and metrics.</summary>
    public int Live => _inbox.Live;

    /// <summary>Hands a request to the loop.</summary>
    /// <exception cref="EngineBusyException">As many run and wait as may.</exception>
    /// <exception cref="ObjectDisposedException">The loop was stopped.</exception>
    public void Submit(Sequence sequence)
    {
        if (!_inbox.TryAdd(sequence))
        {
            throw Refuse(BusyReason.QueueFull, _mostWaiting, $"The engine is busy: {_slots} requests run and {_mostWaiting} wait, which is all it takes.");
        }
    }

    /// <summary>Hands over what is read when there is nothing else to do. It counts for no limit of the requests and has one of its own: as many as there are slots.</summary>
    /// <returns>false when it is not taken: there are enough, or the loop was stopped.</returns>
    public bool TrySubmitBackground(Sequence sequence) => _inbox.TryAddBackground(sequence);

    /// <summary>Ends every request and then the thread; returns at once. May be called again.</summary>
    public void Stop() => _inbox.Stop();

    /// <summary>Ends every request and waits for the thread's end, unless it is the caller's own.</summary>
    public void Dispose()
    {
        Stop();
        if (Thread.CurrentThread != _thread)
        {
            _thread.Join();
        }
    }

    private IEnumerable<KeyValuePair<string, long>> Memory() =>
        [.. _runner.Memory, KeyValuePair.Create("prefix_cache", _cache.Bytes), KeyValuePair.Create("image_cache", _images.Bytes)];

    private void Run()
    {
        try
        {
            if (_vocabulary is not null)
            {
                _runner.Chooser?.Forbid(_vocabulary.Forbidden);
            }

            while (_inbox.WaitForWork(_isIdle))
            {
                _errands.Run();
                DropCancelled();
                Admit();
                DropOverdue();
                Work();
            }

            End(new OperationCanceledException("The engine was disposed while the request was in it."));
        }
#pragma warning disable CA1031 // the thread's last frame: an error that escapes it would end the process
        catch (Exception error)
#pragma warning restore CA1031
        {
            Stop();
            EngineLog.LoopFailed(_logger, error);
            End(new InvalidOperationException("The engine's loop failed; the engine cannot be used any more.", error));
        }
        finally
        {
            _images.Clear();
            _cache.Clear();
            _errands.Close();
            _tiers.Complete();
            _metrics.Dispose();
            _runner.Dispose();
            _ended.TrySetResult();
        }
    }

    private bool IsIdle() => _errands.IsEmpty && _scheduler.RunningCount == 0 && _scheduler.Waiting.Count == 0;

    private void DropCancelled()
    {
        for (var i = _scheduler.RunningCount - 1; i >= 0; i--)
        {
            DropIfCancelled(_scheduler.RunningAt(i));
        }

        for (var i = _scheduler.Waiting.Count - 1; i >= 0; i--)
        {
            DropIfCancelled(_scheduler.Waiting[i]);
        }
    }

    private void DropIfCancelled(Sequence sequence)
    {
        if (sequence.IsCancelled)
        {
            FailAndLeave(sequence, new OperationCanceledException("The request was cancelled."));
        }
    }

    /// <summary>Refuses what has waited too long; whoever could be given a slot has one by now.</summary>
    private void DropOverdue()
    {
        if (_longestWait is not { } longest)
        {
            return;
        }

        for (var i = _scheduler.Waiting.Count - 1; i >= 0; i--)
        {
            var sequence = _scheduler.Waiting[i];
            var waited = _time.GetElapsedTime(sequence.AcceptedAt);
            if (waited >= longest && !sequence.IsBackground)
            {
                sequence.Fail(Refuse(
                    BusyReason.WaitedTooLong, i, $"The engine is busy: the request waited {waited.TotalSeconds:F1} s for one of {_slots} slots, and at most {longest.TotalSeconds:F1} s are allowed."));
                Leave(sequence);
            }
        }
    }

    private EngineBusyException Refuse(BusyReason reason, int waiting, string message)
    {
        _metrics.Refused(reason);
        EngineLog.Refused(_logger, reason, waiting);
        return new EngineBusyException(message, reason, _estimate.After(waiting));
    }

    /// <summary>Fills the free slots and lets everyone who reads take up what has been kept meanwhile.</summary>
    private void Admit()
    {
        FillSlots();
        while (_inbox.TryTake(out var arrived))   // one by one: where there is room, who came first is admitted first
        {
            if (_stored.MayQueue(arrived))
            {
                _scheduler.Enqueue(arrived);
                DropIfCancelled(arrived);
                FillSlots();
            }
        }

        for (var i = _scheduler.RunningCount - 1; i >= 0; i--)
        {
            var sequence = _scheduler.RunningAt(i);
            _steps.Search(sequence);
            if (sequence.IsBackground && !sequence.IsInLastTurn)
            {
                sequence.Drop();   // what comes before was evicted: reading all of it again is worth it to those alone who ask for it
            }

            LeaveIfFinished(sequence);
        }
    }

    private void FillSlots()
    {
        while (true)
        {
            if (_scheduler.TryAdmit(out var sequence))
            {
                sequence.Slot = _freeSlots.Pop();
                sequence.AdmittedAt = _time.GetTimestamp();
                _metrics.Waited(sequence.IsBackground ? null : _time.GetElapsedTime(sequence.AcceptedAt, sequence.AdmittedAt));
                _steps.Enter(sequence);
            }
            else if (_scheduler.MustGiveWay(out var background))
            {
                background.Drop();
                Leave(background);
            }
            else
            {
                return;
            }
        }
    }

    private void Work()
    {
        if (!_scheduler.TryNext(out var phase, out var sequences))
        {
            return;
        }

        try
        {
            if (phase == Phase.Prefill)
            {
                _steps.Prefill(sequences[0]);
            }
            else
            {
                _steps.Decode(sequences, static (sequence, error) => sequence.Fail(error));
            }
        }
#pragma warning disable CA1031 // whatever a step throws ends its sequences alone; their slots are reset or restored before the next use
        catch (Exception error)
#pragma warning restore CA1031
        {
            var reason = Explain(error, phase, sequences.Count);
            foreach (var sequence in sequences)
            {
                sequence.Fail(reason);
            }
        }

        for (var i = 0; i < sequences.Count; i++)   // by index: an enumerator would be an object per token
        {
            LeaveIfFinished(sequences[i]);
        }
    }

    /// <summary>What is wrong with a request goes to its caller as it is and is no failure of the engine; what is wrong with the model is named and logged as such.</summary>
    private Exception Explain(Exception error, Phase phase, int sequences)
    {
        if (error is ImageFormatException)
        {
            EngineLog.PictureRefused(_logger, error.Message);
            return error;
        }

        EngineLog.StepFailed(_logger, phase, sequences, error);
        return new InvalidOperationException($"The model failed in a {phase} step of {sequences} sequences: {error.Message}", error);
    }

    private void LeaveIfFinished(Sequence sequence)
    {
        if (sequence.IsFinished)
        {
            Leave(sequence);
        }
    }

    private void Leave(Sequence sequence)
    {
        _steps.Leave(sequence);
        _scheduler.Remove(sequence);
        if (sequence.Slot >= 0)
        {
            _estimate.Add(sequence.IsBackground ? null : _time.GetElapsedTime(sequence.AdmittedAt));
            _freeSlots.Push(sequence.Slot);
            sequence.Slot = -1;
        }

        _inbox.Remove(sequence);
        sequence.Conclude();
    }

    private void End(Exception reason)
    {
        while (_inbox.TryTake(out var arrived))
        {
            _scheduler.Enqueue(arrived);
        }

        while (_scheduler.RunningCount > 0)
        {
            FailAndLeave(_scheduler.RunningAt(0), reason);
        }

        while (_scheduler.Waiting.Count > 0)
        {
            FailAndLeave(_scheduler.Waiting[0], reason);
        }

        foreach (var sequence in _stored.Away.Where(static sequence => !sequence.IsFinished))
        {
            FailAndLeave(sequence, reason);
        }
    }

    private void FailAndLeave(Sequence sequence, Exception reason)
    {
        sequence.Fail(reason);
        Leave(sequence);
    }
}
